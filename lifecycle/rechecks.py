"""Whether what owners were asked for is still what stands there; if not, the next round."""

from lifecycle import asking
from lifecycle.assigning import Chosen, chosen
from lifecycle.binding import asked_rules, changes
from lifecycle.definition import SignoffRule, StageRule
from lifecycle.role_changes import roles_changed
from lifecycle.rounds import is_ready
from lifecycle.rounds_anew import (
    affected_roles,
    asked_now,
    begin_round,
    gate_of,
    reopen,
    why_not_ready,
)
from lifecycle.stage_facts import OwnersChanged, SignoffRevised
from lifecycle.state import Basis, Signoff, SignoffStatus, Stage
from lifecycle.story import Story


def recheck(story: Story, rule: StageRule, stage: Stage) -> None:
    """Look whether what owners were asked for is still what stands there."""
    if not is_ready(story.state, rule, story.now):
        affected = affected_roles(story.state, rule, stage)
        why = why_not_ready(story.state, rule, story.now)
        changed = _what_changed(story, rule, stage, affected)
        reopen(story, rule, stage, "evidence", " ".join([*changed, why]), affected)
        return
    if _is_as_asked(story.state, rule, stage):
        return
    roles = tuple(one.role for one in asked_rules(story.state, rule))
    if roles != tuple(stage.signoffs):
        why = roles_changed(story.state, rule, stage, tuple(stage.signoffs), roles)
        reopen(story, rule, stage, "rule", why, affected_roles(story.state, rule, stage))
        return
    for one in asked_rules(story.state, rule):
        if _revise(story, rule, stage, stage.signoffs[one.role]):
            return
    void = _without_quorum(story.state, stage)
    if void is not None:
        why = f"Who approved as {void} may not sign any more."
        begin_round(story, rule, stage, "rule", why, (void,), gate=gate_of(stage), anew=())
        return
    _owners(story, rule, stage)


def _is_as_asked(state: Basis, rule: StageRule, stage: Stage) -> bool:
    """Say whether the same is asked of the same people as is open, whatever the instant."""
    asked = asked_rules(state, rule)
    return (
        [one.role for one in asked] == [*stage.signoffs]
        and not affected_roles(state, rule, stage)
        and _without_quorum(state, stage) is None
        and _changed_owners(state, asked, stage) is None
    )


def _what_changed(
    story: Story, rule: StageRule, stage: Stage, affected: tuple[str, ...]
) -> tuple[str, ...]:
    """Say which bytes are others now; what is wrong with evidence is said by its standing."""
    sentences: dict[str, None] = {}
    for role in affected:
        current = asked_now(story.state, rule, role)
        found = changes(stage.signoffs[role].binding, current[1]) if current else ()
        sentences.update(dict.fromkeys(s for s in found if s.startswith("artifact ")))
    return tuple(sentences)


def _without_quorum(state: Basis, stage: Stage) -> str | None:
    """Find a role whose approval no longer comes from enough people who may sign.

    Somebody may have left, asked for the review, or turned out to be a producer since. Votes that
    count are kept for the next round.
    """
    for role, signoff in stage.signoffs.items():
        is_approved = signoff.status == SignoffStatus.APPROVED and not signoff.advisory
        if is_approved and not asking.has_quorum(state, signoff):
            return role
    return None


def _revise(story: Story, rule: StageRule, stage: Stage, signoff: Signoff) -> bool:
    current = asked_now(story.state, rule, signoff.role)
    if current is None or current[0] == signoff.revision:
        return False
    named, bound = current
    changed = changes(signoff.binding, bound)
    has_answers = signoff.votes or signoff.status != SignoffStatus.PENDING
    if has_answers and not signoff.advisory:
        affected = affected_roles(story.state, rule, stage)
        reopen(story, rule, stage, "changed", " ".join(changed), affected)
    else:
        story.add(
            SignoffRevised(
                **story.stamp,
                stage=rule.name,
                round=stage.round,
                role=signoff.role,
                revision=named,
                binding=bound,
                changed=changed,
            )
        )
    return True


def _owners(story: Story, rule: StageRule, stage: Stage) -> None:
    changed = _changed_owners(story.state, asked_rules(story.state, rule), stage)
    if changed is None:
        return
    role, people = changed
    story.add(
        OwnersChanged(
            **story.stamp,
            stage=rule.name,
            round=stage.round,
            role=role,
            asked=people.asked,
            needed=people.needed,
            roles=people.roles,
            fallback=people.fallback,
        )
    )


def _changed_owners(
    state: Basis, asked: tuple[SignoffRule, ...], stage: Stage
) -> tuple[str, Chosen] | None:
    """Find the first role that others are asked for than its request says, and who they are."""
    for one in asked:
        signoff = stage.signoffs[one.role]
        if signoff.status != SignoffStatus.PENDING or _is_carried(state, signoff):
            continue
        people = chosen(state, stage, one, signoff, _picked_elsewhere(stage, one.role))
        known = (signoff.asked, signoff.needed, signoff.roles, signoff.fallback)
        if people != known:
            return one.role, people
    return None


def _is_carried(state: Basis, signoff: Signoff) -> bool:
    """Say whether carried approvals are enough, so that nobody is asked."""
    return any(v.carried_from for v in signoff.votes) and asking.has_quorum(state, signoff)


def _picked_elsewhere(stage: Stage, role: str) -> tuple[str, ...]:
    return tuple(p for r, s in stage.signoffs.items() if r != role for p in s.asked)
