"""What accounts are now: Slack is asked when its last word is old, and says so unasked."""

import logging
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database.engine import is_unreachable
from integrations.database.slack_checks import Check, last_check, note_check
from integrations.database.slack_links import links_of
from integrations.slack.accounts import Accounts
from integrations.slack.client import SlackClient
from integrations.slack.failures import SlackRefused
from integrations.slack.members import Account, Team
from lifecycle.slack_links import SlackUser
from lifecycle.speaking_accounts import FRESH

UNKNOWN_TO_SLACK = frozenset({"user_not_found", "user_not_visible", "users_not_found"})

_log = logging.getLogger(__name__)


class Standing:
    """Asks Slack about accounts in one workspace, and remembers its word."""

    def __init__(
        self, client: SlackClient, engine: AsyncEngine, team: Team, *, trusts_email: bool = False
    ) -> None:
        self._client = client
        self._engine = engine
        self._team = team
        self._accounts = Accounts(client, engine, team, trusts_email=trusts_email)

    async def check(self, account: SlackUser, at: datetime) -> Check | None:
        """Say what an account is, and write down what is new of it; None of other workspaces'.

        While the database is away, Slack's word is given and nothing written. Raises
        `SlackUnavailable`, `SlackRefused` and `SlackAuthLost`.
        """
        if not self._team.has(account.team, account.enterprise):
            return None
        known = await self._last(account)
        if known is not None and at - known.checked_at < FRESH:
            return known
        try:
            found, email = await self._client.account_with_email(account.user)
        except SlackRefused as refusal:
            if refusal.error not in UNKNOWN_TO_SLACK:
                raise
            barred = "foreign"
        else:
            barred = self._team.barred(found)
            await self._propose(found, email)
        await self._note(account, barred, at)
        return Check(barred=barred, checked_at=at)

    async def note(self, account: Account, at: datetime) -> tuple[str, ...]:
        """Take Slack's word that it gave unasked; give the people whom it changes."""
        user = SlackUser(enterprise=account.enterprise, team=self._place(account), user=account.id)
        async with self._engine.begin() as connection:
            return await note_check(connection, user, self._team.barred(account), at)

    def _place(self, account: Account) -> str:
        return account.team if self._team.is_org_wide else self._team.id

    async def _last(self, account: SlackUser) -> Check | None:
        try:
            async with self._engine.connect() as connection:
                links = await links_of(connection, account)
                if not any(one.is_confirmed for one in links):
                    return None  # whose it is may have become known meanwhile
                return await last_check(connection, account.team, account.user)
        except (DBAPIError, OSError, TimeoutError) as error:
            if not is_unreachable(error):
                raise
            _log.warning("the database is away; Slack is asked what an account is")
            return None

    async def _propose(self, account: Account, email: str) -> None:
        try:
            await self._accounts.propose(account, email)
        except (DBAPIError, OSError, TimeoutError) as error:
            if not is_unreachable(error):
                raise

    async def _note(self, account: SlackUser, barred: str, at: datetime) -> None:
        try:
            async with self._engine.begin() as connection:
                await note_check(connection, account, barred, at)
        except (DBAPIError, OSError, TimeoutError) as error:
            if not is_unreachable(error):
                raise
            _log.warning("the database is away; what Slack said of an account is not kept")
