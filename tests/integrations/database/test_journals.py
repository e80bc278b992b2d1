import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from integrations.database import events, idempotency
from integrations.database.events import EventRow
from integrations.database.slack_store import (
    SlackMessage,
    messages_of,
    save_message,
    slack_of_people,
)
from tests.integrations.database.stories import START


def row(id_: str = "1", digest: str = "a", **changes: Any) -> EventRow:
    fields = {
        "principal": "key:ci",
        "source": "training",
        "id": id_,
        "type": "undersigned.evidence.attached",
        "body_digest": digest,
        "model": "m",
        "version": "1",
        "body": {"text": "a\x00b\ud800"},
        "received_at": START,
    }
    return EventRow(**{**fields, **changes})


async def test_an_event_is_new_once(connection: AsyncConnection) -> None:
    first = await events.receive(connection, row())
    assert (first.status, first.outcome.status) == ("new", "received")
    assert (await events.receive(connection, row())).status == "same"
    assert (await events.receive(connection, row(digest="b"))).status == "conflict"
    assert (await events.receive(connection, row(principal="key:other"))).status == "new"
    assert (await events.receive(connection, row(source="other"))).status == "new"
    stored = await events.get_event(connection, first.event_id)
    assert stored is not None
    assert stored.body == {"text": "a\x00b\ud800"}
    assert stored.command == f"event:{first.event_id}"
    assert await events.get_event(connection, "x") is None


async def test_a_batch_is_taken_in_order_and_may_repeat_itself(
    connection: AsyncConnection,
) -> None:
    await events.receive(connection, row("3"))
    batch = [row("2"), row("1"), row("2"), row("1", "b"), row("3")]
    received = await events.receive_all(connection, batch)
    assert [one.status for one in received] == ["new", "new", "same", "conflict", "same"]
    assert await events.receive_all(connection, []) == []
    await events.mark_unclaimed(connection, *(one.event_id for one in received))
    waiting = await events.unclaimed(connection, "m", "1")
    assert [one.id for one in waiting] == ["3", "2", "1"]


async def test_the_same_event_at_once_is_new_for_one(engine: AsyncEngine) -> None:
    async def receive() -> str:
        async with engine.begin() as connection:
            return (await events.receive(connection, row())).status

    statuses = await asyncio.gather(*(receive() for _ in range(8)))
    assert sorted(statuses) == ["new"] + ["same"] * 7


async def test_an_event_goes_its_way(connection: AsyncConnection) -> None:
    id_ = (await events.receive(connection, row())).event_id
    assert await events.has_unapplied(connection, "m", "1")
    assert await events.unsent(connection, START) == []
    later = START + timedelta(seconds=1)
    assert [one.event_id for one in await events.unsent(connection, later)] == [id_]
    await events.mark_unclaimed(connection, id_)
    assert not await events.has_unapplied(connection, "m", "1")
    await events.mark_accepted(connection, id_)
    assert await events.unclaimed(connection, "m", "1") == []
    assert await events.has_unapplied(connection, "m", "1")
    await events.mark_late(connection, id_, "It had ended.")
    await events.mark_accepted(connection, id_)
    found = await events.get_event(connection, id_)
    assert found is not None
    assert (found.outcome.status, found.outcome.why) == ("late", "It had ended.")


async def test_events_of_a_model_alone_wait_apart(connection: AsyncConnection) -> None:
    received = await events.receive_all(connection, [row("1"), row("2", version=None)])
    await events.mark_unclaimed(connection, *(one.event_id for one in received))
    assert [one.id for one in await events.unclaimed(connection, "m", None)] == ["2"]
    assert [one.id for one in await events.unclaimed(connection, "m", "1")] == ["1"]


async def test_unclaimed_events_are_kept_thirty_days(connection: AsyncConnection) -> None:
    id_ = (await events.receive(connection, row())).event_id
    end = START + timedelta(days=30)
    assert await events.drop_old(connection, end + timedelta(days=1)) == 0
    await events.mark_unclaimed(connection, id_)
    assert await events.drop_old(connection, end) == 0
    assert await events.drop_old(connection, end + timedelta(seconds=1)) == 1


async def claim(connection: AsyncConnection, digest: str, age: timedelta = timedelta()) -> Any:
    return await idempotency.claim(
        connection, principal="key:a", key="k", body_digest=digest, now=START + age
    )


async def test_a_key_gives_its_first_answer_again(connection: AsyncConnection) -> None:
    assert (await claim(connection, "a")).state == "new"
    assert (await claim(connection, "a")).state == "unfinished"
    assert (await claim(connection, "b")).state == "conflict"
    await idempotency.answer(
        connection, principal="key:a", key="k", status=201, body={"digest": "d"}
    )
    again = await claim(connection, "a")
    assert (again.state, again.status, again.body) == ("repeat", 201, {"digest": "d"})
    assert (await claim(connection, "b")).state == "conflict"


async def test_a_key_is_free_again_after_a_day_or_when_it_is_forgotten(
    connection: AsyncConnection,
) -> None:
    await claim(connection, "a")
    assert (await claim(connection, "b", timedelta(hours=24))).state == "conflict"
    assert (await claim(connection, "b", timedelta(hours=25))).state == "new"
    await idempotency.forget(connection, principal="key:a", key="k")
    assert (await claim(connection, "c")).state == "new"
    assert await idempotency.drop_old(connection, START + timedelta(hours=24)) == 0
    assert await idempotency.drop_old(connection, START + timedelta(hours=25)) == 1


async def test_a_second_request_waits_for_the_first(engine: AsyncEngine) -> None:
    async def request() -> str:
        async with engine.begin() as connection:
            state: str = (await claim(connection, "a")).state
            if state == "new":
                await asyncio.sleep(0.05)
                await idempotency.answer(
                    connection, principal="key:a", key="k", status=200, body=None
                )
            return state

    assert sorted(await asyncio.gather(request(), request(), request())) == [
        "new", "repeat", "repeat",
    ]  # fmt: skip


async def test_a_message_is_kept_as_it_is_now(connection: AsyncConnection) -> None:
    message = SlackMessage(request_id="signoff:1", copy_of="ana", state="posting", sent_at=START)
    await save_message(connection, message)
    posted = message.model_copy(update={"state": "posted", "channel": "D1", "ts": "1.2"})
    await save_message(connection, posted)
    await save_message(connection, SlackMessage(request_id="signoff:2", copy_of="channel"))
    await save_message(connection, SlackMessage(request_id="signoff:3", copy_of="channel"))
    found = await messages_of(connection, ["signoff:1", "signoff:2"])
    assert set(found) == {("signoff:1", "ana"), ("signoff:2", "channel")}
    assert found["signoff:1", "ana"] == posted
    assert await messages_of(connection, []) == {}
    assert await slack_of_people(connection, [], "T1") == {}


@pytest.mark.parametrize("parts", [("a", "b c", "d"), ("a b", "c", "d")])
def test_event_ids_tell_their_parts_apart(parts: tuple[str, str, str]) -> None:
    id_ = events.event_id_of(*parts)
    assert len(id_) == 32
    assert id_ != events.event_id_of("a", "b", "c d")
