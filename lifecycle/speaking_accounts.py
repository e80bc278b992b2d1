"""Who speaks through a Slack account: its confirmed person, and nobody else."""

from typing import NamedTuple

from lifecycle.asked import Refused
from lifecycle.fact_values import Via
from lifecycle.memory import remembered
from lifecycle.roster import Account, Member, Roster

UNCONFIRMED = (
    "This Slack account is not confirmed as {person}'s. Run `undersigned slack link` and send "
    "`/undersigned link CODE` here, or ask an administrator to confirm it."
)


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
    return held.member


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
