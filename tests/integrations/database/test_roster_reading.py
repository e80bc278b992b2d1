"""Groups, rotations, managers and stand-ins as a running version gets to know them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.concerned import models_concerned, models_of_person, models_owned_by
from integrations.database.crews import get_group, list_groups, put_group, put_rotation
from integrations.database.handovers import accept, offer_handover
from integrations.database.ledger import read_entries, record
from integrations.database.registry import get_model, put_model, put_person, read_roster
from integrations.roster_times import MOST_CALENDARS
from lifecycle.definition import Lifecycle
from lifecycle.handover import Offer
from lifecycle.roster import GroupFile, PersonFile, Roster, RotationFile
from tests.integrations.database.crowd import fill
from tests.integrations.database.organisation import PEOPLE, describe, model_file
from tests.integrations.database.stories import LIFECYCLE, START, Story

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)
LATER = START + timedelta(hours=1)


def definition(**changes: Any) -> Lifecycle:
    return Lifecycle.model_validate({**LIFECYCLE.content(), **changes})


async def read(
    connection: AsyncConnection, rules: Lifecycle = LIFECYCLE, now: datetime = NOW
) -> Roster:
    roster = await read_roster(connection, "fraud-scorer", definition=rules, now=now)
    assert roster is not None
    return roster


async def own(connection: AsyncConnection, by_person: str | None = None, **owners: Any) -> None:
    file = model_file().model_copy(update={"owners": owners})
    await put_model(connection, file, by="key:k", by_person=by_person, at=LATER)


async def group(
    connection: AsyncConnection, *members: str, by: str | None = None, name: str = "risk"
) -> bool:
    file = GroupFile(members=members)
    return await put_group(connection, name, file, by="key:g", by_person=by, at=LATER)


async def rotation(connection: AsyncConnection, *people: str, **more: Any) -> None:
    data = {"people": people, "zone": "Europe/Paris", "starts": "2026-01-05T09:00", **more}
    file = RotationFile.model_validate(data)
    await put_rotation(connection, "oncall", file, by="key:g", by_person=None, at=LATER)


async def person(
    connection: AsyncConnection, id_: str, by: str | None = None, **changes: Any
) -> None:
    known = PEOPLE.get(id_, PersonFile()).model_dump(mode="json")
    file = PersonFile.model_validate({**known, **changes})
    await put_person(connection, id_, file, by="key:k", by_person=by, at=LATER)


async def test_a_group_is_its_members_in_order(connection: AsyncConnection) -> None:
    await describe(connection)
    assert await group(connection, "cho", "ana")
    await own(connection, validator=("ben", "group:risk", "ana"), business_owner=("dee",))
    roster = await read(connection)
    assert roster.owners["validator"] == ("ben", "cho", "ana")
    assert roster.given_by["validator"] == {"ben": "key:admin", "cho": "key:g", "ana": "key:g"}
    assert not await group(connection, "cho", "ana")
    assert len(await read_entries(connection, "group/risk")) == 1
    assert [one["id"] for one in (await list_groups(connection)).items] == ["risk"]


async def test_who_puts_themselves_in_a_group_holds_its_role_by_their_own_hand(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    await group(connection, "ben", "cho", by="cho")
    await own(connection, validator=("group:risk",), business_owner=("ana",))
    roster = await read(connection)
    assert roster.gave_themselves("validator", "cho")
    assert not roster.gave_themselves("validator", "ben")
    await group(connection, "ben", "cho", by="ana")  # somebody else confirms
    assert not (await read(connection)).gave_themselves("validator", "cho")


async def test_who_gives_their_own_group_a_role_holds_it_by_their_own_hand(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    await group(connection, "ben", "cho")
    await own(connection, by_person="cho", validator=("group:risk",), business_owner=("ana",))
    roster = await read(connection)
    assert [roster.gave_themselves("validator", one) for one in ("ben", "cho")] == [False, True]
    await own(connection, by_person="cho", validator=("cho", "group:risk"), business_owner=("ana",))
    assert (await read(connection)).gave_themselves("validator", "cho")


async def test_managers_of_a_role_are_each_named_once(connection: AsyncConnection) -> None:
    await describe(connection)
    await own(connection, validator=("ben", "cho"), business_owner=("manager of validator",))
    roster = await read(connection)
    assert roster.owners["business_owner"] == ("dee",)
    assert {"dee", "eve"} <= roster.people.keys()
    assert await models_owned_by(connection, "dee") == ("fraud-scorer",)


async def test_who_names_themselves_a_manager_gains_nothing(connection: AsyncConnection) -> None:
    await describe(connection)
    await person(connection, "zed", name="Zed")
    for reported in ("ben", "cho"):
        await person(connection, reported, by="zed", manager="zed")
    await own(connection, validator=("ben", "cho"), business_owner=("manager of validator",))
    roster = await read(connection)
    assert roster.owners["business_owner"] == ("zed",)
    assert roster.gave_themselves("business_owner", "zed")
    assert roster.gave_themselves("manager", "zed")


async def test_roles_that_name_each_others_managers_come_to_nobody(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    await own(
        connection, validator=("manager of business_owner",),
        business_owner=("manager of validator",),
    )  # fmt: skip
    assert (await read(connection)).owners == {"validator": (), "business_owner": ()}


async def test_a_rotation_is_its_shifts_with_local_handovers_over_the_change_of_clocks(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    await rotation(connection, "ben", "cho")
    await own(connection, validator=("rotation:oncall",), business_owner=("ana",))
    roster = await read(connection)
    assert roster.owners["validator"] == ()
    assert roster.on_call == {"validator": ("oncall",)}
    assert {"ben", "cho"} <= roster.people.keys()
    shifts = roster.rotations["oncall"]
    march = {one.starts for one in shifts}
    assert datetime(2026, 3, 23, 8, tzinfo=UTC) in march  # 09:00 in winter
    assert datetime(2026, 3, 30, 7, tzinfo=UTC) in march  # 09:00 in summer
    assert all(one.until == following.starts for one, following in pairwise(shifts))
    assert [one.person for one in shifts[:3]] == ["ben", "cho", "ben"]
    assert shifts[0].starts <= NOW - timedelta(days=7)
    assert roster.until is not None
    assert shifts[-1].until >= roster.until >= NOW + timedelta(days=60)
    assert not roster.runs_out(NOW)
    assert roster.runs_out(roster.until - timedelta(days=29))


async def test_readings_of_one_month_agree(connection: AsyncConnection) -> None:
    await describe(connection)
    await rotation(connection, "ben", "cho")
    await person(connection, "ana", zone="Asia/Tokyo")
    await own(connection, validator=("rotation:oncall",), business_owner=("ana",))
    assert await read(connection) == await read(connection, now=NOW + timedelta(days=13))


async def test_an_override_is_cut_into_the_shifts(connection: AsyncConnection) -> None:
    await describe(connection)
    since, until = datetime(2026, 3, 17, 8, tzinfo=UTC), datetime(2026, 3, 24, 8, tzinfo=UTC)
    await rotation(
        connection, "ben", "cho", overrides=[{"from": since, "until": until, "person": "dee"}]
    )
    await own(connection, validator=("rotation:oncall",), business_owner=("ana",))
    roster = await read(connection)
    around = [
        (one.person, one.starts, one.until)
        for one in roster.rotations["oncall"]
        if one.until > since and one.starts < until + timedelta(days=1)
    ]
    assert [one[0] for one in around] == ["dee", "ben" if around[1][0] == "ben" else "cho"]
    assert around[0][1:] == (since, until)
    assert around[1][1] == until


async def test_away_periods_that_ended_are_left_out_and_delegates_are_read(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    await person(connection, "zed", name="Zed", manager="yan")
    await person(connection, "yan", name="Yan")
    periods = [
        {"from": NOW - timedelta(days=9), "until": NOW - timedelta(days=8), "delegate": "eve"},
        {"from": NOW - timedelta(days=1), "until": NOW + timedelta(days=1), "delegate": "zed"},
    ]
    await person(connection, "ben", by="zed", away=periods)
    roster = await read(connection)
    assert [one.delegate for one in roster.people["ben"].away] == ["zed"]
    assert {"zed", "yan"} <= roster.people.keys()
    assert roster.gave_themselves("validator", "zed")
    assert not roster.gave_themselves("validator", "eve")
    await person(connection, "ben", by="ana", away=periods)
    assert not (await read(connection)).gave_themselves("validator", "zed")
    assert await models_owned_by(connection, "zed") == ("fraud-scorer",)


async def test_who_left_is_known_as_such(connection: AsyncConnection) -> None:
    await describe(connection)
    await person(connection, "ben", left=True)
    assert (await read(connection)).people["ben"].left


async def test_people_have_their_own_working_time_shared_by_whoever_has_the_same(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    rules = definition(calendar={"zone": "Europe/Paris", "hours": "09:00-17:00"})
    for name in ("ben", "cho"):
        await person(connection, name, zone="Asia/Tokyo")
    await person(connection, "ana", zone="Europe/Paris", hours="09:00-17:00")
    roster = await read(connection, rules)
    keys = {name: roster.people[name].calendar for name in ("ana", "ben", "cho")}
    assert keys["ana"] == ""
    assert keys["ben"] == keys["cho"]
    assert list(roster.calendars) == [keys["ben"]]
    working = roster.calendars[keys["ben"]]
    monday = datetime(2026, 3, 23, tzinfo=UTC)
    assert int(monday.timestamp() / 60) in working.opens  # 09:00 in Tokyo


async def test_whom_an_escalation_names_is_in_the_roster(connection: AsyncConnection) -> None:
    await describe(connection)
    await person(connection, "zed", name="Zed")
    await group(connection, "zed", "eve", by="zed")
    chain = [{"after": "1 day", "tell": "person:zed"}, {"after": "2 days", "ask": "group:risk"}]
    roster = await read(connection, definition(escalations={"chain": chain}))
    assert roster.groups == {"risk": ("zed", "eve")}
    assert "zed" in roster.people
    assert roster.gave_themselves("group:risk", "zed")
    assert not roster.gave_themselves("group:risk", "eve")


async def test_load_and_turns_are_counted_only_where_a_rule_picks_by_them(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    for name in ("person-00", "person-08"):
        await person(connection, name, name=name)
    views = await fill(connection, 424)
    await own(connection, validator=("person-00", "person-08"), business_owner=("ana",))
    assert not (await read(connection)).load
    signoffs = [{"role": "validator", "statement": "I looked.", "assign": {"least_loaded": 1}}]
    stage = {"name": "one", "signoffs": signoffs}
    rules = definition(stages=[stage], gates={"production": ["one"]})
    wanted = {
        name: sum(name in view.can_decide for view in views) for name in ("person-00", "person-08")
    }
    roster = await read(connection, rules)
    assert roster.load == {name: count for name, count in wanted.items() if count}
    assert roster.load
    assert not roster.turns
    signoffs[0]["assign"] = {"rotate": 1}
    rules = definition(stages=[stage], gates={"production": ["one"]})
    file = model_file("model-00")
    await put_model(connection, file, by="k", by_person=None, at=LATER)
    other = await read_roster(connection, "model-00", definition=rules, now=NOW)
    assert other is not None
    assert other.turns == {"validator": sum(view.model == "model-00" for view in views)}


async def test_a_roster_of_500_owners_stays_small(connection: AsyncConnection) -> None:
    await describe(connection)
    crowd = [f"owner-{index:03}" for index in range(500)]
    zones = ["Asia/Tokyo", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Africa/Cairo"]
    for index, name in enumerate(crowd):
        await person(
            connection, name, name=f"Owner Number {index}", email=f"{name}@example.com",
            manager="dee", zone=zones[index % 5], hours=f"0{index % 7}:00-1{index % 7}:00",
        )  # fmt: skip
    await group(connection, *crowd)
    await own(connection, validator=("group:risk",), business_owner=("ana",))
    roster = await read(connection)
    assert len(roster.owners["validator"]) == 500
    assert len(roster.calendars) == MOST_CALENDARS
    assert len(roster.model_dump_json(by_alias=True)) < 200 * 1024


async def test_running_versions_are_found_through_every_way(connection: AsyncConnection) -> None:
    await describe(connection)
    await person(connection, "zed", name="Zed")
    await person(connection, "yan", name="Yan")
    await group(connection, "zed")
    await rotation(connection, "yan")
    away = [{"from": NOW, "until": NOW + timedelta(days=1), "delegate": "wim"}]
    await person(connection, "zed", away=away)
    await person(connection, "wim", name="Wim")
    refs = ("ben", "group:risk", "rotation:oncall")
    await own(connection, validator=refs, business_owner=("ana",))
    story = Story(await read(connection))
    story.begin()
    await record(connection, story.recording())
    found = [("fraud-scorer", ("1",))]
    for name in ("zed", "yan", "wim", "dee"):
        assert await models_of_person(connection, name) == found, name
    for crew in ("group:risk", "rotation:oncall"):
        assert await models_concerned(connection, crews=[crew]) == found, crew
    assert await models_concerned(connection, crews=["group:other"]) == []


async def test_an_accepted_handover_puts_the_receiver_in_the_givers_place(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    offer = Offer(role="validator", giver="ben", receiver="eve", offered_by="ben")
    number = await offer_handover(connection, "fraud-scorer", offer, by="key:b", at=LATER)
    assert number == 1
    await accept(connection, "fraud-scorer", number, by="key:e", at=LATER)
    found = await get_model(connection, "fraud-scorer")
    assert found is not None
    assert found.file.owners["validator"] == ("eve", "cho")
    assert found.given_by["validator"] == {"eve": "ben", "cho": "key:admin"}
    assert await models_owned_by(connection, "ben") == ()
    with pytest.raises(LookupError):
        await accept(connection, "fraud-scorer", 9, by="key:e", at=LATER)


async def test_a_groups_record_says_who_put_whom_there(connection: AsyncConnection) -> None:
    await group(connection, "ana", by="dee")
    await group(connection, "ana", "ben", by="eve")
    record_ = await get_group(connection, "risk")
    assert record_ is not None
    assert record_.given_by == {"ana": "dee", "ben": "eve"}
