"""A workspace, a database, and what brings one to the other, for the tests of deliveries."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import registry, slack_store
from integrations.database.projection_rows import write_projection
from integrations.database.slack_store import SlackMessage
from integrations.slack.client import SlackClient, open_client
from integrations.slack.delivery import Delivery
from integrations.slack.members import Team
from integrations.slack.pace import Pace
from integrations.slack.sandbox.records import Channel, Message, Person
from integrations.slack.sandbox.workspace import SlackSandbox
from lifecycle.roster import PersonFile
from lifecycle.view import Projection, SignoffView, VersionView
from tests.integrations.slack.examples import NAMES, NOON, version

HASTE = timedelta(milliseconds=1)


@dataclass
class Scene:
    """A workspace, a database, and the delivery between them."""

    slack: SlackSandbox
    engine: AsyncEngine
    client: SlackClient
    team: Team
    delivery: Delivery
    room: Channel
    people: dict[str, Person] = field(default_factory=dict)
    sequence: int = 0

    async def show(self, *signoffs: SignoffView, **fields: Any) -> Any:
        self.sequence += 1
        return await self.delivery.show(version(*signoffs, **{"sequence": self.sequence, **fields}))

    async def describe(self, person: str, **fields: Any) -> None:
        file = PersonFile(**{"name": person, "email": f"{person}@example.com", **fields})
        async with self.engine.begin() as connection:
            await registry.put_person(connection, person, file, by="key:k", at=NOON)

    async def record(self, view: VersionView) -> None:
        """Write a version and its sign-offs as the ledger's projection does."""
        signoffs = {each.id: each for stage in view.stages for each in stage.signoffs}
        async with self.engine.begin() as connection:
            await write_projection(connection, Projection(version=view, signoffs=signoffs))

    async def row(self, request: str, copy: str) -> SlackMessage:
        async with self.engine.connect() as connection:
            return (await slack_store.messages_of(connection, [request]))[request, copy]

    async def note(self, row: SlackMessage) -> None:
        """Write down a message that was posted before."""
        async with self.engine.begin() as connection:
            await slack_store.save_message(connection, row)

    def dm(self, person: str) -> list[Message]:
        return self.slack.messages(self.people[person])

    def posts(self) -> int:
        return len([call for call in self.slack.calls_of("chat.postMessage") if call.ok])


@pytest.fixture
async def scene(engine: AsyncEngine) -> AsyncIterator[Scene]:
    async with (
        SlackSandbox() as slack,
        open_client(slack.bot_token, slack.base_url, within=timedelta(seconds=2)) as client,
    ):
        team = await client.identify()
        delivery = Delivery(client, engine, team, pace=Pace(HASTE))
        found = Scene(slack, engine, client, team, delivery, slack.add_channel("model-fraud"))
        for person in NAMES:
            await found.describe(person)
            account = slack.add_person(NAMES[person], f"{person}@example.com")
            found.people[person] = account
        yield found
