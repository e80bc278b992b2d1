"""Who speaks through a Slack account: its confirmed person, and nobody else."""

from datetime import datetime, timedelta
from typing import NamedTuple

from lifecycle.asked import Refused
from lifecycle.fact_values import Via
from lifecycle.memory import remembered
from lifecycle.roster import Account, Member, Roster

UNCONFIRMED = (
    "This Slack account is not confirmed as {person}'s. Run `undersigned slack link` and send "
    "`/undersigned link CODE` here, or ask an administrator to confirm it."
)
BARRED = {
    "deactivated": "is deactivated",
    "guest": "is a guest's",
    "bot": "is a bot's",
    "foreign": "belongs to no member of this workspace",
}
"""What keeps an account from deciding, as Slack says it, and how it is said."""
FRESH = timedelta(hours=1)
"""How long Slack's word on an account is taken without asking again."""
KNOWN_FOR = timedelta(hours=12)
"""How old Slack's word may be while Slack can't be asked; past that nothing is decided."""


class Held(NamedTuple):
    """A Slack account, and whose it is."""

    member: Member
    account: Account


def account_of(roster: Roster | None, via: Via) -> Held | None:
    """Find a Slack account and whose it is; in an enterprise a user is one in all its teams."""
    if roster is None or not via.slack_user:
        return None
    known = _accounts(roster)
    found = known.get((via.team or "", via.slack_user))
    return found or known.get((via.enterprise or "", via.slack_user))


def speaks(roster: Roster | None, via: Via) -> Member | None:
    """Find whom a Slack account stands for; None when it is nobody's who is known here.

    Raises Refused, with what to do, when it may not speak for its person.
    """
    held = account_of(roster, via)
    if held is None:
        return None
    if not held.account.is_confirmed:
        raise Refused("unconfirmed-account", UNCONFIRMED.format(person=held.member.called))
    barred = via.barred or held.account.barred
    if barred:
        raise Refused("barred-account", barred_sentence(barred))
    return held.member


def barred_sentence(barred: str) -> str:
    """Say why an account may not decide."""
    is_what = BARRED.get(barred, "may not decide")
    return f"This Slack account {is_what}; only full members of the workspace decide here."


def check_heard(roster: Roster | None, via: Via, now: datetime) -> None:
    """Raise Refused when an account may not speak, or it isn't known whether it still may.

    An account that is nobody's is refused by whoever is asked for.
    """
    if speaks(roster, via) is None:
        return
    if via.checked_at is None or now - via.checked_at > KNOWN_FOR:
        raise Refused(
            "unchecked-account",
            "Slack can't be asked now whether this account is still a member's, so nothing is "
            "decided by it. Try again in a few minutes, or use the API or the command line.",
        )


@remembered
def _accounts(roster: Roster) -> dict[tuple[str, str], Held]:
    """Index accounts by workspace and by enterprise; what is said to be several people's is out."""
    found: dict[tuple[str, str], list[Held]] = {}
    for member in roster.people.values():
        for account in member.accounts:
            for place in dict.fromkeys((account.team, account.enterprise or account.team)):
                found.setdefault((place, account.user), []).append(Held(member, account))
    return {
        key: max(held, key=lambda one: one.account.is_confirmed)
        for key, held in found.items()
        if len({one.member.id for one in held}) == 1
    }
