"""Asking owners: who, for what revision, until when, and what happens if they stay silent."""

from collections.abc import Iterable, Mapping

from lifecycle.assigning import chosen
from lifecycle.binding import asked_rules, binding, revision
from lifecycle.building import built
from lifecycle.clocks import planned_steps, signoffs_due
from lifecycle.definition import Lifecycle, SignoffRule, StageRule
from lifecycle.eligibility import eligible_for
from lifecycle.fact_values import Asking, Vote
from lifecycle.free_seats import candidates
from lifecycle.seats import RoleSeats, Shortage, shortage
from lifecycle.separation import exclusion
from lifecycle.stage_facts import OwnersAsked
from lifecycle.state import Basis, Signoff, SignoffStatus, Stage, VersionState
from lifecycle.story import Stamp
from lifecycle.votes import counted_votes


def next_round(stage: Stage) -> int:
    """Give the round for a new request: the open one, unless its sign-offs were asked already."""
    was_asked = any(s.round == stage.round for s in stage.earlier.values())
    return stage.round + 1 if was_asked else max(stage.round, 1)


def kept_votes(
    state: VersionState, stage: Stage, role: str, current_revision: str, roles: tuple[str, ...] = ()
) -> tuple[Vote, ...]:
    """Give the approvals of the round before that still stand: same revision, and still allowed."""
    earlier = stage.earlier.get(role)
    if earlier is None or role in stage.ask_anew:
        return ()
    if earlier.status == SignoffStatus.CHANGES_REQUESTED:
        return ()
    # A role that was approved is asked anew: votes of people who lost it are kept no longer.
    update = {"revision": current_revision, "roles": roles, "status": SignoffStatus.PENDING}
    current = earlier.model_copy(update=update)
    return counted_votes(state, current)


def asking_of(
    state: VersionState, rule: StageRule, carried: Mapping[str, tuple[Vote, ...]]
) -> tuple[Asking, ...]:
    """Give the requests that a stage would send out as things are; who carried is not asked."""
    stage = state.stages[rule.name]
    asked = asked_rules(state, rule)
    deciding = {one.role for one in asked if not one.advisory}
    requests: list[Asking] = []
    for one in asked:
        elsewhere = tuple(person for request in requests for person in request.asked)
        before = tuple(role for role in one.after if role in deciding and role != one.role)
        request = _asking(state, stage, rule, one, before, elsewhere)
        if one.role in carried:
            request = request.model_copy(update={"asked": (), "kept": carried[one.role]})
        requests.append(request)
    return tuple(requests)


def _asking(
    state: VersionState,
    stage: Stage,
    rule: StageRule,
    signoff: SignoffRule,
    before: tuple[str, ...],
    elsewhere: tuple[str, ...],
) -> Asking:
    bound = binding(state, rule, signoff)
    named = revision(state, signoff.role, bound)
    people = chosen(state, stage, signoff, _before(state, stage, signoff.role, named), elsewhere)
    return built(
        Asking,
        role=signoff.role,
        statement=signoff.statement,
        revision=named,
        binding=bound,
        asked=people.asked,
        needed=people.needed,
        roles=people.roles,
        fallback=people.fallback,
        after=before,
        advisory=signoff.advisory,
        changes_needed=signoff.changes_quorum,
        kept=kept_votes(state, stage, signoff.role, named, people.roles),
    )


def _before(state: VersionState, stage: Stage, role: str, named: str) -> Signoff | None:
    """Give a role's request of the round before, with those of its votes that are kept."""
    earlier = stage.earlier.get(role)
    if earlier is None:
        return None
    votes = kept_votes(state, stage, role, named, earlier.roles)
    return earlier.model_copy(update={"revision": named, "votes": votes})


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


def _seated(votes: Iterable[Vote]) -> frozenset[str]:
    """Give who can fill no other seat: who signed, and for whom somebody signed."""
    return frozenset(p for vote in votes for p in (vote.person, vote.on_behalf_of) if p)


def shortage_before(
    state: VersionState, rule: StageRule, lifecycle: Lifecycle, asking: tuple[Asking, ...]
) -> Shortage | None:
    """Find seats that nobody can fill before owners are asked; those that only advise may stay."""
    one_role = _is_one_role(lifecycle)
    signed = _seated(v for a in asking for v in a.kept)
    seats = []
    for a in asking:
        if a.advisory:
            continue
        taken = signed if one_role else _seated(a.kept)
        owners = eligible_for(state, a.roles or (a.role,), rule.name)
        seats.append(
            RoleSeats(
                role=a.role,
                seats=max(0, a.needed - len(a.kept)),
                candidates=tuple(m.id for m in owners if m.id not in taken),
            )
        )
    return shortage(tuple(seats), one_role_each=one_role)


def shortage_now(state: Basis, lifecycle: Lifecycle, stage: Stage) -> Shortage | None:
    """Find seats of the pending requests that nobody can fill any more."""
    seats = tuple(
        RoleSeats(role=role, seats=left, candidates=candidates(state, stage, signoff))
        for role, signoff in stage.signoffs.items()
        if signoff.status == SignoffStatus.PENDING and not signoff.advisory
        if (left := signoff.needed - len(counted_votes(state, signoff))) > 0
    )
    return shortage(seats, one_role_each=_is_one_role(lifecycle))


def excluded_owners(state: VersionState, stage: str, roles: tuple[str, ...]) -> tuple[str, ...]:
    """Say of each owner of some roles who may not sign, why."""
    sentences = []
    roster = state.roster
    owners = [(role, owner) for role in roles for owner in roster.owners_of(role)] if roster else []
    for role, owner in owners:
        found = exclusion(state, role, owner.id, stage)
        if found is not None:
            reason = found.code.replace("-may-not-sign", "").replace("-", " ")
            sentences.append(f"{owner.called} may not sign ({reason}).")
    return tuple(sentences)


def has_quorum(state: Basis, signoff: Signoff) -> bool:
    """Say whether enough distinct people who may sign have approved this revision."""
    votes = counted_votes(state, signoff)
    return bool(votes) and len(votes) >= max(1, signoff.needed)


def reached(state: Basis, stage: Stage) -> tuple[str, tuple[str, ...]] | None:
    """Find a role of a stage that just reached its quorum, and by whom."""
    for role, signoff in stage.signoffs.items():
        if signoff.status == SignoffStatus.PENDING and has_quorum(state, signoff):
            return role, tuple(vote.person for vote in counted_votes(state, signoff))
    return None
