"""Who was asked, who stands in for whom, and what they answered, for readers."""

from typing import Any

from lifecycle.eligibility import own_right_of, stand_ins
from lifecycle.reach import Reach, reach_of
from lifecycle.state import Signoff, VersionState
from lifecycle.view import AskedView
from lifecycle.view_parts import DelegationView
from lifecycle.votes import standing_dissents


def _called(state: VersionState, person: str) -> str:
    return state.roster.called(person) if state.roster else person


def asked_views(state: VersionState, signoff: Signoff) -> tuple[AskedView, ...]:
    """Give everybody who was asked: owners, whom an escalation asked, who stands in for others.

    Owners who are away come last: they are not asked, and may sign all the same.
    """
    voted = {vote.person for vote in signoff.votes}
    voted |= {dissent.person for dissent in standing_dissents(state, signoff)}
    if signoff.refusal is not None:
        voted.add(signoff.refusal.person)
    instead = stand_ins(state, signoff)
    spoken = {v.person: v.on_behalf_of for v in signoff.votes if v.on_behalf_of}
    absent = state.roster.absent if state.roster else {}
    replaced = tuple(p for held in instead.values() for p in held)
    people = dict.fromkeys([*signoff.asked, *signoff.escalated, *instead, *spoken, *replaced])
    owners = frozenset(signoff.asked)  # there may be hundreds
    reached = reach_of(state, signoff)
    return tuple(
        AskedView(
            person=person,
            name=_called(state, person),
            right="delegation"
            if (person in instead or person in spoken)
            and own_right_of(state, signoff, person) is None
            else "owner"
            if person in owners or person not in signoff.escalated
            else "escalation",
            has_decided=person in voted,
            on_behalf_of=spoken.get(person) or next(iter(instead.get(person, ())), ""),
            is_away=person in absent,
            has_acknowledged=person in signoff.acknowledged,
            snoozed_until=signoff.snoozed.get(person),
            **_delivery(reached.get(person)),
        )
        for person in people
    )


def _delivery(reach: Reach | None) -> dict[str, Any]:
    if reach is None:
        return {}
    by = reach.way if reach.outcome == "sent" else ""
    return {"delivery": reach.outcome, "delivered_by": by, "undelivered": reach.why}


def delegation_views(state: VersionState, signoff: Signoff) -> tuple[DelegationView, ...]:
    """Give the delegations of a request that are in force."""
    return tuple(
        DelegationView(
            person=given.person,
            name=_called(state, given.person),
            to=given.to,
            to_name=_called(state, given.to),
            until=given.until,
            reason=given.reason,
        )
        for given in signoff.delegations
        if not given.ended
    )
