import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from integrations.database import journals, tables
from integrations.database.crews import put_group, put_rotation
from integrations.database.events import EventRow, event_id_of, get_event, mark_late, receive
from integrations.database.handovers import accept, decline, offer_handover
from integrations.database.keys import create_key, revoke_key
from integrations.database.ledger import append_registry, record
from integrations.database.rebuild import rebuild
from integrations.database.registry import put_model, put_person
from integrations.database.rows import table_of
from integrations.database.slack_checks import note_check
from integrations.database.slack_links import Act, confirm_link, propose_link, remove_link
from integrations.database.slack_tables import SlackAccount
from lifecycle.handover import Offer
from lifecycle.registry import SlackLinked, subject_of
from lifecycle.roster import Alias, GroupFile, PersonFile, Roster, RotationFile
from lifecycle.slack_links import SlackUser
from tests.integrations.database.organisation import describe, model_file
from tests.integrations.database.stories import START, Story

DERIVED = (
    tables.Version, tables.Stage, tables.Signoff, tables.Waiting, tables.Lifecycle, tables.Person,
    tables.PersonIdentity, SlackAccount, tables.Model, tables.ModelOwner, tables.ModelAlias,
    tables.ApiKey, tables.Group, tables.Rotation, tables.CrewMember, tables.Handover,
    journals.Event,
)  # fmt: skip


async def rows_of(engine: AsyncEngine) -> dict[str, list[Any]]:
    async with engine.connect() as connection:
        return {
            row.__name__: sorted(map(repr, await connection.execute(select(table_of(row)))))
            for row in DERIVED
        }


async def organise(engine: AsyncEngine) -> Roster:
    """Leave a registry behind that has been through changes."""
    async with engine.begin() as connection:
        roster = await describe(connection)
        id_, _ = await create_key(connection, scopes=("owner",), person="ben", by="a", at=START)
        for person, how in (("ben", "email"), ("cho", "admin")):
            linked = {"at": START, "by": "a", "person": person, "team": "T", "user": "U"}
            fact = SlackLinked.model_validate({**linked, "how": how})  # as earlier releases did
            await append_registry(connection, subject_of("person", person), fact)
        await organise_accounts(connection)
        await revoke_key(connection, id_, by="a", at=START + timedelta(days=1))
        # The identity passes from one to the other: the order of facts matters.
        await put_person(connection, "cho", PersonFile(), by="a", at=START)
        await put_person(connection, "abe", PersonFile(identities=("git:cho-p",)), by="a", at=START)
        alias = Alias(source="mlflow", name="Fraud")
        file = model_file().model_copy(update={"known_as": (alias,)})
        await put_model(connection, file, by="key:k", by_person="eve", at=START)
        await organise_crews(connection)
    return roster


async def organise_accounts(connection: AsyncConnection) -> None:
    """Leave accounts behind that were proposed, confirmed by hand and by a code, and removed."""
    act = Act(by="key:k", by_person="eve")
    one, two, three = (SlackUser(enterprise="E1", team="T1", user=f"U{n}") for n in (1, 2, 3))
    for person, account in (("ana", one), ("ben", two), ("dee", three)):
        email = f"{person}@example.com"
        await propose_link(
            connection, account, person, email=email, name="X", by="system", at=START
        )
    await confirm_link(connection, one, "ana", how="admin", act=act, at=START)
    await confirm_link(connection, two, "cho", how="code", act=act, at=START)
    await remove_link(connection, three, "dee", act=act, at=START)
    for barred in ("deactivated", "guest"):
        assert await note_check(connection, one, barred, START) == ("ana",)


async def organise_crews(connection: AsyncConnection) -> None:
    """Leave groups, a rotation, an away period and handovers behind."""
    for members in (("ana", "ben"), ("ben", "cho")):
        group = GroupFile(members=members)
        await put_group(connection, "risk", group, by="key:k", by_person="ben", at=START)
    rotation = RotationFile.model_validate(
        {"people": ["ana", "ben"], "zone": "UTC", "starts": "2026-01-05T09:00"}
    )
    await put_rotation(connection, "oncall", rotation, by="key:k", by_person=None, at=START)
    away = PersonFile.model_validate(
        {"manager": "dee",
         "away": [{"from": START, "until": START + timedelta(days=1), "delegate": "cho"}]}
    )  # fmt: skip
    await put_person(connection, "ana", away, by="key:k", by_person="cho", at=START)
    for receiver, end in (("dee", accept), ("abe", decline)):
        giver = "ben" if receiver == "dee" else "cho"
        offer = Offer(role="validator", giver=giver, receiver=receiver, offered_by=giver)
        id_ = await offer_handover(connection, "fraud-scorer", offer, by="key:k", at=START)
        await end(connection, "fraud-scorer", id_, by="key:k", at=START)


