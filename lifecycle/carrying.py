"""Approvals that stand for the next version too, while all that they bind to is the same.

Nothing is carried implicitly: a fact names the original, and every vote says where it comes from.
"""

from lifecycle.asking import kept_votes
from lifecycle.binding import UNRESOLVED, asked_rules, binding, revision
from lifecycle.calendars import after
from lifecycle.definition import SignoffRule, StageRule
from lifecycle.eligibility import eligible_for
from lifecycle.fact_values import EarlierApproval, Vote
from lifecycle.signoff_facts import ApprovalCarried
from lifecycle.state import Stage, VersionState
from lifecycle.story import Story
from lifecycle.values import Instant

NOTHING = frozenset({"missing", UNRESOLVED})
"""What a binding says of evidence and bytes that are not there."""


def carried(
    state: VersionState, rule: StageRule, round_: int, now: Instant
) -> dict[str, tuple[Vote, ...]]:
    """Give the votes of the last approved version that stand for roles of a stage here too.

    Only roles that were never asked here: what was asked is decided here. Where one person signs
    for one role, somebody who carries one role, or signed for another here, carries no other.
    """
    stage = state.stages[rule.name]
    found: dict[str, tuple[Vote, ...]] = {}
    signed = _signed_here(state, rule, stage)
    for one in asked_rules(state, rule):
        taken = signed | {v.person for votes in found.values() for v in votes}
        approval = _earlier(state, stage, one)
        if approval is not None and approval.binding == _bound(state, rule, one):
            votes = _votes(state, rule, one, approval, round_, now)
            votes = tuple(v for v in votes if v.person not in taken or _signs_any_role(state))
            if len(votes) >= one.needed(len(eligible_for(state, one.roles, rule.name))):
                found[one.role] = votes
    return found


def _signed_here(state: VersionState, rule: StageRule, stage: Stage) -> frozenset[str]:
    """Give those whose approvals of the round before are kept, and whom they stood in for."""
    kept = (
        vote
        for one in asked_rules(state, rule)
        if one.role in stage.earlier
        for vote in kept_votes(
            state,
            stage,
            one.role,
            revision(state, one.role, binding(state, rule, one)),
            stage.earlier[one.role].roles,
        )
    )
    return frozenset(p for vote in kept for p in (vote.person, vote.on_behalf_of) if p)


def _signs_any_role(state: VersionState) -> bool:
    return state.lifecycle is not None and state.lifecycle.separation.one_person == "any_role"


def _earlier(state: VersionState, stage: Stage, one: SignoffRule) -> EarlierApproval | None:
    """Find the role's approval in the last approved version, unless it was asked here already."""
    if state.edition < 2 or not one.carry_over or state.previous is None:
        return None
    if one.role in stage.earlier or one.role in stage.ask_anew:
        return None
    place = (stage.name, one.role)
    return next((a for a in state.previous.approvals if (a.stage, a.role) == place), None)


def _bound(state: VersionState, rule: StageRule, one: SignoffRule) -> dict[str, str] | None:
    """Give what a role binds to here; nothing is the same as something that is not there."""
    bound = binding(state, rule, one)
    return None if NOTHING & set(bound.values()) else bound


def _votes(
    state: VersionState,
    rule: StageRule,
    one: SignoffRule,
    approval: EarlierApproval,
    round_: int,
    now: Instant,
) -> tuple[Vote, ...]:
    """Give the votes of people who may sign here themselves, on no condition, and not too old."""
    eligible = {member.id for member in eligible_for(state, one.roles, rule.name)}
    named = revision(state, one.role, binding(state, rule, one))
    return tuple(
        vote.model_copy(
            update={
                "revision": named,
                "round": round_,
                "right": "owner",
                "on_behalf_of": "",
                "carried_from": vote.carried_from or approval.signoff,
            }
        )
        for vote in approval.votes
        if vote.person in eligible and not vote.conditions and _is_young(state, rule, vote, now)
    )


def _is_young(state: VersionState, rule: StageRule, vote: Vote, now: Instant) -> bool:
    """Say whether an approval would still stand where it was given."""
    trust = state.lifecycle.trust if state.lifecycle else None
    if trust is None or (trust.renew is not None and rule.name not in trust.renew):
        return True
    risk = state.roster.risk if state.roster else None
    return after(vote.at, trust.tier(risk).valid_for, state.working) > now


def record(story: Story, rule: StageRule, round_: int, votes: dict[str, tuple[Vote, ...]]) -> None:
    """Put on record what is carried, naming the sign-off that was approved."""
    previous = story.state.previous
    if previous is None:
        return
    for role, given in votes.items():
        story.add(
            ApprovalCarried(
                **story.stamp,
                stage=rule.name,
                round=round_,
                role=role,
                original=given[0].carried_from,
                from_version=previous.version,
                votes=given,
            )
        )
