"""Who stands in for whom: delegations of a request, and delegates of people who are away."""

from lifecycle.roster import Absence, Roster
from lifecycle.state import DelegationGiven, Signoff, VersionState


def delegation_by(signoff: Signoff, person: str) -> DelegationGiven | None:
    """Give the delegation of a request that a person gave and that is in force."""
    for one in signoff.delegations:
        if one.person == person and not one.ended:
            return one
    return None


def chain(roster: Roster, delegate: str | None, person: str) -> tuple[str, ...]:
    """Give the way from a person to who answers in their place; the last of it is there.

    The delegate of the request comes first, then the one of the person's away period, and on over
    those who are away themselves. A loop, or somebody away without a delegate, ends with nobody.
    """
    way = _followed(roster, delegate, person) if delegate else ()
    return way or _followed(roster, roster.absent.get(person), person)


def _followed(roster: Roster, first: str | None, person: str) -> tuple[str, ...]:
    way: list[str] = []
    one = first
    while one and one != person and one not in way:
        way.append(one)
        if one not in roster.absent:
            return tuple(way)
        one = roster.absent[one]
    return ()


def named_people(state: VersionState) -> tuple[str, ...]:
    """Name who matters to a version beside its owners, so that their identities are read too.

    Those who made it or wrote its code, who stands in for an owner, and who signed.
    """
    stages = state.stages.values()
    requests = [one for stage in stages for one in stage.signoffs.values()]
    delegates = [given.to for one in requests for given in one.delegations]
    signed = [vote.person for one in requests for vote in one.votes]
    named = [*state.producers, *state.commit_authors, *delegates, *signed]
    return tuple(dict.fromkeys(named))


def absence_of(state: VersionState, person: str) -> Absence | None:
    """Give the away period that a person is in, as far as time is on record."""
    member = state.roster.people.get(person) if state.roster else None
    if member is None or state.roster is None or person not in state.roster.absent:
        return None
    at = state.as_of
    held = [a for a in member.away if at is None or a.starts <= at < a.until]
    return held[0] if held else None
