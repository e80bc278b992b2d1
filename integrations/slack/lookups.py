"""What the ingress asks the database: whose an account is, and a sign-off for its details."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import registry, slack_store, versions
from integrations.database.participation import OpenVersion, open_versions_of
from integrations.database.slack_links import links_of
from integrations.database.slack_store import SlackAccount
from integrations.slack.accounts import Accounts
from integrations.slack.client import SlackClient
from integrations.slack.inputs import MOST_OPTIONS
from integrations.slack.talks import LoadTalk, talk_loader
from integrations.together import Together
from lifecycle.slack_links import SlackLink, SlackUser
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


LinkOf: TypeAlias = Callable[[SlackUser], Awaitable[tuple[str, SlackLink] | None]]
"""Finds what is known of an account that may not act, with the name of its person."""


def link_finder(engine: AsyncEngine) -> LinkOf:
    """Find what is known of accounts that may not act."""

    async def find(account: SlackUser) -> tuple[str, SlackLink] | None:
        async with engine.connect() as connection:
            links = await links_of(connection, account)
            file = await registry.get_person(connection, links[0].person) if links else None
        return (file.name or links[0].person, links[0]) if file else None

    return find


def colleague_finder(
    engine: AsyncEngine, client: SlackClient
) -> Callable[[str], Awaitable[str | None]]:
    """Find whose an unconfirmed account is, by its address; nothing is linked by it.

    Who has an account of their own is not found by another's address. Raises `SlackUnavailable`,
    `SlackRefused` and `SlackAuthLost`.
    """

    async def find(user: str) -> str | None:
        account, email = await client.account_with_email(user)
        team = await client.identify()
        if not email or team.barred(account):
            return None
        async with engine.connect() as connection:
            person = await registry.person_with(connection, f"email:{email.lower()}")
            known = await slack_store.slack_of_person(connection, person or "", team.id)
            if known is not None and known != user:
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
    """Looks whose an unconfirmed account is, and names the person where addresses are trusted."""
    link_of: LinkOf
    """Finds what is known of an account that may not act."""
    versions_of: Callable[[str], Awaitable[tuple[OpenVersion, ...]]]
    """The newest open versions that a person has to do with; one more than Slack can list."""
    version: Callable[[str, str], Awaitable[VersionView | None]]


def lookups(engine: AsyncEngine, client: SlackClient, *, trusts_email: bool = False) -> Lookups:
    """Look up in a database, as things were last recorded."""

    async def versions_of(person: str) -> tuple[OpenVersion, ...]:
        async with engine.connect() as connection:
            return await open_versions_of(connection, person, MOST_OPTIONS + 1)

    async def version(model: str, name: str) -> VersionView | None:
        async with engine.connect() as connection:
            found = await versions.get_version(connection, model, name)
        return VersionView.model_validate(found) if found else None

    return Lookups(
        talk_loader(engine),
        recogniser(client, engine, trusts_email=trusts_email),
        link_finder(engine),
        versions_of,
        version,
    )


def recogniser(
    client: SlackClient, engine: AsyncEngine, *, trusts_email: bool = False
) -> Callable[[str], Awaitable[str | None]]:
    """Propose accounts that act for the first time as those of the person with their address.

    Where addresses are trusted they are confirmed by it. What it gives raises `SlackUnavailable`,
    `SlackRefused` and `SlackAuthLost`.
    """

    async def recognise(user: str) -> str | None:
        team = await client.identify()
        accounts = Accounts(client, engine, team, trusts_email=trusts_email)
        linked = await accounts.recognise(user)
        return linked.person if linked else None

    return recognise
