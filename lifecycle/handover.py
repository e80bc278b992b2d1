"""Handing a role over: the giver answers until the receiver accepts."""

from collections.abc import Mapping, Sequence

from lifecycle.commands import Refused
from lifecycle.roster import ModelFile, PersonFile
from lifecycle.values import Frozen, Instant


class Offer(Frozen):
    """A role that somebody is to take over."""

    role: str
    giver: str
    receiver: str
    offered_by: str
    """The giver, or the manager who offers in their place; a person's id or `key:<id>`."""
    note: str = ""


class Handover(Offer):
    """An offer and what became of it."""

    id: int
    status: str
    """`open`, `accepted`, `declined` or `withdrawn`."""
    offered_at: Instant
    ended_at: Instant | None = None
    reason: str = ""


def check_offer(
    model: ModelFile,
    offer: Offer,
    people: Mapping[str, PersonFile],
    open_offers: Sequence[Handover],
) -> None:
    """Raise Refused, with a sentence, for an offer that can't be made."""
    _check_giver(model, offer)
    _check_receiver(model, offer, people)
    for other in open_offers:
        if (other.role, other.giver) == (offer.role, offer.giver):
            raise Refused(
                "already-offered",
                f"{offer.giver} offers {offer.role} to {other.receiver} already (handover "
                f"{other.id}); take that back first.",
            )


def _check_giver(model: ModelFile, offer: Offer) -> None:
    owners = model.owners.get(offer.role, ())
    if offer.giver in owners:
        return
    others = [one for one in owners if ":" in one or " " in one]
    if others:
        raise Refused(
            "not-held-directly",
            f"{offer.giver} is not named as {offer.role} of {model.model} in person; the role is "
            f"held by {', '.join(others)}: change the members there, or the model's owners.",
        )
    raise Refused(
        "not-an-owner",
        f"{offer.giver} is not {offer.role} of {model.model}, so there is nothing to hand over; "
        f"owners are {', '.join(owners) or 'nobody'}.",
    )


def _check_receiver(model: ModelFile, offer: Offer, people: Mapping[str, PersonFile]) -> None:
    receiver = people.get(offer.receiver)
    if offer.receiver == offer.giver:
        raise Refused("handed-to-giver", "A role is handed over to somebody else; name them.")
    if offer.receiver == offer.offered_by:
        raise Refused(
            "handed-to-oneself",
            "Nobody hands a role to themselves; let its owner or another manager offer it.",
        )
    if receiver is None:
        raise Refused("unknown-person", f"Nobody is called {offer.receiver}; describe them first.")
    if receiver.machine:
        raise Refused("machine", f"{offer.receiver} is a machine and can't sign; name a person.")
    if receiver.left:
        raise Refused("left", f"{offer.receiver} has left; name somebody who answers.")
    if offer.receiver in model.owners.get(offer.role, ()):
        raise Refused(
            "holds-it-already",
            f"{offer.receiver} is {offer.role} of {model.model} already; name somebody else.",
        )


def check_acceptance(
    model: ModelFile, handover: Handover, person: str | None, people: Mapping[str, PersonFile]
) -> None:
    """Raise Refused unless this person may accept, and the offer still can be."""
    _check_open(handover)
    _check_is_receiver(handover, person)
    _check_giver(model, handover)
    _check_receiver(model, handover, people)


def check_decline(handover: Handover, person: str | None) -> None:
    """Raise Refused unless this person may decline."""
    _check_open(handover)
    _check_is_receiver(handover, person)


def check_withdrawal(handover: Handover, person: str | None, *, is_manager: bool) -> None:
    """Raise Refused unless this caller may take the offer back."""
    _check_open(handover)
    if not is_manager and person not in (handover.giver, handover.offered_by):
        raise Refused("not-the-giver", f"Only {handover.giver} or a manager takes this offer back.")


def _check_open(handover: Handover) -> None:
    if handover.status != "open":
        raise Refused(
            "not-open", f"Handover {handover.id} was {handover.status}; offer the role again."
        )


def _check_is_receiver(handover: Handover, person: str | None) -> None:
    if person != handover.receiver:
        raise Refused(
            "not-the-receiver",
            f"The role is offered to {handover.receiver}, and only they answer the offer.",
        )
