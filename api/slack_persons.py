"""Who is behind a Slack account, where a failure must not look like nobody."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from api.slack_payload import Sender
from api.slack_people import AccountOfAddress, PersonOfSlack

Recognise = Callable[[str], Awaitable[str | None]]
"""Links an account to the person with its address, and names them."""


@dataclass(frozen=True)
class Persons:
    """Finds persons by account, and links who acts for the first time."""

    look_up: PersonOfSlack
    recognise: Recognise
    by_address: AccountOfAddress
    """Finds whose an account is that nobody linked, and links nothing."""

    async def of(self, who: Sender) -> str | None:
        """Name the person behind an account; None when it is nobody's.

        Raises what the database does, and `SlackUnavailable`, `SlackRefused`, `SlackAuthLost`.
        """
        known = await self.look_up(who.enterprise, who.team, who.user)
        return known or await self.recognise(who.user)

    async def colleague(self, picked: Sender) -> str | None:
        """Name the person behind an account that somebody else picked; raises as `of` does."""
        known = await self.look_up(picked.enterprise, picked.team, picked.user)
        return known or await self.by_address(picked.user)
