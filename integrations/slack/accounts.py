"""Which Slack account a person has: the stored one, proposed by e-mail only the first time."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import registry, slack_store
from integrations.database.slack_links import Act, confirm_link, propose_link
from integrations.slack.client import SlackClient
from integrations.slack.failures import SlackRefused, SlackUnavailable
from integrations.slack.members import Account, Team
from integrations.slack.moments import now
from lifecycle.asked import Refused
from lifecycle.fact_values import Via
from lifecycle.receipts import NO_ADDRESS
from lifecycle.slack_links import SlackUser

LINKED_BY = "system"
"""The principal of a link that nobody made by hand."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Linked:
    """A person whose Slack account was found just now."""

    person: str
    team: str
    user: str


@dataclass
class Found:
    """What is known of the accounts of some people."""

    users: dict[str, str] = field(default_factory=dict)
    """Slack user ids by person."""
    missing: dict[str, str] = field(default_factory=dict)
    """Why a person has none, by person."""
    unsure: dict[str, SlackUnavailable] = field(default_factory=dict)
    """Whom Slack could not be asked about."""
    linked: list[Linked] = field(default_factory=list)


class Accounts:
    """Finds accounts and remembers them: to be confirmed, or for good where addresses are trusted.

    Addresses are trusted only where an operator says that members can't change them.
    """

    def __init__(
        self, client: SlackClient, engine: AsyncEngine, team: Team, *, trusts_email: bool = False
    ) -> None:
        self._client = client
        self._engine = engine
        self._team = team
        self._trusts_email = trusts_email

    async def of(self, people: Iterable[str]) -> Found:
        """Find the accounts of people; raises `SlackAuthLost`."""
        wanted = sorted(set(people))
        found = Found()
        async with self._engine.connect() as connection:
            found.users = dict(await slack_store.slack_of_people(connection, wanted, self._team.id))
        trouble: SlackUnavailable | None = None
        for person in wanted:
            if person in found.users:
                continue
            if trouble is None:
                trouble = await self._look_up(person, found)
            if trouble is not None:  # the others would only meet the same
                found.unsure[person] = trouble
        return found

    async def recognise(self, user: str) -> Linked | None:
        """Find whose an unconfirmed account of our team is, by its address.

        None when it is nobody's, and also when it is only proposed by that. Raises
        `SlackUnavailable`, `SlackRefused` and `SlackAuthLost`.
        """
        return await self.propose(*await self._client.account_with_email(user))

    async def propose(self, account: Account, email: str) -> Linked | None:
        """Propose, or where addresses are trusted confirm, an account by its address.

        None when it is not confirmed by that.
        """
        if not email:
            return None
        async with self._engine.connect() as connection:
            person = await registry.person_with(connection, f"email:{email.lower()}")
        if person is None:
            return None
        found = Found()
        await self._link(person, account, email, found)
        return found.linked[0] if found.linked and self._trusts_email else None

    async def _look_up(self, person: str, found: Found) -> SlackUnavailable | None:
        async with self._engine.connect() as connection:
            file = await registry.get_person(connection, person)
        if file is None or file.machine or not file.email:
            found.missing[person] = NO_ADDRESS
            return None
        try:
            account = await self._client.account_by_email(file.email)
        except SlackRefused as refusal:
            found.missing[person] = refusal.error
        except SlackUnavailable as trouble:
            return trouble
        else:
            await self._link(person, account, file.email, found)
        return None

    async def _link(self, person: str, account: Account, email: str, found: Found) -> None:
        if self._team.barred(account):
            found.missing[person] = "the account with their e-mail is no member's of this workspace"
            return
        user = SlackUser(
            enterprise=account.enterprise or self._team.enterprise,
            team=account.team if self._team.is_org_wide else self._team.id,
            user=account.id,
        )
        try:
            await self._write(person, user, account, email)
        except (Refused, registry.IdentityTaken) as refusal:
            _log.warning("the Slack account found for %s is not linked: %s", person, refusal)
            found.missing[person] = str(refusal)
            return
        found.users[person] = account.id
        found.linked.append(Linked(person=person, team=user.team, user=account.id))

    async def _write(self, person: str, user: SlackUser, account: Account, email: str) -> None:
        async with self._engine.begin() as connection:
            if self._trusts_email:
                via = Via(surface="slack", team=user.team, slack_user=user.user)
                act = Act(by=LINKED_BY, via=via)
                await confirm_link(connection, user, person, how="sso", act=act, at=now())
            else:
                await propose_link(
                    connection, user, person, email=email, name=account.name, by=LINKED_BY, at=now()
                )
