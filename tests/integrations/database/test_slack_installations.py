from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from integrations.database import slack_installations as store
from integrations.database.rebuild import rebuild
from integrations.database.slack_tokens import lost_tokens
from lifecycle.registry import SlackInstalled

NOW = datetime(2026, 3, 2, 9, 30, 0, 500_000, tzinfo=UTC)


async def install(connection: AsyncConnection, workspace: str, at: datetime = NOW) -> None:
    fact = SlackInstalled(at=at, by="key:a1", workspace=workspace, scopes=("chat:write",))
    sealed = f"sealed for {workspace}"
    await store.save_installation(connection, fact, url="", sealed_token=sealed)


async def test_each_installation_has_another_revision(connection: AsyncConnection) -> None:
    await install(connection, "T2")
    await install(connection, "T1", NOW + timedelta(days=1))
    assert await store.live_revisions(connection) == {"T1": 1, "T2": 1}

    await install(connection, "T2", NOW + timedelta(days=2))

    assert await store.live_revisions(connection) == {"T1": 1, "T2": 2}
    found = await store.list_installations(connection)
    assert [one.id for one in found] == ["T2", "T1"]  # the first is whose first time was first
    assert found[0].installed_at == NOW + timedelta(days=2)


async def test_an_end_forgets_the_token_once(connection: AsyncConnection) -> None:
    await install(connection, "T1")

    ends = [
        await store.end_installation(connection, one, "asked", by="key:a1", at=NOW)
        for one in ("T1", "T1", "T9")
    ]

    assert ends == [True, False, False]
    assert await store.sealed_token(connection, "T1") is None
    assert await store.live_revisions(connection) == {}
    found = await store.get_installation(connection, "T1")
    assert found is not None
    assert (found.state, found.is_live) == ("asked", False)


async def test_a_word_in_the_same_second_counts(connection: AsyncConnection) -> None:
    await install(connection, "T1")
    second = NOW.replace(microsecond=0)

    old = await store.end_installation(
        connection, "T1", "tokens_revoked", by="slack", at=NOW, since=second - timedelta(seconds=1)
    )
    new = await store.end_installation(
        connection, "T1", "tokens_revoked", by="slack", at=NOW, since=second
    )

    assert (old, new) == (False, True)
    [lost] = await lost_tokens(connection)
    assert (lost.team, lost.code) == ("T1", "tokens_revoked")
    assert await store.end_installation(connection, "T1", "asked", by="key:a1", at=NOW)
    assert await lost_tokens(connection) == []
    await install(connection, "T1", NOW + timedelta(days=1))
    assert await lost_tokens(connection) == []


async def test_a_state_leads_to_whoever_made_the_link_once(connection: AsyncConnection) -> None:
    until = NOW + timedelta(minutes=15)
    await store.add_link(connection, "ticket", by="key:a1", at=NOW, expires_at=until)

    assert not await store.open_link(connection, "ticket", "s1", at=until)
    assert not await store.open_link(connection, "other", "s1", at=NOW)
    assert await store.open_link(connection, "ticket", "s1", at=NOW)
    assert await store.open_link(connection, "ticket", "s2", at=NOW)
    found = [await store.use_link(connection, one, at=NOW) for one in ("s1", "s2", "s2")]
    assert found == [None, "key:a1", None]


async def test_links_that_are_over_are_dropped(connection: AsyncConnection) -> None:
    until = NOW + timedelta(minutes=15)
    await store.add_link(connection, "old", by="key:a1", at=NOW, expires_at=until)
    assert await store.open_link(connection, "old", "s", at=NOW)

    later = until + timedelta(minutes=15)
    await store.add_link(connection, "new", by="key:a1", at=until, expires_at=later)

    assert await store.use_link(connection, "s", at=NOW) is None


async def test_making_projections_again_keeps_installations(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await install(connection, "T1")

    await rebuild(engine)

    async with engine.connect() as connection:
        assert await store.sealed_token(connection, "T1") == "sealed for T1"