def event(id_: str) -> EventRow:
    return EventRow(
        principal="key:ci",
        source="evaluation",
        id=id_,
        type="undersigned.evidence.attached",
        body_digest="sha256:" + "0" * 64,
        model="fraud-scorer",
        version="1",
        body={},
        received_at=START,
    )


async def tell(engine: AsyncEngine, roster: Roster) -> Story:
    """Record a version command by command, its events received first."""
    story = Story(roster)
    story.begin()
    async with engine.begin() as connection:
        for id_ in ("e1", "e2", "e3", "never-sent"):
            await receive(connection, event(id_))
        await record(connection, story.recording())
    for id_, auc in (("e1", 0.5), ("e2", 0.95), ("e3", 0.95)):
        story.attach(auc, event_id_of("key:ci", "evaluation", id_))
        async with engine.begin() as connection:
            await record(connection, story.recording())
    story.sign("ben")
    story.later(timedelta(days=1, hours=1))
    async with engine.begin() as connection:
        await record(connection, story.recording())
    story.change_bytes()
    story.later(timedelta(days=2))
    async with engine.begin() as connection:
        await record(connection, story.recording())
    return story


async def test_all_rows_are_made_again_row_for_row(engine: AsyncEngine) -> None:
    await tell(engine, await organise(engine))
    before = await rows_of(engine)
    assert all(before.values())
    async with engine.connect() as connection:
        outcome = await get_event(connection, event_id_of("key:ci", "evaluation", "e2"))
        assert outcome is not None
        assert outcome.outcome.status == "applied"
    done = await rebuild(engine)
    assert done.versions == 1
    assert await rows_of(engine) == before
    async with engine.begin() as connection:
        for row in DERIVED:
            if row is not journals.Event:
                await connection.execute(delete(table_of(row)))
        stale = before["Version"]
    assert (await rows_of(engine))["Version"] != stale
    await rebuild(engine)
    assert await rows_of(engine) == before


async def test_rows_that_the_ledger_does_not_know_are_gone(engine: AsyncEngine) -> None:
    story = await tell(engine, await organise(engine))
    before = await rows_of(engine)
    async with engine.begin() as connection:
        await record(
            connection,
            story.recording().model_copy(
                update={
                    "subject": "version/ghost/1",
                    "projection": story.projector.projection(
                        story.state.model_copy(update={"model": "ghost"})
                    ),
                    "entries": (),
                }
            ),
        )
    assert await rows_of(engine) != before
    await rebuild(engine)
    assert await rows_of(engine) == before


async def test_others_record_while_rows_are_made_again(engine: AsyncEngine) -> None:
    roster = await organise(engine)
    stories = [Story(roster, str(index)) for index in range(5)]

    async def record_all(story: Story) -> None:
        for step in (story.begin, lambda: story.attach(0.95), lambda: story.sign("ben")):
            step()
            async with engine.begin() as connection:
                await record(connection, story.recording())

    await asyncio.gather(*map(record_all, stories), rebuild(engine), rebuild(engine))
    found = await rows_of(engine)
    await rebuild(engine)
    assert await rows_of(engine) == found
    assert len(found["Version"]) == 5


async def test_an_outcome_that_is_recorded_wins_over_a_guess(engine: AsyncEngine) -> None:
    roster = await organise(engine)
    id_ = event_id_of("key:ci", "evaluation", "e1")
    async with engine.begin() as connection:
        await receive(connection, event("e1"))
        await mark_late(connection, id_, "It seemed so.")
    await tell(engine, roster)
    async with engine.begin() as connection:
        await mark_late(connection, id_, "No, later.")
        found = await get_event(connection, id_)
    assert found is not None
    assert (found.outcome.status, found.outcome.sequence > 0) == ("applied", True)
