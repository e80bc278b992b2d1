"""Who can still answer a request by the seats that are free, and whose answer is awaited."""

from lifecycle.bearing import remembered_at
from lifecycle.eligibility import eligible_for, principals, stand_ins
from lifecycle.involvement import roster_of
from lifecycle.separation import stage_of
from lifecycle.state import Basis, Signoff, Stage
from lifecycle.votes import counted_votes, standing_dissents


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
