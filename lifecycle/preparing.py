"""Taking what the shell read: rules, people, working time, the version before."""

from datetime import datetime
from typing import Any

from lifecycle.calendars import WorkingTime, needs_resolving
from lifecycle.commands import Prepare
from lifecycle.definition import Lifecycle
from lifecycle.fact_values import Previous
from lifecycle.facts import CalendarResolved, LifecyclePinned, RosterRead
from lifecycle.roster import Roster
from lifecycle.state import VersionState
from lifecycle.story import Story
from lifecycle.trust_facts import PreviousRead
from lifecycle.turning import turned


def prepare(story: Story, command: Prepare) -> None:
    """Take what is new of it; an older reading of people than the known one is left alone."""
    state = story.state
    # The version before matters to a review that begins, not to one that is under way.
    begins = state.lifecycle is None or state.is_unrequested
    if command.definition is not None and _is_to_pin(state, command, command.definition):
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
    if command.working is not None and _is_news(story.state, command.working, story.now):
        story.add(CalendarResolved(**story.stamp, working=command.working))
    if command.previous is not None and (begins or state.is_withdrawn):
        _read_previous(story, command.previous)
    if command.roster is not None:
        _read(story, command.roster)


def _read(story: Story, roster: Roster) -> None:
    known = story.state.roster
    if known is not None and roster.number < known.number:
        return
    if known is None or _news(story.state, roster) != _news(story.state, known):
        story.add(RosterRead(**story.stamp, roster=turned(roster, story.now)))


def _news(state: VersionState, roster: Roster) -> Roster:
    """Give what of a roster is news when it differs.

    Who is on call and away now follows from the rest. How much people have to do changes all the
    time, and matters only where a rule picks whom to ask by it.
    """
    rules = state.lifecycle.stages if state.lifecycle else ()
    is_picked = any(one.assign is not None for rule in rules for one in rule.signoffs)
    passing: dict[str, Any] = {"number": 0, "on_duty": {}, "absent": {}}
    if not is_picked:
        passing |= {"load": {}, "turns": {}}
    return roster.model_copy(update=passing)


def _is_to_pin(state: VersionState, command: Prepare, definition: Lifecycle) -> bool:
    """Say whether a definition is to be followed from now on.

    The first one is, and a newer one as long as nobody asked for review; who is in review stays
    with theirs.
    """
    if state.lifecycle is None:
        return True
    is_other = definition.digest != state.lifecycle_digest or command.edition > state.edition
    return state.is_unrequested and is_other


def _read_previous(story: Story, previous: Previous) -> None:
    known = story.state.previous or Previous(version="")
    if story.state.edition >= 2 and previous != known:
        story.add(PreviousRead(**story.stamp, previous=previous))


def _is_news(state: VersionState, working: WorkingTime, now: datetime) -> bool:
    known = state.working
    return known is None or known.calendar != working.calendar or needs_resolving(known, now)
