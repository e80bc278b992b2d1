"""What follows from the state by the rules alone, until nothing more follows."""

from collections.abc import Callable

from lifecycle.definition import StageRule
from lifecycle.facts import ReviewRequested, VersionApproved, VersionReopened
from lifecycle.lapsing import lapse_by_now
from lifecycle.ordering import open_next
from lifecycle.pacing import hold_when_restless
from lifecycle.rechecks import held_standing_holds, kept_standing_holds, recheck, still_holds
from lifecycle.rounds import ask, count, open_stage, pause, pause_rested
from lifecycle.side_stages import is_over, is_side_stage, stage_rules
from lifecycle.standing import lapse, renew_in_time
from lifecycle.state import Stage, StageStatus, VersionState, VersionStatus
from lifecycle.story import Story
from lifecycle.turning import turn

MOST_BESIDE_STAGES = 1000
"""More than alerts, findings, conditions and overrides can lead to at once."""


def settle(story: Story) -> None:
    """Add every fact that follows; the rules are tried in order until none applies."""
    if story.state.lifecycle is None or story.state.roster is None or story.state.is_closed:
        return
    if story.state.is_withdrawn:  # it rests until somebody requests review again
        return
    if story.settled is story.state:
        return
    turn(story)
    _start(story)
    bound = 20 * (len(stage_rules(story.state)) + 1) * (len(story.lifecycle.roles) + 1)
    bound += MOST_BESIDE_STAGES
    for _ in range(bound):
        if not _step(story):
            story.settled = story.state
            return
    raise RuntimeError("the rules of this lifecycle do not come to rest")


def _start(story: Story) -> None:
    state = story.state
    is_new = state.status == VersionStatus.REGISTERED and state.registered_at is not None
    if is_new and story.lifecycle.start == "on_registration":
        person = state.roster.person(state.registered_by) if state.roster else None
        story.add(
            ReviewRequested(
                **story.stamp, by=state.registered_by, person=person.id if person else None
            )
        )


def _step(story: Story) -> bool:
    if lapse_by_now(story):
        return True
    before = len(story.facts)
    for rule in _live(story.state):
        for apply in _RULES.get(story.stage(rule).status, ()):
            apply(story, rule, story.stage(rule))
            if len(story.facts) > before:
                return True
    _version(story)
    return len(story.facts) > before


def _live(state: VersionState) -> tuple[StageRule, ...]:
    """Give the stages that go on: before a request, only what an override or a finding owes."""
    return tuple(
        rule
        for rule in stage_rules(state)
        if not is_over(state, rule.name)
        and (is_side_stage(rule.name) or state.status != VersionStatus.REGISTERED)
    )


def _version(story: Story) -> None:
    state = story.state
    if state.status == VersionStatus.REGISTERED or state.suspended_why:
        return
    own = {name: stage for name, stage in state.stages.items() if not is_side_stage(name)}
    stands = all(stage.standing is not None for stage in own.values())
    if stands and state.status == VersionStatus.IN_REVIEW:
        story.add(VersionApproved(**story.stamp))
    elif not stands and state.status == VersionStatus.APPROVED:
        fallen = [name for name, stage in own.items() if stage.standing is None]
        why = f"{', '.join(fallen)} no longer stands approved."
        story.add(VersionReopened(**story.stamp, why=why))


_Rule = Callable[[Story, StageRule, Stage], None]
_RULES: dict[StageStatus, tuple[_Rule, ...]] = {
    StageStatus.WAITING: (pause_rested, open_stage),
    StageStatus.SENT_BACK: (pause, open_stage),
    StageStatus.COLLECTING: (pause, kept_standing_holds, lapse, hold_when_restless, ask),
    StageStatus.UNOWNED: (pause, kept_standing_holds, lapse, ask),
    StageStatus.HELD: (pause, held_standing_holds, lapse),
    StageStatus.ASKING: (pause, kept_standing_holds, lapse, recheck, open_next, count),
    StageStatus.APPROVED: (still_holds, renew_in_time, lapse),
    StageStatus.EXPIRED: (still_holds, renew_in_time),
}
