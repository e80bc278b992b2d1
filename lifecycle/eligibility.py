"""Who may sign: holders of a role, whom an escalation asks, and who stands in for one of them."""

from lifecycle.bearing import remembered_at
from lifecycle.calendars import EPOCH
from lifecycle.fact_values import Right
from lifecycle.involvement import involved, roster_of
from lifecycle.roster import Member
from lifecycle.separation import (
    Exclusion,
    barred,
    escalation_exclusion,
    inherited,
    judged,
    stage_of,
)
from lifecycle.standing_in import chain, delegation_by
from lifecycle.state import Basis, Signoff


def people_named(state: Basis, target: str) -> tuple[str, ...]:
    """Give the ids of the people whom an escalation names: a role, `person:ana`, `group:risk`.

    Who left is not among them; a rotation names who is on call now. `manager`, `accountable` and
    `owners` depend on the stage and are no business of this.
    """
    return tuple(member.id for member in roster_of(state).named(target))


def eligible_owners(state: Basis, role: str, stage: str = "") -> tuple[Member, ...]:
    """Give the owners of a role who may sign at a stage, also those who are away."""
    return _eligible(state, role, stage)


def eligible_for(state: Basis, roles: tuple[str, ...], stage: str = "") -> tuple[Member, ...]:
    """Give the people who may sign a request of a stage by any of some roles, each once."""
    if len(roles) == 1:
        return _eligible(state, roles[0], stage)
    found = {m.id: m for role in roles for m in _eligible(state, role, stage)}
    return tuple(found.values())


@remembered_at(lambda _role, stage: stage)
def _eligible(state: Basis, role: str, stage: str) -> tuple[Member, ...]:
    done = involved(state, stage)
    owners = roster_of(state).owners_of(role)
    return tuple(m for m in owners if judged(state, role, m.id, done) is None)


def own_right_of(state: Basis, signoff: Signoff, person: str) -> Right | None:
    """Say from where a person's own right to sign comes, standing in for nobody."""
    roster = roster_of(state)
    if any(roster.owns(role, person) for role in signoff.held_by):
        return "owner"
    is_asked = person in signoff.escalated
    return "escalation" if is_asked and not escalation_exclusion(state, signoff, person) else None


def right_of(state: Basis, signoff: Signoff, person: str) -> Right | None:
    """Say from where a person's right to sign comes, or None when there is none."""
    own = own_right_of(state, signoff, person)
    if own is not None:
        return own
    return "delegation" if person in stand_ins(state, signoff) else None


@remembered_at(lambda signoff: signoff.stage)
def principals(state: Basis, signoff: Signoff) -> tuple[str, ...]:
    """Give who may sign in their own name: eligible owners, then who was asked in escalation."""
    stage = stage_of(state, signoff)
    owners = [m.id for m in eligible_for(state, signoff.held_by, stage)]
    others = [
        person
        for person in signoff.escalated
        if own_right_of(state, signoff, person) is not None
        and barred(state, signoff, person) is None
    ]
    return tuple(dict.fromkeys([*owners, *others]))


@remembered_at(lambda signoff: signoff.stage)
def stand_ins(state: Basis, signoff: Signoff) -> dict[str, tuple[str, ...]]:
    """Give who may answer in place of whom: each stand-in with those whom they stand in for.

    They inherit the exclusions of everybody on the way to them; who has a right of their own signs
    in their own name.
    """
    roster = roster_of(state)
    if not roster.absent and not signoff.delegations:
        return {}
    own = principals(state, signoff)
    found: dict[str, tuple[str, ...]] = {}
    for person in own:
        given = delegation_by(signoff, person)
        way = chain(roster, given.to if given else None, person)
        if not way or own_right_of(state, signoff, way[-1]) is not None:
            continue
        if all(barred(state, signoff, one) is None for one in way):
            found[way[-1]] = (*found.get(way[-1], ()), person)
    return found


def stand_in_exclusion(state: Basis, signoff: Signoff, person: str) -> Exclusion | None:
    """Say why somebody who was named to stand in for an owner may not, or None."""
    roster = roster_of(state)
    owners = [m.id for role in signoff.held_by for m in roster.owners_of(role)]
    for owner in dict.fromkeys([*owners, *signoff.escalated]):
        given = delegation_by(signoff, owner)
        way = chain(roster, given.to if given else None, owner)
        if way and way[-1] == person:
            excluded = barred(state, signoff, person)
            return excluded or _inherited_on_the_way(state, signoff, (owner, *way[:-1]))
    return None


def _inherited_on_the_way(state: Basis, signoff: Signoff, way: tuple[str, ...]) -> Exclusion | None:
    for one in way:
        excluded = inherited(state, signoff, (one,))
        if excluded is not None:
            return excluded
    return None


def _unsent(roles: tuple[str, ...], stage: str) -> Signoff:
    """Give a request as nobody was asked it yet, to find who would answer it."""
    return Signoff(
        stage=stage,
        role=roles[0],
        roles=roles if len(roles) > 1 else (),
        round=1,
        statement="",
        revision="",
        binding={},
        asked_at=EPOCH,
    )


def asked_instead(
    state: Basis, people: tuple[str, ...], roles: tuple[str, ...], stage: str
) -> tuple[str, ...]:
    """Give whom to ask in place of people: those who are there, and the delegates of the others.

    Who is away without a delegate is not asked, and may sign all the same.
    """
    roster = roster_of(state)
    if not roster.absent:
        return people
    request = _unsent(roles, stage)
    for_them = {p: one for one, held in stand_ins(state, request).items() for p in held}
    instead = [for_them.get(one, "") if one in roster.absent else one for one in people]
    return tuple(dict.fromkeys(one for one in instead if one))


@remembered_at(lambda signoff: signoff.stage)
def holders(state: Basis, signoff: Signoff) -> tuple[str, ...]:
    """Give everybody who may sign a request: in their own name, then in place of others."""
    return tuple(dict.fromkeys([*principals(state, signoff), *stand_ins(state, signoff)]))
