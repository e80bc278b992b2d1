"""Whose a Slack account is: proposed by its address, and confirmed before it decides anything."""

from collections.abc import Sequence
from typing import Literal

from lifecycle.asked import Refused
from lifecycle.roster import PersonFile
from lifecycle.values import Frozen

How = Literal["admin", "code", "sso"]
"""Who confirmed an account: an administrator; its person, by a code from their own API key; or the
identity provider, where an operator says that it keeps members from changing addresses."""


class SlackUser(Frozen):
    """An account; in an enterprise a user has one id in all its workspaces."""

    enterprise: str | None = None
    team: str
    user: str

    def is_same(self, other: "SlackUser") -> bool:
        """Say whether two names mean one account."""
        is_near = self.team == other.team or (
            self.enterprise is not None and self.enterprise == other.enterprise
        )
        return is_near and self.user == other.user

    @property
    def called(self) -> str:
        """The account as people write it."""
        return f"{self.team}/{self.user}"


class SlackLink(SlackUser):
    """An account and the person that it is said to be."""

    person: str
    is_confirmed: bool = False
    barred: str = ""
    """Why Slack says that it may not decide."""


def check_proposal(
    account: SlackUser, person: str, file: PersonFile | None, known: Sequence[SlackLink]
) -> bool:
    """Say whether an account that has a person's address is to be proposed as theirs.

    What is known already stands: an address never moves an account or a person. Raises Refused.
    """
    _check_person(person, file)
    for link in known:
        if link.is_same(account) and link.person != person:
            raise Refused(
                "account-taken", f"The Slack account {account.called} is {link.person}'s."
            )
        if link.person == person and link.team == account.team and link.user != account.user:
            raise Refused(
                "has-account", f"{person} has the Slack account {link.called} in this workspace."
            )
    return not any(link.called == account.called for link in known)


def check_confirmation(
    account: SlackUser, person: str, file: PersonFile | None, known: Sequence[SlackLink]
) -> tuple[SlackLink, ...]:
    """Give the proposals that a confirmation puts an end to; raises Refused when it can't be.

    An account is one person's, and a person has one account in a workspace. A confirmed link gives
    way to nobody; an administrator takes it back first, on record.
    """
    _check_person(person, file)
    replaced = []
    for link in known:
        is_theirs = link.person == person
        if link.is_same(account) and not is_theirs and link.is_confirmed:
            raise Refused(
                "account-taken",
                f"The Slack account {account.called} is confirmed as {link.person}'s. If that is "
                f"wrong, an administrator takes it back first: undersigned people unlink "
                f"{link.person} --slack {link.called}",
            )
        is_other = is_theirs and link.team == account.team and link.user != account.user
        if is_other and link.is_confirmed:
            raise Refused(
                "has-account",
                f"{person} has the confirmed Slack account {link.called} in this workspace. If "
                "that is wrong, an administrator takes it back first: undersigned people unlink "
                f"{person} --slack {link.called}",
            )
        if not link.is_confirmed and (is_other or (link.is_same(account) and not is_theirs)):
            replaced.append(link)
    return tuple(replaced)


def _check_person(person: str, file: PersonFile | None) -> None:
    if file is None:
        raise Refused("unknown-person", f"Nobody is called {person}; describe them first.")
    if file.machine:
        raise Refused("machine", f"{person} is a machine and has no Slack account; name a person.")
    if file.left:
        raise Refused("left", f"{person} has left; no account decides for them.")
