"""What follows from the state by the rules alone, until nothing more follows."""

from collections.abc import Callable

from lifecycle.basis import remembered_by_basis
from lifecycle.definition import StageRule
from lifecycle.facts import ReviewRequested, VersionApproved, VersionReopened
from lifecycle.lapsing import lapse_by_now
from lifecycle.ordering import open_next
from lifecycle.pacing import hold_when_restless
from lifecycle.rechecks import recheck
from lifecycle.resting import Resting, resting_of
from lifecycle.rounds import ask, count, open_stage, pause, pause_rested
from lifecycle.side_stages import is_over, is_side_stage, stage_rules
from lifecycle.standing import lapse, renew_in_time
from lifecycle.state import Basis, Stage, StageStatus, VersionStatus
from lifecycle.story import Story
from lifecycle.turning import turn
from lifecycle.upholding import held_standing_holds, kept_standing_holds, still_holds

MOST_BESIDE_STAGES = 1000
"""More than alerts, findings, conditions and overrides can lead to at once."""


def settle(story: Story) -> None:
    """Add every fact that follows; the rules are tried in order until none applies."""
    if story.state.lifecycle is None or story.state.roster is None or story.state.is_closed:
        return
    if story.state.is_withdrawn:  # it rests until somebody requests review again
        return
    turn(story)
    resting = resting_of(story.state)
    if resting.is_settled(story.state, story.now):
        return
    _start(story)
    bound = 20 * (len(stage_rules(story.state)) + 1) * (len(story.lifecycle.roles) + 1)
    bound += MOST_BESIDE_STAGES
    for _ in range(bound):
        if not _step(story, resting):
            resting.settled(story.state, story.now)
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


def _step(story: Story, resting: Resting) -> bool:
    if _beside(story, resting):
        return True
    before = len(story.facts)
    for rule in resting.awake(story.state, _live(story.state), story.now):
        stage = story.stage(rule)
        for apply in _RULES.get(stage.status, ()):
            apply(story, rule, stage)
            if len(story.facts) > before:
                return True
        resting.rests(story.state, rule, story.now)
    _version(story)
    return len(story.facts) > before


def _beside(story: Story, resting: Resting) -> bool:
    """Apply the rules on what is beside the stages, unless nothing that they read changed."""
    if resting.is_quiet_beside(story.state, story.now):
        return False
    has_lapsed = lapse_by_now(story)
    if not has_lapsed:
        resting.quiet_beside(story.state, story.now)
    return has_lapsed


@remembered_by_basis
def _live(state: Basis) -> tuple[StageRule, ...]:
    """Give the stages that go on: before a request, only what an override or a finding owes."""
    return tuple(
        rule
        for rule in stage_rules(state)
        if not is_over(state, rule.name) and (is_side_stage(rule.name) or not state.is_unrequested)
    )


def _version(story: Story) -> None:
    state = story.state
    if state.status == VersionStatus.REGISTERED or state.suspended_why:
        return
    stages, own = state.stages, state.lifecycle.stages if state.lifecycle else ()
    fallen = [rule.name for rule in own if stages[rule.name].standing is None]
    if not fallen and state.status == VersionStatus.IN_REVIEW:
        story.add(VersionApproved(**story.stamp))
    elif fallen and state.status == VersionStatus.APPROVED:
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
