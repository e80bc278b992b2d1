import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from integrations.database.keys import create_key
from integrations.database.ledger import append_registry, read_entries, record
from integrations.database.registry import (
    IdentityTaken,
    get_lifecycle,
    get_model,
    get_person,
    list_lifecycles,
    list_models,
    list_people,
    model_known_as,
    models_of_person,
    models_owned_by,
    person_with,
    put_lifecycle,
    put_model,
    put_person,
    read_roster,
)
from integrations.database.slack_links import Act, confirm_link
from integrations.database.verify import verify
from lifecycle.registry import PersonPut, parse_registry_fact
from lifecycle.roster import Alias, ModelFile, PersonFile
from lifecycle.slack_links import SlackUser
from tests.integrations.database.organisation import PEOPLE, describe, model_file
from tests.integrations.database.stories import LIFECYCLE, START, Story

LATER = START + timedelta(hours=1)


async def put(connection: AsyncConnection, person: str, file: PersonFile) -> bool:
    return await put_person(connection, person, file, by="key:admin", at=LATER)


async def link(connection: AsyncConnection, person: str, user: str) -> bool:
    account = SlackUser(enterprise="E1", team="T1", user=user)
    act = Act(by="key:admin")
    return await confirm_link(connection, account, person, how="admin", act=act, at=LATER)


async def test_what_is_put_is_given_back(connection: AsyncConnection) -> None:
    await describe(connection)
    assert await get_lifecycle(connection, "two-steps") == LIFECYCLE
    assert await get_lifecycle(connection, "two-steps", LIFECYCLE.digest) == LIFECYCLE
    assert await get_lifecycle(connection, "two-steps", "sha256:0") is None
    assert await get_person(connection, "cho") == PEOPLE["cho"]
    record_ = await get_model(connection, "fraud-scorer")
    assert record_ is not None
    assert record_.file == model_file()
    assert record_.given_by["validator"] == {"ben": "key:admin", "cho": "key:admin"}
    assert await get_model(connection, "x") is None


async def test_putting_the_same_again_is_no_fact(connection: AsyncConnection) -> None:
    await describe(connection)
    assert await put_lifecycle(connection, LIFECYCLE, by="b", at=LATER) == LIFECYCLE.digest
    assert not await put(connection, "ana", PEOPLE["ana"])
    assert not await put_model(connection, model_file(), by="b", by_person="ana", at=LATER)
    for subject in ("lifecycle/two-steps", "person/ana", "model/fraud-scorer"):
        assert len(await read_entries(connection, subject)) == 1
    assert await put(connection, "ana", PersonFile(name="Ana Ruiz"))
    assert len(await read_entries(connection, "person/ana")) == 2


async def test_an_earlier_definition_can_be_made_current_again(connection: AsyncConnection) -> None:
    other = LIFECYCLE.model_copy(update={"supersede": False})
    for one in (LIFECYCLE, other, LIFECYCLE):
        await put_lifecycle(connection, one, by="b", at=START)
    assert await get_lifecycle(connection, "two-steps") == LIFECYCLE
    assert await get_lifecycle(connection, "two-steps", other.digest) == other
    page = await list_lifecycles(connection)
    assert [item["digest"] for item in page.items] == [LIFECYCLE.digest]
    assert len(await read_entries(connection, "lifecycle/two-steps")) == 3


async def test_who_held_a_role_keeps_who_gave_it(connection: AsyncConnection) -> None:
    await describe(connection)
    more = model_file().model_copy(update={"owners": {"validator": ("ben", "eve")}})
    await put_model(connection, more, by="key:k", by_person="eve", at=LATER)
    roster = await read_roster(connection, "fraud-scorer")
    assert roster is not None
    assert roster.given_by == {"validator": {"ben": "key:admin", "eve": "eve"}}
    assert roster.gave_themselves("validator", "eve")


