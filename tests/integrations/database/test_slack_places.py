from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import slack_installations as store
from integrations.database.registry import put_person
from integrations.database.slack_links import Act, confirm_link
from integrations.database.slack_places import at_home, place_of, places
from lifecycle.registry import SlackInstalled
from lifecycle.roster import PersonFile
from lifecycle.slack_links import SlackUser

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


async def install(connection: AsyncConnection, workspace: str, days: int = 0) -> None:
    at = NOW + timedelta(days=days)
    fact = SlackInstalled(at=at, by="key:a1", workspace=workspace)
    await store.save_installation(connection, fact, url="", sealed_token="x")


async def person(connection: AsyncConnection, name: str, *teams: str) -> None:
    await put_person(connection, name, PersonFile(), by="key:a1", at=NOW)
    for place in teams:
        team, _, enterprise = place.partition("/")
        account = SlackUser(enterprise=enterprise or None, team=team, user=f"U{name}{team}")
        act = Act(by="key:a1")
        await confirm_link(connection, account, name, how="admin", act=act, at=NOW)


async def test_the_first_is_the_settings_own_then_who_was_installed_first(
    connection: AsyncConnection,
) -> None:
    await install(connection, "T2")
    await install(connection, "T1", days=1)
    await install(connection, "T2", days=2)
    await install(connection, "T3", days=3)
    await store.end_installation(connection, "T3", "asked", by="key:a1", at=NOW)

    assert await places(connection, None) == ("T2", "T1")
    assert await places(connection, "T9") == ("T9", "T2", "T1")
    assert await places(connection, "T1") == ("T1", "T2")


@pytest.mark.parametrize(
    ("named", "known", "current", "place"),
    [
        (None, (), None, None),
        (None, ("T1", "T2"), None, "T1"),
        ("T2", ("T1", "T2"), None, "T2"),
        ("T2", ("T1", "T2"), "T1", "T1"),  # open requests stay where their cards are
        ("T2", ("T2",), "T1", "T2"),  # unless the app is gone from there
        ("T9", ("T1",), None, "T9"),  # cards wait for an installation
        (None, (), "T1", "T1"),
    ],
)
def test_cards_go_where_they_are_then_where_the_model_says_then_to_the_first(
    named: str | None, known: tuple[str, ...], current: str | None, place: str | None
) -> None:
    assert place_of(named, known, current) == place


async def test_everybody_is_at_home_in_one_workspace(connection: AsyncConnection) -> None:
    await install(connection, "T1")
    await install(connection, "E2", days=1)
    await person(connection, "ana", "T1", "T5/E2")
    await person(connection, "ben", "T5/E2")
    await person(connection, "cho")
    people = ("ana", "ben", "cho")

    homes = [await at_home(connection, one, None, people) for one in ("T1", "E2")]

    assert homes == [{"ana", "cho"}, {"ben"}]


async def test_with_one_workspace_everybody_is_at_home(connection: AsyncConnection) -> None:
    await install(connection, "T1")
    await person(connection, "ben", "T9")

    assert await at_home(connection, "T1", None, ("ben", "cho")) == {"ben", "cho"}
