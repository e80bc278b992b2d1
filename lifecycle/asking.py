"""Asking owners: who, for what revision, until when, and what happens if they stay silent."""

from lifecycle.binding import asked_rules, binding, revision
from lifecycle.clocks import planned_steps, signoffs_due
from lifecycle.definition import Lifecycle, SignoffRule, StageRule
from lifecycle.eligibility import (
    can_decide,
    counted_votes,
    eligible_owners,
    exclusion,
)
from lifecycle.fact_values import Asking, Vote
from lifecycle.seats import RoleSeats, Shortage, shortage
from lifecycle.stage_facts import OwnersAsked
from lifecycle.state import Signoff, SignoffStatus, Stage, VersionState
from lifecycle.story import Stamp


def next_round(stage: Stage) -> int:
    """Give the round for a new request: the open one, unless its sign-offs were asked already."""
    was_asked = any(s.round == stage.round for s in stage.earlier.values())
    return stage.round + 1 if was_asked else max(stage.round, 1)


def kept_votes(
    state: VersionState, stage: Stage, role: str, current_revision: str
) -> tuple[Vote, ...]:
    """Give the approvals of the round before that still stand: same revision, and still allowed."""
    earlier = stage.earlier.get(role)
    if earlier is None or role in stage.ask_anew:
        return ()
    if earlier.status == SignoffStatus.CHANGES_REQUESTED:
        return ()
    current = earlier.model_copy(update={"revision": current_revision})
    return counted_votes(state, current)


def _asking(state: VersionState, stage: Stage, rule: StageRule, signoff: SignoffRule) -> Asking:
    bound = binding(state, rule, signoff)
    named = revision(state, signoff.role, bound)
    owners = eligible_owners(state, signoff.role)
    return Asking(
        role=signoff.role,
        statement=signoff.statement,
        revision=named,
        binding=bound,
        asked=tuple(owner.id for owner in owners),
        needed=signoff.needed(len(owners)),
        roles=signoff.any_of,
        advisory=signoff.advisory,
        changes_needed=signoff.changes_quorum,
        kept=kept_votes(state, stage, signoff.role, named),
    )


def asking_of(state: VersionState, rule: StageRule) -> tuple[Asking, ...]:
    """Give the requests that a stage would send out as things are."""
    stage = state.stages[rule.name]
    return tuple(_asking(state, stage, rule, one) for one in asked_rules(state, rule))


def owners_asked(
    state: VersionState, rule: StageRule, asking: tuple[Asking, ...], stamp: Stamp
) -> OwnersAsked:
    """Fix the deadline and every step of the escalation from this instant on."""
    now = stamp["at"]
    at_once = tuple(one.role for one in asking if not one.after)
    roles = at_once if len(at_once) < len(asking) else ()
    return OwnersAsked(
        **stamp,
        stage=rule.name,
        round=next_round(state.stages[rule.name]),
        signoffs=asking,
        due=signoffs_due(state, rule, now),
        steps=planned_steps(state, rule, now, roles),
    )


def _is_one_role(lifecycle: Lifecycle) -> bool:
    return lifecycle.separation.one_person == "one_role"


def shortage_before(lifecycle: Lifecycle, asking: tuple[Asking, ...]) -> Shortage | None:
    """Find seats that nobody can fill before owners are asked."""
    one_role = _is_one_role(lifecycle)
    signed = {vote.person for a in asking for vote in a.kept}
    seats = []
    for a in asking:
        own = {vote.person for vote in a.kept}
        taken = signed if one_role else own
        seats.append(
            RoleSeats(
                role=a.role,
                seats=max(0, a.needed - len(own)),
                candidates=tuple(p for p in a.asked if p not in taken),
            )
        )
    return shortage(tuple(seats), one_role_each=one_role)


def shortage_now(state: VersionState, lifecycle: Lifecycle, stage: Stage) -> Shortage | None:
    """Find seats of the pending requests that nobody can fill any more."""
    seats = tuple(
        RoleSeats(
            role=role,
            seats=max(0, signoff.needed - len(counted_votes(state, signoff))),
            candidates=can_decide(state, stage, signoff),
        )
        for role, signoff in stage.signoffs.items()
        if signoff.status == SignoffStatus.PENDING
    )
    return shortage(seats, one_role_each=_is_one_role(lifecycle))


def excluded_owners(state: VersionState, role: str) -> tuple[str, ...]:
    """Say of each owner of a role who may not sign, why."""
    sentences = []
    roster = state.roster
    for owner in roster.owners_of(role) if roster else ():
        found = exclusion(state, role, owner.id)
        if found is not None:
            reason = found.code.replace("-may-not-sign", "").replace("-", " ")
            sentences.append(f"{owner.called} may not sign ({reason}).")
    return tuple(sentences)


def has_quorum(state: VersionState, signoff: Signoff) -> bool:
    """Say whether enough distinct people who may sign have approved this revision."""
    votes = counted_votes(state, signoff)
    return bool(votes) and len(votes) >= max(1, signoff.needed)
