"""A whole house with a workspace: PostgreSQL, Temporal and worker, the ingress by HTTP."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from httpx import Response

from api.clicks import DurableClicks
from api.slack import build_slack, slack_router
from api.slack_personal import Personal, personal
from integrations.slack.client import SlackClient, open_client
from integrations.slack.lookups import colleague_finder, lookups, person_finder, signoff_loader
from integrations.slack.manifest import manifest
from integrations.slack.moments import now
from integrations.slack.sandbox.errors import NotChanged
from integrations.slack.sandbox.records import Person, View
from integrations.slack.sandbox.workspace import SlackSandbox
from integrations.slack.standing import Standing
from lifecycle.slack_links import SlackUser
from tests.api.house import House
from tests.api.slack_app import served

SOON = timedelta(seconds=20)
STATEMENT = "I own the outcome of using this model."
TWO_STEPS: dict[str, Any] = {
    "roles": ["validator", "business_owner"],
    "stages": [
        {
            "name": "validate",
            "evidence": ["evaluation"],
            "signoffs": [{"role": "validator", "statement": "I reviewed the evaluation."}],
            "due": "3 days",
        },
        {
            "name": "release",
            "signoffs": [{"role": "business_owner", "statement": STATEMENT, "confirm": True}],
            "due": "2 days",
        },
    ],
    "gates": {"production": ["release"]},
}


@dataclass
class Building:
    """A house whose people are in Slack."""

    house: House
    slack: SlackSandbox
    client: SlackClient
    personal: Personal

    async def enrol(self, name: str = "Ola", **more: Any) -> tuple[str, Person]:
        """Describe somebody of a new name, and confirm an account with the same address."""
        person, account = await self.describe(name, **more)
        assert (await self.confirm(person, account)).status_code == 200
        return person, account

    async def confirm(self, person: str, account: Person) -> Response:
        """Confirm an account as an administrator."""
        place = f"/v1/people/{person}/slack/{account.team_id}/{account.id}"
        answer = await self.house.put(place, json={"enterprise": self.slack.enterprise_id})
        # The house has no worker for Slack, so that Slack is asked here what the account is.
        standing = Standing(self.client, self.house.engine, await self.client.identify())
        await standing.check(SlackUser(team=account.team_id, user=account.id), now())
        return answer

    async def describe(self, name: str = "Ola", **more: Any) -> tuple[str, Person]:
        """Describe somebody of a new name, whose account nobody confirmed."""
        person = f"{name.lower()}-{uuid4().hex[:8]}"
        email = f"{person}@example.com"
        file = {"name": name, "email": email, **more}
        assert (await self.house.put(f"/v1/people/{person}", json=file)).status_code == 200
        return person, self.slack.add_person(name, email)

    async def opened(self, who: Person) -> View:
        """Open somebody's home tab."""
        delivery = await self.slack.open_home(who)
        assert delivery is not None
        assert delivery.is_acknowledged, delivery
        home = self.slack.home(who)
        assert home is not None
        return home

    async def shows(self, who: Person, text: str, *, not_: bool = False) -> str:
        """Wait until somebody's home tab shows a text, or no more."""

        def look(slack: SlackSandbox) -> str:
            home = slack.home(who)
            shown = said(home) if home else ""
            return shown if (text in shown) != not_ else ""

        try:
            return await self.slack.changed(look, within=SOON)
        except NotChanged as missing:
            home = self.slack.home(who)
            raise AssertionError(said(home) if home else "no home") from missing


def said(view: View) -> str:
    """Give every text of a view, those of rich text too; a line is one string of it."""
    return "".join(_joined(view.blocks))


def _joined(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        if isinstance(found.get("text"), str):
            yield found["text"]
        for item in found.values():
            yield from _joined(item)
    elif isinstance(found, list):
        for item in found:
            yield from _joined(item)


@asynccontextmanager
async def building(house: House) -> AsyncIterator[Building]:
    """Open a workspace over a house, and serve the ingress to it."""
    async with (
        SlackSandbox(
            team_id=f"T{uuid4().hex[:9].upper()}", manifest=manifest(socket_mode=True)
        ) as slack,
        open_client(slack.bot_token, slack.base_url) as client,
    ):
        own, engine = personal(house.composition, client), house.engine
        lifecycles = house.composition.lifecycles
        clicks = DurableClicks(lifecycles)  # type: ignore[arg-type]  # the house has the real one
        known, addresses = person_finder(engine), colleague_finder(engine, client)
        load, looks = signoff_loader(engine), lookups(engine, client)
        bolt = build_slack(client, clicks, known, load, own, addresses, lookups=looks)
        app = FastAPI()
        app.include_router(slack_router(bolt, slack.signing_secret))
        async with served(app) as url:
            slack.connect(f"{url}/slack/events")
            yield Building(house, slack, client, own)
            await own.stop()
