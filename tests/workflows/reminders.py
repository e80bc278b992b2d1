"""A workspace beside the office, so that what people are reminded of is really sent."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from activities.reading import ReadingActivities
from activities.reminders import ReminderDesk
from api.workers import slack_worker
from integrations.database import slack_store
from integrations.database.registry import put_person
from integrations.database.slack_links import Act, confirm_link
from integrations.database.slack_store import SlackMessage
from integrations.mornings import Mornings
from integrations.slack import pace
from integrations.slack.client import SlackClient, open_client
from integrations.slack.manifest import manifest
from integrations.slack.members import Team
from integrations.slack.sandbox.pace import Pace
from integrations.slack.sandbox.records import Message, Person
from integrations.slack.sandbox.workspace import SlackSandbox
from integrations.workflow_names import slack_queue
from lifecycle.roster import PersonFile
from lifecycle.slack_links import SlackUser
from tests.workflows.office import LONG_AGO, PATIENCE, PEOPLE, Office

MINUTE = timedelta(minutes=1)
HASTE = timedelta(milliseconds=1)


@dataclass
class Post:
    """An office whose people are in Slack."""

    office: Office
    slack: SlackSandbox
    client: SlackClient
    team: Team
    gathering: timedelta
    people: dict[str, Person]
    mornings: Mornings | None = None
    trusts_email: bool = False

    @property
    def desk(self) -> ReminderDesk:
        """The desk that deliveries hand reminders over to."""
        return ReminderDesk(self.office.client, slack_queue(self.team.id), self.gathering)

    @asynccontextmanager
    async def working(self, **options: Any) -> AsyncIterator[None]:
        """Run the application's workers."""
        mails = options.get("mailing") is not None
        reads = ReadingActivities(self.office.engine, slack_queue(self.team.id), mails=mails)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.office.worker(reading=reads, **options))
            await stack.enter_async_context(
                slack_worker(
                    self.client,
                    self.office.client,
                    self.office.engine,
                    self.team,
                    self.gathering,
                    pace.Pace(HASTE),
                    mornings=self.mornings,
                    trusts_email=self.trusts_email,
                )
            )
            yield

    async def enrol(self, manager: str | None = None) -> None:
        """Give the office's people addresses, confirmed accounts, and hours that begin at once."""
        await self.describe(manager)
        for person in self.people:
            await self.confirm(person)

    async def enrol_but(self, *strangers: str) -> None:
        """Enrol everybody but some, who are described and have another address in Slack."""
        await self.describe()
        for person, account in self.people.items():
            if person in strangers:
                account.email = f"{person}@slack.example"
            else:
                await self.confirm(person)

    async def confirm(self, person: str) -> None:
        """Confirm a person's account as an administrator does."""
        account, act = self.people[person], Act(by="key:admin")
        known = SlackUser(team=account.team_id, user=account.id)
        async with self.office.engine.begin() as connection:
            await confirm_link(connection, known, person, how="admin", act=act, at=LONG_AGO)

    async def describe(self, manager: str | None = None) -> None:
        """Give the office's people addresses and hours, and let their accounts unconfirmed."""
        for person, account in self.people.items():
            file = PersonFile(
                name=person.title(),
                email=account.email,
                zone="UTC",
                hours="09:00-09:30",
                manager=manager if person != manager else None,
            )
            async with self.office.engine.begin() as connection:
                await put_person(connection, person, file, by="key:admin", at=LONG_AGO)

    def reminders(self, person: str) -> list[Message]:
        """Give what a person is reminded of."""
        found = self.slack.messages(self.people[person])
        return [message for message in found if "Reminder" in message.shown]

    async def reminded(self, person: str) -> list[Message]:
        """Wait until a person is reminded; give all messages that remind them."""
        return await self.slack.changed(lambda _: self.reminders(person), within=PATIENCE)

    async def row(self, request: str, person: str) -> SlackMessage:
        """Read what is written down of a reminder."""
        async with self.office.engine.connect() as connection:
            return (await slack_store.messages_of(connection, [request]))[request, person]


@asynccontextmanager
async def post_of(office: Office, gathering: timedelta) -> AsyncIterator[Post]:
    """Open a workspace for an office."""
    async with (
        SlackSandbox(pace=Pace(posts=None), manifest=manifest(socket_mode=True)) as slack,
        open_client(slack.bot_token, slack.base_url, within=timedelta(seconds=2)) as client,
    ):
        people = {each: slack.add_person(each.title(), f"{each}@example.com") for each in PEOPLE}
        yield Post(office, slack, client, await client.identify(), gathering, people)
