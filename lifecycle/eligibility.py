"""Who may sign: holders of a role, whom an escalation asks, and who stands in for one of them."""

from lifecycle.bearing import remembered_at
from lifecycle.calendars import EPOCH
from lifecycle.fact_values import Dissent, Right, Vote
from lifecycle.involvement import involved, roster_of
from lifecycle.roster import Member
from lifecycle.separation import (
    Exclusion,
    barred,
    escalation_exclusion,
    inherited,
    is_tainted,
    judged,
    stage_of,
)
from lifecycle.standing_in import chain, delegation_by
from lifecycle.state import Basis, Signoff, SignoffStatus, Stage


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


@remembered_at(lambda signoff: signoff.stage)
def counted_votes(state: Basis, signoff: Signoff) -> tuple[Vote, ...]:
    """Give the approvals that count: distinct people who may sign, on the current revision.

    A delegate and whom they stand in for count once. Until the role is approved, votes of people
    who lost it do not count; afterwards the record stands (edition 2), unless the voter turns out
    to be one of those who may not sign because of what they did.
    """
    votes = {v.person: v for v in signoff.votes if v.revision == signoff.revision}
    is_record = state.edition >= 2 and signoff.status == SignoffStatus.APPROVED
    counted: list[Vote] = []
    seated: set[str] = set()
    for vote in votes.values():
        people = {vote.person, vote.on_behalf_of or vote.person}
        counts = _is_untainted if is_record else _is_given_by_right
        if not people & seated and counts(state, signoff, vote):
            counted.append(vote)
            seated |= people
    return tuple(counted)


def _is_untainted(state: Basis, signoff: Signoff, vote: Vote) -> bool:
    if vote.person not in signoff.approved_by:
        return False
    if any(is_tainted(state, signoff, one) for one in (vote.person, vote.on_behalf_of) if one):
        return False
    is_theirs = any(roster_of(state).owns(role, vote.person) for role in signoff.held_by)
    is_asked = vote.right == "escalation" and not is_theirs
    return not is_asked or escalation_exclusion(state, signoff, vote.person) is None


def _is_given_by_right(state: Basis, signoff: Signoff, vote: Vote) -> bool:
    return _holds(state, signoff, vote.person, vote.on_behalf_of)


def _holds(state: Basis, signoff: Signoff, person: str, on_behalf_of: str) -> bool:
    """Say whether the right by which somebody answered is still there.

    What was answered on call, or in somebody's place, counts although the shift or the delegation
    is over: the right was there when it was used. It ends with the right that it came from.
    """
    if barred(state, signoff, person) is not None:
        return False
    principal = on_behalf_of or person
    if principal != person and barred(state, signoff, principal) is not None:
        return False
    if own_right_of(state, signoff, principal) is not None:
        return True
    return any(roster_of(state).takes_turns(role, principal) for role in signoff.held_by)


def role_signed_by(state: Basis, stage: Stage, person: str) -> str | None:
    """Give the role for which a person has approved in a stage's round, or another for them."""
    for role, signoff in stage.signoffs.items():
        votes = counted_votes(state, signoff)
        if any(person in (vote.person, vote.on_behalf_of) for vote in votes):
            return role
    return None


@remembered_at(lambda stage, _signoff: stage.name)
def _seated(state: Basis, stage: Stage, signoff: Signoff) -> frozenset[str]:
    """Give the people who can fill no other seat: who signed, and for whom somebody signed."""
    one_role = state.lifecycle is None or state.lifecycle.separation.one_person == "one_role"
    others = stage.signoffs.values() if one_role else ()
    votes = [vote for each in (signoff, *others) for vote in counted_votes(state, each)]
    return frozenset(p for vote in votes for p in (vote.person, vote.on_behalf_of) if p)


def stood_in_for(state: Basis, stage: Stage, signoff: Signoff, person: str) -> str | None:
    """Give the first person in whose place somebody can still sign a request."""
    seated = _seated(state, stage, signoff)
    held = stand_ins(state, signoff).get(person, ())
    return next((one for one in held if one not in seated), None)


@remembered_at(lambda stage, _signoff: stage.name)
def candidates(state: Basis, stage: Stage, signoff: Signoff) -> tuple[str, ...]:
    """Give those who could still fill a seat in their own name; a stand-in adds no seat."""
    seated = _seated(state, stage, signoff)
    return tuple(person for person in principals(state, signoff) if person not in seated)


@remembered_at(lambda stage, _signoff: stage.name)
def can_decide(state: Basis, stage: Stage, signoff: Signoff) -> tuple[str, ...]:
    """Give the people who may still decide a pending request; none while others come first."""
    if not signoff.is_open:
        return ()
    own, seated = candidates(state, stage, signoff), _seated(state, stage, signoff)
    others = (
        person
        for person, held in stand_ins(state, signoff).items()
        if person not in seated and not seated.issuperset(held)
    )
    return tuple(dict.fromkeys([*own, *others]))


def standing_dissents(state: Basis, signoff: Signoff) -> tuple[Dissent, ...]:
    """Give the objections that count: on this revision, of people who may sign, not given up."""
    found = {
        dissent.person: dissent
        for dissent in signoff.dissents
        if dissent.revision == signoff.revision
        and not dissent.approved_since
        and _holds(state, signoff, dissent.person, dissent.on_behalf_of)
    }
    return tuple(found.values())


@remembered_at(lambda stage, _signoff: stage.name)
def awaited(state: Basis, stage: Stage, signoff: Signoff) -> tuple[str, ...]:
    """Give the people whose answer a pending request waits for, and who are reminded.

    Where only some owners were picked, those; who is away or delegated it is not waited for, but
    who stands in for them is. Who objected has answered, unless nobody else is left to reach the
    quorum.
    """
    may = _present(state, signoff, can_decide(state, stage, signoff))
    asked = set(signoff.asked)
    owners = {m.id for m in eligible_for(state, signoff.held_by, stage_of(state, signoff))}
    picked = tuple(p for p in may if p in asked or p not in owners) or may
    objected = {dissent.person for dissent in standing_dissents(state, signoff)}
    silent = tuple(p for p in picked if p not in objected)
    left = signoff.needed - len(counted_votes(state, signoff))
    return silent if len(silent) >= left else picked


def _present(state: Basis, signoff: Signoff, able: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out who is away, and for whom somebody who can decide stands in."""
    roster = roster_of(state)
    if not roster.absent and not signoff.delegations:
        return able
    may = frozenset(able)
    replaced = {p for one, held in stand_ins(state, signoff).items() if one in may for p in held}
    return tuple(one for one in able if one not in roster.absent and one not in replaced)
