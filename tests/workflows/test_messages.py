import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from activities.contracts import AccountSeen
from lifecycle.commands import Refused
from tests.workflows.office import Held, Office, Version, kinds, troubles
from tests.workflows.workspace import QUEUE, Slack
from workflows.messages import NUDGE, ROSTER_CHANGED, SIGNAL, UPDATE, Envelope


@pytest_asyncio.fixture
async def version(office: Office) -> AsyncIterator[Version]:
    """Give a version of a model that a worker keeps."""
    async with office.worker():
        yield office.version(await office.describe())


async def reason(asking: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        await asking
    return caught.value


async def test_a_refusal_as_things_stand_leaves_no_history(version: Version) -> None:
    stage = await version.asked()
    await version.settled()
    before = len(await version.history())
    refusal = await reason(version.ask(version.decision(stage.signoffs[0], "dee")))
    assert refusal.code == "not-an-owner"
    assert "Dee is not asked to sign as validator" in refusal.reason
    assert len(await version.history()) == before


async def test_the_same_decision_asked_twice_counts_once(version: Version) -> None:
    stage = await version.asked()
    command = version.decision(stage.signoffs[0], "ana")
    first = await version.ask(command)
    again = await version.ask(command)
    other_update = await version.office.lifecycles.ask(
        version.model, version.version, command, update_id="another attempt"
    )
    assert (first.sequence, first.changed) == (again.sequence, again.changed)
    assert not other_update.changed
    assert kinds(await version.settled()).count("SignedOff") == 1


async def test_a_repeated_event_changes_nothing(version: Version) -> None:
    await version.asked()
    event = version.evidence("extra")
    await asyncio.gather(*(version.tell(event) for _ in range(5)))
    await version.request()  # comes after them
    attached = [fact for fact in await version.settled() if fact.cause == event.id]
    assert kinds(attached) == ["EvidenceAttached"]


async def test_a_refused_event_is_on_record_once(version: Version) -> None:
    await version.asked()
    event = version.evidence(time="2999-01-01T00:00:00Z")
    for _ in range(3):
        await version.tell(event)
    await version.request()
    refused = [fact for fact in await version.settled() if fact.kind == "CommandRefused"]
    assert [(fact.cause, fact.code) for fact in refused] == [(event.id, "time-ahead")]


JSON = {"encoding": b"json/plain"}
GARBAGE: dict[str, tuple[Any, ...]] = {
    "not JSON": (RawValue(Payload(metadata=JSON, data=b"{nonsense")),),
    "an unknown encoding": (RawValue(Payload(metadata={"encoding": b"odd"}, data=b"\xff")),),
    "no encoding": (RawValue(Payload(data=b"\xff\x00")),),
    "nested deeply": (RawValue(Payload(metadata=JSON, data=b"[" * 5000 + b"]" * 5000)),),
    "null": (None,),
    "a list": ([1, 2],),
    "a number": (3,),
    "nothing": (),
    "two values": ({"id": "a", "kind": "Attach"}, {"id": "b", "kind": "Attach"}),
    "an envelope of the wrong shape": ({"id": 5, "kind": ["Attach"], "body": "text"},),
    "an empty envelope": ({},),
    "an unknown command": ({"id": "x0", "kind": "Explode", "body": {}},),
    "fields missing": ({"id": "x1", "kind": "Attach", "body": {"name": "evaluation"}},),
    "lone surrogates": (
        RawValue(
            Payload(
                metadata=JSON,
                data=b'{"id":"x4","kind":"Attach","body":{"digest":"\\ud800","\\udfff":"\\ud800"}}',
            )
        ),
    ),
    "a lone surrogate as a key": (
        RawValue(
            Payload(
                metadata=JSON,
                data=b'{"id":"x5","kind":"Attach","body":{"value":{"\\ud800":1}}}',
            )
        ),
    ),
    "numbers that no record holds": (
        {"id": "x2", "kind": "Attach", "body": {"value": {"a": 2**70}}},
    ),
    "a very long id": ({"id": "x3" * 600_000, "kind": "y" * 600_000},),
}


async def test_garbage_is_kept_as_unreadable_and_the_version_goes_on(version: Version) -> None:
    await version.register()
    for values in GARBAGE.values():
        await version.signal(SIGNAL, *values)
    answer = await version.request()
    facts = await version.settled(answer.sequence)
    assert "ReviewRequested" in kinds(facts)
    assert not troubles(await version.runs())
    unreadable = [fact for fact in facts if fact.kind == "CommandUnreadable"]
    assert len(unreadable) == len(GARBAGE) + 1  # one is two values
    assert all(fact.digest.startswith("sha256:") and fact.error for fact in unreadable)


async def test_what_a_message_claims_to_be_its_digest_is_not_taken_for_it(
    version: Version,
) -> None:
    await version.register()
    await version.tell(Envelope(id="x", kind="Attach", body={"digest": "any text"}))
    await version.request()
    (unreadable,) = [f for f in await version.settled() if f.kind == "CommandUnreadable"]
    assert unreadable.digest.startswith("sha256:")


async def test_other_signals_of_any_shape_harm_nothing(version: Version) -> None:
    await version.register()
    shapes: list[tuple[Any, ...]] = [(), (1, 2), ("text",), (None,), (10**30,)]
    for name in (NUDGE, ROSTER_CHANGED, "unheard_of"):
        for values in shapes:
            await version.signal(name, *values)
    await version.request()
    assert "ReviewRequested" in kinds(await version.settled())
    assert not troubles(await version.runs())


async def test_an_update_of_any_shape_is_refused_and_harms_nothing(version: Version) -> None:
    await version.register()
    shapes: list[tuple[Any, ...]] = [(), (None,), (5,), ({"id": 7},), ({}, {})]
    for values in shapes:
        with pytest.raises(WorkflowUpdateFailedError):
            await version.handle.execute_update(UPDATE, args=values)
    await version.request()
    assert not troubles(await version.runs())


async def test_an_update_that_names_no_command_is_refused_with_a_sentence(
    version: Version,
) -> None:
    await version.register()
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await version.handle.execute_update(UPDATE, Envelope(id="x"))
    cause = caught.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.message == "the message names no command"


async def test_a_click_that_is_refused_is_answered_where_it_was_made(office: Office) -> None:
    slack = Slack()
    worker = office.worker(slack_queue=QUEUE)
    version = office.version(await office.describe())
    async with worker, slack.worker(office.client):
        stage = await version.asked()
        await version.tell(version.click(stage.signoffs[0], "dee"))
        async with asyncio.timeout(10):
            await slack.answered.wait()
        facts = await version.settled()
    (answer,) = slack.answers
    assert answer.reply_to.user == "U-dee"
    assert "Dee is not asked to sign as validator; Ana, Ben and Cho may." in answer.sentence
    assert [f.code for f in facts if f.kind == "CommandRefused"] == ["not-an-owner"]


async def test_a_click_that_is_taken_needs_no_answer_and_the_newest_view_is_shown(
    office: Office,
) -> None:
    slack = Slack()
    worker = office.worker(slack_queue=QUEUE)
    version = office.version(await office.describe())
    async with worker, slack.worker(office.client):
        stage = await version.asked()
        await version.tell(version.click(stage.signoffs[0], "ana"))
        facts = await version.settled(8)
        async with asyncio.timeout(10):
            while max(slack.shown, default=0) < len(facts):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.02)
    assert kinds(facts)[-1] == "SignedOff"
    assert slack.shown == sorted(set(slack.shown))
    assert not slack.answers


