"""Which approvals and objections count: of distinct people who may sign, on what is asked."""

from lifecycle.bearing import remembered_at
from lifecycle.eligibility import own_right_of
from lifecycle.fact_values import Dissent, Vote
from lifecycle.involvement import roster_of
from lifecycle.separation import barred, escalation_exclusion, is_tainted
from lifecycle.state import Basis, Signoff, SignoffStatus, Stage


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
