"""Whether a request reached somebody, in words."""

from typing import NamedTuple

from lifecycle.memory import remembered
from lifecycle.receipts import NO_ADDRESS, SENT, TOKEN_LOST, Outcome, Reached, Way, outcomes_by
from lifecycle.state import Signoff, VersionState

_WORDS = {
    "account_inactive": "the Slack app is uninstalled",
    "channel_not_found": "Slack lets the app write to them no more",
    "invalid_auth": "Slack does not accept the app's token",
    "not_authed": "Slack does not accept the app's token",
    "token_expired": "the token of the Slack app has expired",
    "token_revoked": "the token of the Slack app is revoked",
}


class Reach(NamedTuple):
    """What is known of reaching one person with a request."""

    outcome: Outcome
    way: Way
    why: str = ""
    """Why it did not reach them in Slack, in a few words; empty when it did."""


@remembered
def reach_of(state: VersionState, signoff: Signoff) -> dict[str, Reach]:
    """Say for each person of whom anything is known whether a request reached them."""
    in_slack, by_mail = (outcomes_by(signoff.receipts, way) for way in ("slack", "email"))
    return {
        person: _reach(state, person, in_slack.get(person), by_mail.get(person))
        for person in dict.fromkeys([*in_slack, *by_mail])
    }


def _reach(
    state: VersionState, person: str, in_slack: Reached | None, by_mail: Reached | None
) -> Reach:
    if in_slack is not None and in_slack.outcome == "sent":
        return Reach("sent", "slack")
    why = words_of(state, person, in_slack.why) if in_slack else ""
    if by_mail is not None and by_mail.outcome == "sent":
        return Reach("sent", "email", why)
    if by_mail is not None:
        why = f"{why}; by e-mail: {by_mail.why}" if why else by_mail.why
    return Reach(in_slack.outcome if in_slack else "failed", "slack", why)


def missing_in_slack(signoff: Signoff) -> frozenset[str]:
    """Give whom a request did not reach in Slack for a reason of their own."""
    known = outcomes_by(signoff.receipts, "slack")
    return frozenset(
        person for person, one in known.items() if one.outcome != SENT and one.why not in TOKEN_LOST
    )


def words_of(state: VersionState, person: str, why: str) -> str:
    """Say why Slack did not take a request, in a few words; a code without any as it is.

    They change with the address that is on file: a card that says so is then tried again.
    """
    address = address_of(state, person)
    if why == "users_not_found":
        return f"no account with {address}" if address else "no account with their e-mail"
    if why == NO_ADDRESS and address:
        return f"no account was found before {address} was known"
    return _WORDS.get(why, why)


def address_of(state: VersionState, person: str) -> str:
    """Give a person's e-mail address, or an empty text."""
    member = state.roster.person(person) if state.roster else None
    found = (one for one in member.identities if one.startswith("email:")) if member else ()
    return next(iter(found), "").removeprefix("email:")
