"""Slack accounts: proposed, confirmed, removed, and read back."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from integrations.database.ledger import append_registry, read_entries
from integrations.database.migrate import migrate
from integrations.database.registry import IdentityTaken, person_with, put_person, read_roster
from integrations.database.slack_links import (
    Act,
    confirm_link,
    links_of,
    list_links,
    propose_link,
    remove_link,
)
from integrations.database.slack_store import person_of_slack, slack_of_person
from lifecycle.commands import Refused
from lifecycle.fact_values import Via
from lifecycle.registry import SlackLinked, parse_registry_fact, subject_of
from lifecycle.roster import PersonFile
from lifecycle.slack_links import How, SlackUser
from tests.integrations.database.organisation import describe
from tests.integrations.database.stories import START

LATER = START + timedelta(hours=1)
ADMIN = Act(by="key:k", by_person="eve", via=Via(surface="api", key="k"))


def account(user: str = "U1", team: str = "T1") -> SlackUser:
    return SlackUser(enterprise="E1", team=team, user=user)


async def propose(connection: AsyncConnection, person: str, user: str = "U1") -> None:
    email = f"{person}@example.com"
    await propose_link(
        connection, account(user), person, email=email, name="Mal", by="system", at=START
    )


async def confirm(
    connection: AsyncConnection, person: str, user: str = "U1", how: How = "admin"
) -> bool:
    return await confirm_link(connection, account(user), person, how=how, act=ADMIN, at=LATER)


async def kinds(connection: AsyncConnection, person: str) -> list[str]:
    entries = await read_entries(connection, f"person/{person}")
    return [parse_registry_fact(json.loads(one.body)["fact"]).kind for one in entries]


async def test_a_proposal_is_where_cards_go_and_nobody_who_clicks(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    await propose(connection, "ben")
    await propose(connection, "ben")
    assert await kinds(connection, "ben") == ["PersonPut", "SlackProposed"]
    assert await slack_of_person(connection, "ben", "T1") == "U1"
    assert await person_of_slack(connection, "E1", "T1", "U1") is None
    assert await person_with(connection, "slack:T1/U1") is None
    roster = await read_roster(connection, "fraud-scorer")
    assert roster is not None
    assert [one.is_confirmed for one in roster.people["ben"].accounts] == [False]


async def test_a_confirmed_account_is_its_persons_in_all_of_the_enterprise(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    await propose(connection, "ben")
    before = await read_roster(connection, "fraud-scorer")
    assert await confirm(connection, "ben")
    assert not await confirm(connection, "ben")
    for enterprise, team in ((None, "T1"), ("E1", "T1"), ("E1", "T9")):
        assert await person_of_slack(connection, enterprise, team, "U1") == "ben"
    assert await person_of_slack(connection, "E2", "T9", "U1") is None
    assert await person_with(connection, "slack:T1/U1") == "ben"
    roster = await read_roster(connection, "fraud-scorer")
    assert roster is not None
    assert before is not None
    assert roster.number > before.number
    assert [one.is_confirmed for one in roster.people["ben"].accounts] == [True]
    (shown,) = (await list_links(connection, state="confirmed")).items
    assert (shown["by"], shown["how"], shown["slack_name"]) == ("key:k", "admin", "Mal")
    assert (await list_links(connection, state="proposed")).items == ()


async def test_the_record_says_who_confirmed_and_through_what(connection: AsyncConnection) -> None:
    await describe(connection)
    await confirm(connection, "ben")
    entry = (await read_entries(connection, "person/ben"))[-1]
    fact = json.loads(entry.body)["fact"]
    assert (fact["how"], fact["by"], fact["by_person"]) == ("admin", "key:k", "eve")
    assert fact["via"]["key"] == "k"


async def test_a_confirmation_takes_the_place_of_proposals_on_record(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    await propose(connection, "ben", "U1")
    await propose(connection, "cho", "U2")
    assert await confirm(connection, "cho", "U1")
    assert await kinds(connection, "ben") == ["PersonPut", "SlackProposed", "SlackRemoved"]
    assert (await kinds(connection, "cho"))[-2:] == ["SlackRemoved", "SlackConfirmed"]
    assert await slack_of_person(connection, "ben", "T1") is None
    assert await links_of(connection, account("U2")) == ()


async def test_a_confirmed_account_moves_only_after_it_was_taken_back(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await describe(connection)
        await confirm(connection, "ben", "U1")
    for person, user in (("cho", "U1"), ("ben", "U2")):
        with pytest.raises(Refused, match="people unlink ben --slack T1/U1"):
            async with engine.begin() as connection:
                await confirm(connection, person, user)
    with pytest.raises(Refused, match="is ben's"):
        async with engine.begin() as connection:
            await propose(connection, "cho", "U1")
    async with engine.begin() as connection:
        assert not await remove_link(connection, account("U1"), "cho", act=ADMIN, at=LATER)
        assert await remove_link(connection, account("U1"), "ben", act=ADMIN, at=LATER)
        assert await person_of_slack(connection, "E1", "T1", "U1") is None
        assert await person_with(connection, "slack:T1/U1") is None
        assert await confirm(connection, "cho", "U1")
        assert await person_of_slack(connection, "E1", "T1", "U1") == "cho"


async def test_an_account_that_a_file_gives_to_another_is_not_confirmed(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as connection:
        file = PersonFile(identities=("slack:T1/U1",))
        await put_person(connection, "ana", file, by="a", at=START)
        await put_person(connection, "ben", PersonFile(), by="a", at=START)
    with pytest.raises(IdentityTaken, match="belongs to ana"):
        async with engine.begin() as connection:
            await confirm(connection, "ben")


async def test_links_come_in_pages(connection: AsyncConnection) -> None:
    await describe(connection)
    for number, person in enumerate(("ana", "ben", "cho")):
        await propose(connection, person, f"U{number}")
    page = await list_links(connection, limit=2)
    rest = await list_links(connection, limit=2, cursor=page.next)
    assert [one["person"] for one in (*page.items, *rest.items)] == ["ana", "ben", "cho"]
    assert [one["person"] for one in (await list_links(connection, person="ben")).items] == ["ben"]


async def test_what_earlier_releases_linked_by_e_mail_waits_to_be_confirmed(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as connection:
        files = {"ana": PersonFile(identities=("slack:T1/U1",)), "ben": PersonFile()}
        for person, file in {**files, "cho": PersonFile()}.items():
            await put_person(connection, person, file, by="a", at=START)
        for person, user, how in (
            ("ana", "U1", "email"),
            ("ben", "U2", "email"),
            ("cho", "U3", "admin"),
        ):
            linked = {"at": LATER, "by": "key:k", "person": person, "team": "T1", "user": user}
            fact = SlackLinked.model_validate({**linked, "how": how})
            await append_registry(connection, subject_of("person", person), fact)
        now = await rows(connection)
    await to_earlier_schema(engine)
    await migrate(engine)
    async with engine.begin() as connection:
        assert await rows(connection) == now
        assert [await person_of_slack(connection, None, "T1", f"U{n}") for n in (1, 2, 3)] == [
            None, None, "cho",
        ]  # fmt: skip
        assert await person_with(connection, "slack:T1/U1") == "ana"  # as the file says
        assert await person_with(connection, "slack:T1/U2") is None


async def rows(connection: AsyncConnection) -> list[str]:
    found = [
        *await connection.execute(text("SELECT * FROM slack_account ORDER BY user_id")),
        *await connection.execute(text("SELECT * FROM identity ORDER BY identity")),
    ]
    return [str(sorted(row._mapping.items())) for row in found]


async def to_earlier_schema(engine: AsyncEngine) -> None:
    """Leave the tables as the release before left them after the same links."""
    async with engine.begin() as connection:
        kept = {
            table: await connection.scalar(
                text(f"SELECT jsonb_agg(to_jsonb(r) ORDER BY number) FROM {table} r")
            )
            for table in ("fact", "person")
        }
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await migrate(engine, "0007")
    async with engine.begin() as connection:
        columns = {"fact": "subject, sequence, hash, body", "person": "*"}
        for table, rows_ in kept.items():
            target = f"{table} ({columns[table]})" if table == "fact" else table
            new = f"SELECT {columns[table]} FROM jsonb_populate_recordset(NULL::{table}, :rows)"
            statement = text(f"INSERT INTO {target} {new}").bindparams(
                bindparam("rows", type_=JSONB)
            )
            await connection.execute(statement, {"rows": rows_})
        await connection.execute(
            text(
                "INSERT INTO slack_account (team, user_id, person, how) VALUES"
                " ('T1', 'U1', 'ana', 'email'), ('T1', 'U2', 'ben', 'email'),"
                " ('T1', 'U3', 'cho', 'admin')"
            )
        )
        await connection.execute(
            text(
                "INSERT INTO identity VALUES ('slack:T1/U1', 'ana', 'slack'),"
                " ('slack:T1/U2', 'ben', 'slack'), ('slack:T1/U3', 'cho', 'slack')"
            )
        )
