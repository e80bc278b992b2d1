"""What the ingress asks the database: whose an account is, and a sign-off for its details."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import registry, slack_store, versions
from integrations.database.participation import OpenVersion, open_versions_of
from integrations.database.slack_store import SlackAccount
from integrations.slack.accounts import Accounts
from integrations.slack.client import SlackClient
from integrations.slack.inputs import MOST_OPTIONS
from integrations.slack.talks import LoadTalk, talk_loader
from integrations.together import Together
from lifecycle.view import SignoffView, VersionView


def person_finder(engine: AsyncEngine) -> Callable[[str | None, str, str], Awaitable[str | None]]:
    """Find persons by (enterprise, team, user); many at the same time are found by one query."""

    async def ask(accounts: Collection[SlackAccount]) -> dict[SlackAccount, str]:
        async with engine.connect() as connection:
            return await slack_store.people_of_slack(connection, accounts)

    people = Together(ask)

    async def find(enterprise: str | None, team: str, user: str) -> str | None:
        return await people.of((enterprise, team, user))

    return find


def colleague_finder(
    engine: AsyncEngine, client: SlackClient
) -> Callable[[str], Awaitable[str | None]]:
    """Find whose an account is that nobody linked yet, by its address; nothing is linked by it.

    Who has an account of their own is not found by another's address. Raises `SlackUnavailable`,
    `SlackRefused` and `SlackAuthLost`.
    """

    async def find(user: str) -> str | None:
        account, email = await client.account_with_email(user)
        team = await client.identify()
        if not email or not account.can_decide or account.team != team.id:
            return None
        async with engine.connect() as connection:
            person = await registry.person_with(connection, f"email:{email.lower()}")
            if person and await slack_store.slack_of_person(connection, person, team.id):
                return None
        return person

    return find


def signoff_loader(engine: AsyncEngine) -> Callable[[str], Awaitable[SignoffView | None]]:
    """Load sign-offs by id, as they were last recorded."""

    async def load(signoff: str) -> SignoffView | None:
        async with engine.connect() as connection:
            found = await versions.signoff(connection, signoff)
        return SignoffView.model_validate(found) if found else None

    return load


@dataclass(frozen=True)
class Lookups:
    """What is looked up for those who reply in threads and attach messages."""

    talk: LoadTalk
    recognise: Callable[[str], Awaitable[str | None]]
    """Links an account that acts for the first time to the person with its address."""
    versions_of: Callable[[str], Awaitable[tuple[OpenVersion, ...]]]
    """The newest open versions that a person has to do with; one more than Slack can list."""
    version: Callable[[str, str], Awaitable[VersionView | None]]


def lookups(engine: AsyncEngine, client: SlackClient) -> Lookups:
    """Look up in a database, as things were last recorded."""

    async def versions_of(person: str) -> tuple[OpenVersion, ...]:
        async with engine.connect() as connection:
            return await open_versions_of(connection, person, MOST_OPTIONS + 1)

    async def version(model: str, name: str) -> VersionView | None:
        async with engine.connect() as connection:
            found = await versions.get_version(connection, model, name)
        return VersionView.model_validate(found) if found else None

    return Lookups(talk_loader(engine), recogniser(client, engine), versions_of, version)


def recogniser(client: SlackClient, engine: AsyncEngine) -> Callable[[str], Awaitable[str | None]]:
    """Link accounts that act for the first time to the person with their address.

    What it gives raises `SlackUnavailable`, `SlackRefused` and `SlackAuthLost`.
    """

    async def recognise(user: str) -> str | None:
        accounts = Accounts(client, engine, await client.identify())
        linked = await accounts.recognise(user)
        return linked.person if linked else None

    return recognise