async def test_a_roster_holds_owners_their_managers_and_producers(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    await put(connection, "zoe", PersonFile(name="Zoe"))
    id_, _ = await create_key(connection, scopes=("owner",), person="ben", by="a", at=START)
    await link(connection, "ben", "U1")
    roster = await read_roster(connection, "fraud-scorer", ("mlflow:svc-train", "who?"))
    assert roster is not None
    assert set(roster.people) == {"ana", "ben", "cho", "dee", "eve", "trainer"}
    assert roster.people["ben"].identities == (f"key:{id_}", "slack:T1/U1")
    assert roster.people["ana"].identities == ("email:ana@example.com",)
    assert roster.people["ana"].manager == "dee"
    assert roster.people["trainer"].machine
    assert (roster.risk, roster.slack_channel) == ("high", "#model-fraud")
    assert await read_roster(connection, "x") is None


async def test_a_rosters_number_grows_with_every_change_that_matters(
    connection: AsyncConnection,
) -> None:
    numbers = [(await describe(connection)).number]

    async def number() -> int:
        roster = await read_roster(connection, "fraud-scorer")
        assert roster is not None
        return roster.number

    await put(connection, "eve", PersonFile(name="Eve Sand", email="eve@example.com"))
    numbers.append(await number())
    await link(connection, "ben", "U1")
    numbers.append(await number())
    await link(connection, "cho", "U2")
    numbers.append(await number())
    await create_key(connection, scopes=("owner",), person="ana", by="a", at=START)
    numbers.append(await number())
    assert numbers == sorted(set(numbers))
    before = await read_roster(connection, "fraud-scorer")
    await put(connection, "stranger", PersonFile())
    after = await read_roster(connection, "fraud-scorer")
    assert before is not None
    assert after is not None
    assert after == before.model_copy(update={"number": after.number})


async def test_an_identity_is_one_persons(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await describe(connection)
    for file in (PersonFile(identities=("git:cho-p",)), PersonFile(email="ana@example.com")):
        with pytest.raises(IdentityTaken, match="can't have it too"):
            async with engine.begin() as connection:
                await put(connection, "dup", file)
    async with engine.begin() as connection:
        assert await get_person(connection, "dup") is None
        assert await person_with(connection, "git:cho-p") == "cho"
        await put(connection, "cho", PersonFile())
        await put(connection, "dup", PersonFile(identities=("git:cho-p",)))
        assert await person_with(connection, "git:cho-p") == "dup"
        assert await person_with(connection, "dup") == "dup"
        assert await person_with(connection, "nobody") is None


async def test_an_account_that_a_file_named_too_stays_when_the_file_forgets_it(
    connection: AsyncConnection,
) -> None:
    await put(connection, "ana", PersonFile(identities=("slack:T1/U1",)))
    await link(connection, "ana", "U1")
    await put(connection, "ana", PersonFile())
    assert await person_with(connection, "slack:T1/U1") == "ana"


async def test_an_alias_is_one_models(engine: AsyncEngine) -> None:
    alias = Alias(source="mlflow-prod", name="Fraud Scorer")
    first = ModelFile(model="a", lifecycle="l", known_as=(alias, alias))
    async with engine.begin() as connection:
        await put_model(connection, first, by="b", by_person=None, at=START)
        assert await model_known_as(connection, "mlflow-prod", "Fraud Scorer") == "a"
        assert await model_known_as(connection, "mlflow-test", "Fraud Scorer") is None
    second = first.model_copy(update={"model": "b"})
    with pytest.raises(IdentityTaken, match="knows a as"):
        async with engine.begin() as connection:
            await put_model(connection, second, by="b", by_person=None, at=START)


async def test_lists_come_in_pages(connection: AsyncConnection) -> None:
    await describe(connection)
    await describe(connection, "churn")
    page = await list_people(connection, limit=4)
    rest = await list_people(connection, limit=4, cursor=page.next)
    assert [item["id"] for item in (*page.items, *rest.items)] == sorted(PEOPLE)
    assert rest.next is None
    models = await list_models(connection)
    assert [item["model"] for item in models.items] == ["churn", "fraud-scorer"]
    seen = await list_models(connection, visible_models=("fraud-*",))
    assert [item["model"] for item in seen.items] == ["fraud-scorer"]
    with pytest.raises(ValueError, match="another list"):
        await list_models(connection, cursor=page.next)


async def test_open_versions_are_found_for_whoever_matters(connection: AsyncConnection) -> None:
    roster = await describe(connection)
    for version in ("1", "2"):
        story = Story(roster, version)
        story.begin()
        if version == "1":
            story.do("Retire", reason="old")
        await record(connection, story.recording())
    produced = Story(roster.model_copy(update={"model": "made", "owners": {}}))
    produced.do(
        "Register",
        model="made",
        version="1",
        artifacts=[{"uri": "x"}],
        producers=["mlflow:svc-train"],
    )
    await record(connection, produced.recording())
    for person in ("ana", "ben", "dee", "eve"):
        assert await models_of_person(connection, person) == [("fraud-scorer", ("2",))]
    assert await models_of_person(connection, "trainer") == [("made", ("1",))]
    assert await models_of_person(connection, "nobody") == []
    assert await models_owned_by(connection, "ben") == ("fraud-scorer",)
    assert await models_owned_by(connection, "dee") == ()


async def test_writers_at_once_never_fork_a_chain(engine: AsyncEngine) -> None:
    async def put_names(writer: int) -> None:
        for index in range(5):
            async with engine.begin() as connection:
                await put(connection, "ana", PersonFile(name=f"Ana {writer} {index}"))
                await put(connection, f"p{index}", PersonFile(name=f"{writer}"))

    await asyncio.gather(*(put_names(writer) for writer in range(6)))
    async with engine.connect() as connection:
        entries = await read_entries(connection, "person/ana")
        assert [entry.sequence for entry in entries] == list(range(1, 31))
        assert (await verify(connection)).is_intact
        last = parse_registry_fact(json.loads(entries[-1].body)["fact"])
        assert isinstance(last, PersonPut)
        assert await get_person(connection, "ana") == last.file


async def test_an_entry_says_where_it_is(connection: AsyncConnection) -> None:
    fact = PersonPut(at=START, by="a", person="ana", file=PersonFile())
    first = await append_registry(connection, "person/ana", fact)
    second = await append_registry(connection, "person/ana", fact)
    assert (first.sequence, second.sequence) == (1, 2)
    assert second.number > first.number
    assert second.recorded_at.tzinfo is not None
