"""Who is behind a Slack account, where a failure must not look like nobody."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from api.slack_payload import Sender
from api.slack_people import AccountOfAddress, PersonOfSlack
from integrations.slack.lookups import LinkOf
from lifecycle.slack_links import SlackLink, SlackUser
from lifecycle.speaking_accounts import UNCONFIRMED, barred_sentence

Recognise = Callable[[str], Awaitable[str | None]]
"""Looks whose an unconfirmed account is, and names the person where addresses are trusted."""

STRANGER = (
    "Nobody in the people file has the e-mail address of this Slack account. Ask an administrator "
    "of Undersigned to put your address there (undersigned apply people.yaml), or run "
    "`undersigned slack link` and send `/undersigned link CODE` here."
)


def why_not(name: str, link: SlackLink) -> str:
    """Say why a linked account may not act, and what to do."""
    return barred_sentence(link.barred) if link.barred else UNCONFIRMED.format(person=name)


@dataclass(frozen=True)
class Persons:
    """Finds persons by account, and looks for who acts for the first time."""

    look_up: PersonOfSlack
    recognise: Recognise
    by_address: AccountOfAddress
    """Finds whose an unconfirmed account is, and links nothing."""
    link_of: LinkOf

    async def of(self, who: Sender) -> str | None:
        """Name the confirmed person behind an account; None when there is none.

        Raises what the database does, and `SlackUnavailable`, `SlackRefused`, `SlackAuthLost`.
        """
        known = await self.look_up(who.enterprise, who.team, who.user)
        return known or await self.recognise(who.user)

    async def unknown(self, who: Sender) -> str:
        """Say what somebody can do whose account may not act; raises as the database does."""
        found = await self.link_of(
            SlackUser(enterprise=who.enterprise, team=who.team, user=who.user)
        )
        if found is None:
            return STRANGER
        return why_not(*found)

    async def colleague(self, picked: Sender) -> str | None:
        """Name the person behind an account that somebody else picked; raises as `of` does."""
        known = await self.look_up(picked.enterprise, picked.team, picked.user)
        return known or await self.by_address(picked.user)
