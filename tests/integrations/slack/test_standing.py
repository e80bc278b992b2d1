"""What accounts are, as Slack says it, and what is written down of it."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from integrations.database.ledger import read_entries
from integrations.database.slack_checks import Check, last_check
from integrations.database.slack_links import Act, confirm_link, links_of
from integrations.slack.failures import SlackUnavailable
from integrations.slack.members import Account, Team, account_in
from integrations.slack.sandbox.faults import ServerError
from integrations.slack.sandbox.records import Person
from integrations.slack.standing import Standing
from lifecycle.slack_links import SlackUser
from lifecycle.speaking_accounts import FRESH
from tests.integrations.slack.examples import NOON
from tests.integrations.slack.scene import Scene

MINUTE = timedelta(minutes=1)
USER = {"id": "U1", "team_id": "T1", "real_name": "Ana"}
HERE = Team(id="T1", enterprise="E1", bot_user="U0", scopes=frozenset())
EVERYWHERE = Team(id="E1", enterprise="E1", bot_user="U0", scopes=frozenset())


def standing(scene: Scene) -> Standing:
    return Standing(scene.client, scene.engine, scene.team)


def user(scene: Scene, person: Person) -> SlackUser:
    return SlackUser(team=scene.team.id, user=person.id)


async def check(scene: Scene, account: SlackUser, at: datetime = NOON) -> Check:
    found = await standing(scene).check(account, at)
    assert found is not None
    return found


async def confirm(scene: Scene, person: str) -> SlackUser:
    account = user(scene, scene.people[person])
    async with scene.engine.begin() as connection:
        act = Act(by="key:k")
        await confirm_link(connection, account, person, how="admin", act=act, at=NOON)
    return account


async def kinds(scene: Scene, person: str) -> list[str]:
    async with scene.engine.connect() as connection:
        entries = await read_entries(connection, f"person/{person}")
    return [json.loads(one.body)["fact"]["kind"] for one in entries]


@pytest.mark.parametrize(
    ("fields", "barred"),
    [
        ({}, ""),
        ({"is_app_user": True}, ""),  # a member who authorised the app
        ({"is_admin": True, "is_owner": True}, ""),
        ({"deleted": True}, "deactivated"),
        ({"deleted": True, "is_restricted": True}, "deactivated"),
        ({"is_bot": True}, "bot"),
        ({"is_workflow_bot": True}, "bot"),
        ({"id": "USLACKBOT"}, "bot"),
        ({"is_stranger": True}, "foreign"),
        ({"is_restricted": True}, "guest"),
        ({"is_ultra_restricted": True}, "guest"),
        ({"is_invited_user": True}, "guest"),
        ({"team_id": "T2"}, "foreign"),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E1", "teams": ["T1"]}}, ""),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E1", "teams": []}}, "foreign"),
        ({"is_restricted": True, "enterprise_user": {"teams": ["T1", "T2"]}}, "guest"),
    ],
)
def test_what_slack_says_of_a_user_is_read(fields: dict[str, Any], barred: str) -> None:
    assert HERE.barred(account_in({**USER, **fields})) == barred


@pytest.mark.parametrize(
    ("enterprise", "barred"), [("E1", ""), ("E2", "foreign"), (None, "foreign")]
)
def test_an_app_of_a_whole_enterprise_knows_its_members_by_it(
    enterprise: str | None, barred: str
) -> None:
    account = Account(id="U1", team="T7", enterprise=enterprise)
    assert EVERYWHERE.barred(account) == barred
    assert EVERYWHERE.has("T7", enterprise) is (not barred)
    assert not HERE.has("T7", enterprise)
    assert HERE.has("T1", None)


async def test_a_change_is_a_fact_and_the_rest_a_journal(scene: Scene) -> None:
    account = await confirm(scene, "ana")
    assert await check(scene, account) == Check(barred="", checked_at=NOON)
    assert (await kinds(scene, "ana"))[-1] == "SlackConfirmed"
    scene.people["ana"].is_restricted = True
    found = await check(scene, account, NOON + FRESH)
    assert (found.barred, found.checked_at) == ("guest", NOON + FRESH)
    assert (await kinds(scene, "ana"))[-1] == "SlackBarred"
    async with scene.engine.connect() as connection:
        assert [one.barred for one in await links_of(connection, account)] == ["guest"]
    await check(scene, account, NOON + 2 * FRESH)
    scene.people["ana"].is_restricted = False
    await check(scene, account, NOON + 3 * FRESH)
    assert (await kinds(scene, "ana"))[-2:] == ["SlackBarred", "SlackBarred"]


async def test_slack_is_asked_once_an_hour(scene: Scene) -> None:
    account = await confirm(scene, "ana")
    for after in (timedelta(0), MINUTE, FRESH - MINUTE):
        assert (await check(scene, account, NOON + after)).checked_at == NOON
    assert len(scene.slack.calls_of("users.info")) == 1
    await check(scene, account, NOON + FRESH)
    assert len(scene.slack.calls_of("users.info")) == 2


async def test_an_account_that_slack_does_not_know_may_not_decide(scene: Scene) -> None:
    found = await check(scene, SlackUser(team=scene.team.id, user="U0NOBODY"), NOON)
    assert found.barred == "foreign"


async def test_without_slack_nothing_is_said_or_written(scene: Scene) -> None:
    account = await confirm(scene, "ana")
    scene.slack.faults.always("users.info", ServerError(503))
    with pytest.raises(SlackUnavailable):
        await check(scene, account, NOON)
    async with scene.engine.connect() as connection:
        assert await last_check(connection, account.team, account.user) is None


async def test_what_slack_says_unasked_counts_at_once(scene: Scene) -> None:
    account = await confirm(scene, "ana")
    await check(scene, account, NOON)
    changed = Account(id=account.user, team=account.team, enterprise=None, barred="deactivated")
    assert await standing(scene).note(changed, NOON + MINUTE) == ("ana",)
    assert await standing(scene).note(changed, NOON + MINUTE) == ()
    assert (await check(scene, account, NOON + 2 * MINUTE)).barred == "deactivated"
    assert len(scene.slack.calls_of("users.info")) == 1


async def test_an_account_without_a_person_is_only_noted(scene: Scene) -> None:
    stranger = scene.slack.add_person("Zoe", "zoe@elsewhere.example")
    await check(scene, user(scene, stranger), NOON)
    async with scene.engine.connect() as connection:
        assert await links_of(connection, user(scene, stranger)) == ()
        assert await last_check(connection, scene.team.id, stranger.id) is not None


async def test_nothing_is_said_of_accounts_of_other_workspaces(scene: Scene) -> None:
    elsewhere = SlackUser(team="T0ELSEWHERE", user=scene.people["ana"].id)
    assert await standing(scene).check(elsewhere, NOON) is None
    async with scene.engine.connect() as connection:
        assert await last_check(connection, elsewhere.team, elsewhere.user) is None
