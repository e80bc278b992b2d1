"""Taking what the shell read: rules, people, working time, the version before."""

from datetime import datetime

from lifecycle.calendars import WorkingTime, needs_resolving
from lifecycle.commands import Prepare
from lifecycle.facts import CalendarResolved, LifecyclePinned, RosterRead
from lifecycle.state import VersionState
from lifecycle.story import Story


def prepare(story: Story, command: Prepare) -> None:
    """Take what is new of it; an older reading of people than the known one is left alone."""
    state = story.state
    if command.definition is not None and state.lifecycle is None:
        definition = command.definition
        story.add(
            LifecyclePinned(
                **story.stamp,
                digest=definition.digest,
                definition=definition,
                edition=command.edition,
                pace=command.pace,
            )
        )
    if command.working is not None and _is_news(state, command.working, story.now):
        story.add(CalendarResolved(**story.stamp, working=command.working))
    roster = command.roster
    if roster is None or (state.roster is not None and roster.number < state.roster.number):
        return
    if state.roster is None or roster.model_copy(update={"number": 0}) != state.roster.model_copy(
        update={"number": 0}
    ):
        story.add(RosterRead(**story.stamp, roster=roster))


def _is_news(state: VersionState, working: WorkingTime, now: datetime) -> bool:
    known = state.working
    return known is None or known.calendar != working.calendar or needs_resolving(known, now)
