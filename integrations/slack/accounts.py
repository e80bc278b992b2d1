"""Which Slack account a person has: the stored one, found by e-mail only the first time."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import registry, slack_store
from integrations.slack.client import Account, SlackClient, Team
from integrations.slack.failures import SlackRefused, SlackUnavailable
from integrations.slack.moments import now

LINKED_BY = "system"
"""The principal of a link that nobody made by hand."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Linked:
    """A person whose Slack account was found just now; their models' workflows want to know."""

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
    """Finds accounts and remembers them for good."""

    def __init__(self, client: SlackClient, engine: AsyncEngine, team: Team) -> None:
        self._client = client
        self._engine = engine
        self._team = team

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
        """Find whose an account of our team is that acts for the first time, by its address.

        Raises `SlackUnavailable`, `SlackRefused` and `SlackAuthLost`.
        """
        account, email = await self._client.account_with_email(user)
        if not email:
            return None
        async with self._engine.connect() as connection:
            person = await registry.person_with(connection, f"email:{email.lower()}")
        if person is None:
            return None
        found = Found()
        await self._link(person, account, found)
        return found.linked[0] if found.linked else None

    async def _look_up(self, person: str, found: Found) -> SlackUnavailable | None:
        async with self._engine.connect() as connection:
            file = await registry.get_person(connection, person)
        if file is None or file.machine or not file.email:
            found.missing[person] = "no e-mail is known of them"
            return None
        try:
            account = await self._client.account_by_email(file.email)
        except SlackRefused as refusal:
            found.missing[person] = refusal.error
        except SlackUnavailable as trouble:
            return trouble
        else:
            await self._link(person, account, found)
        return None

    async def _link(self, person: str, account: Account, found: Found) -> None:
        if not account.can_decide or account.team != self._team.id:
            found.missing[person] = "the account with their e-mail is no member's of this workspace"
            return
        try:
            async with self._engine.begin() as connection:
                await registry.link_slack(
                    connection,
                    person,
                    enterprise=account.enterprise or self._team.enterprise,
                    team=account.team,
                    user=account.id,
                    how="email",
                    by=LINKED_BY,
                    at=now(),
                )
        except registry.IdentityTaken as taken:
            _log.warning("the Slack account found for %s is somebody else's", person)
            found.missing[person] = str(taken)
            return
        found.users[person] = account.id
        found.linked.append(Linked(person=person, team=account.team, user=account.id))
