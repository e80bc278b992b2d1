"""Whether a request reached those of whom it is asked, and by which way."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import StringConstraints

from lifecycle.values import Kept

Outcome = Literal["sent", "failed", "not in Slack"]
Way = Literal["slack", "email"]
Why = Annotated[str, StringConstraints(max_length=200)]

SENT: Outcome = "sent"
NO_ADDRESS = "no e-mail is known of them"
TOKEN_LOST = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
"""Slack's codes for a token that it does not accept: nobody's absence, but the workspace's."""
_RANKS: dict[str, int] = {"failed": 1, "not in Slack": 2, "sent": 3}


class Reached(Kept):
    """People of whom the same is known about one way to reach them."""

    way: Way = "slack"
    outcome: Outcome
    why: Why = ""
    """Slack's code or the mail server's answer; empty when it was sent."""
    people: tuple[str, ...]


class Receipt(Reached):
    """What became of handing one role's request to some people."""

    stage: str
    round: int
    role: str


def outcomes_by(known: tuple[Reached, ...], way: Way) -> dict[str, Reached]:
    """Give what is known of one way for each person."""
    return {person: one for one in known if one.way == way for person in one.people}


def news_in(known: tuple[Reached, ...], receipt: Receipt) -> Receipt | None:
    """Give what of a receipt was not known, or None.

    It only gets better or clearer, never back: else showing a view, which tries again, and its
    receipt, which is a new view, could follow on each other for ever.
    """
    before = outcomes_by(known, receipt.way)
    people = tuple(
        person
        for person in dict.fromkeys(receipt.people)
        if person not in before or _rank(before[person]) < _rank(receipt)
    )
    return receipt.model_copy(update={"people": people}) if people else None


def _rank(one: Reached) -> int:
    """Order what may follow on each other; what a lost token hid is found once it is good."""
    return 0 if one.why in TOKEN_LOST else _RANKS[one.outcome]


def with_receipt(known: tuple[Reached, ...], receipt: Receipt) -> tuple[Reached, ...]:
    """Take a receipt into what is known; people with the same are kept together."""
    return tuple(_merged(known, receipt))


def _merged(known: tuple[Reached, ...], new: Receipt) -> Iterator[Reached]:
    told = frozenset(new.people)
    people = new.people
    for one in known:
        if (one.way, one.outcome, one.why) == (new.way, new.outcome, new.why):
            people = tuple(dict.fromkeys([*one.people, *people]))
        elif one.way != new.way or told.isdisjoint(one.people):
            yield one
        elif left := tuple(person for person in one.people if person not in told):
            yield one.model_copy(update={"people": left})
    yield Reached(way=new.way, outcome=new.outcome, why=new.why, people=people)