async def test_a_click_of_an_unknown_account_is_answered_after_people_were_read_again(
    office: Office,
) -> None:
    slack = Slack()
    worker = office.worker(slack_queue=QUEUE)
    version = office.version(await office.describe())
    via = {"surface": "slack", "team": "T1", "slack_user": "U9"}
    async with worker, slack.worker(office.client):
        stage = await version.asked()
        await version.tell(version.click(stage.signoffs[0], "", via=via))
        async with asyncio.timeout(10):
            await slack.answered.wait()
    assert slack.looked_up == [AccountSeen(team="T1", user="U9")]
    assert "Your Slack account is not linked to anybody" in slack.answers[0].sentence


async def test_the_gate_says_no_while_messages_wait_for_their_turn(office: Office) -> None:
    version = office.version(await office.describe())
    async with office.worker():
        stage = await version.asked()
        for person in ("ana", "ben"):
            await version.ask(version.decision(stage.signoffs[0], person))
        assert (await version.gate()).answer.allowed
    blocked = asyncio.Event()
    async with office.worker(reading=Held(office, blocked)):
        number = await office.change_owners(version.model, "review", validator=("ben", "cho"))
        await version.signal(ROSTER_CHANGED, number)
        await version.tell(version.evidence(verdict="fail"))
        reply = await version.gate()
        assert (reply.status, reply.answer.allowed) == ("busy", False)
        assert reply.answer.reasons == ("Accepted events are not applied yet; ask again.",)
        blocked.set()
        await version.settled()
        assert not (await version.gate()).answer.allowed
