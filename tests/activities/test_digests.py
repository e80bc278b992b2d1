"""Whom each of two workspaces tells that a digest is due."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import ActivityEnvironment

from activities.contracts import DigestPage, DigestsHandedOver
from activities.digests import DigestActivities
from activities.reminders import ReminderDesk
from integrations.database import slack_installations as store
from integrations.database.registry import put_person
from integrations.database.slack_links import Act, confirm_link
from integrations.mornings import Mornings
from integrations.slack.gathering import DigestDue
from lifecycle.registry import SlackInstalled
from lifecycle.roster import PersonFile
from lifecycle.slack_links import SlackUser
from tests.api.house import NOWHERE, client_of

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Noted(ReminderDesk):
    """Notes whom it is to tell; that their workflows hear of it is tried elsewhere."""

    told: list[str]

    async def announce(self, person: str, due: DigestDue) -> None:
        assert due.kind == "weekly"
        self.told.append(person)


async def test_a_digest_comes_from_one_workspace_to_everybody(engine: AsyncEngine) -> None:
    managers = {"ana": "T2", "bea": "T1", "cyd": ""}
    async with engine.begin() as connection:
        for days, team in enumerate(("T1", "T2")):
            at = MONDAY + timedelta(days=days)
            fact = SlackInstalled(at=at, by="key:a1", workspace=team)
            await store.save_installation(connection, fact, url="", sealed_token="x")
        for manager, team in managers.items():
            await put_person(connection, manager, PersonFile(), by="key:a1", at=MONDAY)
            of = PersonFile(manager=manager)
            await put_person(connection, f"of-{manager}", of, by="key:a1", at=MONDAY)
            if team:
                account, act = SlackUser(team=team, user=f"U{manager}"), Act(by="key:a1")
                await confirm_link(connection, account, manager, how="admin", act=act, at=MONDAY)
    client = await client_of(NOWHERE, lazy=True)
    told: dict[str, list[str]] = {}
    for team in ("T1", "T2"):
        desk = Noted(client, f"slack-{team}", timedelta(0))
        desk.told = told[team] = []
        digests = DigestActivities(engine, desk, Mornings(), team)
        page = DigestPage(kind="weekly", at=MONDAY, after="")
        handed: DigestsHandedOver = await ActivityEnvironment().run(digests.hand_over, page)
        assert handed.count == len(told[team])

    assert {team: sorted(people) for team, people in told.items()} == {
        "T1": ["bea", "cyd"],
        "T2": ["ana"],
    }
