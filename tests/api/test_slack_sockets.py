"""Several processes by Socket Mode: each envelope goes to one, and no click is lost with one."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import pytest_asyncio
from sqlalchemy import URL
from temporalio.client import Client

from api.slack import build_slack
from api.slack_socket import MOST_CONNECTIONS, socket_mode
from integrations.embedded.servers import throwaway_directory
from integrations.embedded.temporal_server import TemporalServer
from integrations.search_attributes import SEARCH_ATTRIBUTES
from integrations.slack.cards import owner_card
from integrations.slack.clicks import Click
from integrations.slack.client import open_client
from integrations.slack.sandbox.delivery import Delivery
from integrations.slack.sandbox.faults import ServerError
from integrations.slack.sandbox.records import Person
from integrations.slack.sandbox.workspace import SlackSandbox
from tests.api.house import client_of
from tests.api.slack_app import Kept
from tests.api.slack_grounds import SOON, Grounds, grounds, working
from tests.api.slack_house import said
from tests.api.test_versions import ask
from tests.integrations.slack.examples import signoff

pytestmark = pytest.mark.asyncio(loop_scope="session")
OWNERS = 20
COMMAND = [sys.executable, "-c", "from api.cli.main import main; main()", "api", "--port", "0"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def temporal() -> AsyncIterator[Client]:
    with throwaway_directory() as directory:
        async with TemporalServer(directory, SEARCH_ATTRIBUTES) as server:
            yield await client_of(server.address)


@asynccontextmanager
async def replica(there: Grounds) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `undersigned api` by Socket Mode as a process of its own, until it or the block ends."""
    url = there.house.engine.url.render_as_string(hide_password=False)
    settings = there.settings
    assert settings.slack_store_keys is not None
    given = {
        "DATABASE_URL": url,
        "TEMPORAL_ADDRESS": there.client.service_client.config.target_host,
        "SLACK_APP_TOKEN": there.first.app_token,
        "SLACK_API_URL": there.first.base_url,
        "SLACK_CLIENT_ID": there.first.client_id,
        "SLACK_CLIENT_SECRET": there.first.client_secret,
        "SLACK_STORE_KEYS": settings.slack_store_keys.get_secret_value(),
    }
    clean = {name: value for name, value in os.environ.items() if "UNDERSIGNED" not in name}
    environment = clean | {f"UNDERSIGNED_{name}": value for name, value in given.items()}
    before = len(there.first.sockets)
    process = await asyncio.create_subprocess_exec(
        *COMMAND, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        await there.first.changed(lambda s: len(s.sockets) == before + 1, within=3 * SOON)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def click_until_taken(there: Grounds, who: Person, ts: str) -> Delivery:
    """Click as people do: again, when Slack says that it did not work."""
    while True:
        delivery = await there.first.click_stale(who, who, ts, "approve")
        assert delivery.via == "socket"
        if delivery.is_acknowledged:
            return delivery


async def signers(there: Grounds, model: str) -> list[str]:
    """Name who signed, as often as they did."""
    found = await there.house.get(f"/v1/models/{model}/versions/1/facts?limit=200")
    facts = [one["fact"] for one in found.json()["items"]]
    return [fact["person"] for fact in facts if fact["kind"] == "SignedOff"]


async def test_with_one_of_two_processes_killed_every_click_counts_once(
    postgres: URL, temporal: Client
) -> None:
    async with grounds(postgres, temporal) as there, AsyncExitStack() as stack:
        first = there.first
        await there.lobby.install(first)
        people = [await there.enrol(f"P{number}", first) for number in range(OWNERS)]
        accounts = {person: account for person, [account] in people}
        lifecycle = {
            "stages": [
                {
                    "name": "validate",
                    "signoffs": [
                        {"role": "validator", "statement": "I reviewed it.", "quorum": "all"}
                    ],
                    "due": "3 days",
                }
            ],
            "evidence": {"evaluation": {"from": ["evaluation"]}},
        }
        await stack.enter_async_context(working(there))
        model = await there.house.describe(lifecycle, owners={"validator": [*accounts]})
        await ask(there.house, model)
        cards = {one: (await there.card(first, one, model)).ts for one in accounts.values()}
        doomed = await stack.enter_async_context(replica(there))
        stays = await stack.enter_async_context(replica(there))

        crowd = list(accounts.values())
        calm = await asyncio.gather(*(click_until_taken(there, w, cards[w]) for w in crowd[:8]))
        mark = len(first.deliveries)
        doomed.send_signal(signal.SIGSTOP)  # what comes to it now is never acknowledged
        under_way = [
            asyncio.create_task(click_until_taken(there, who, cards[who])) for who in crowd[8:16]
        ]
        home = asyncio.create_task(first.open_home(crowd[0]))
        await first.changed(
            lambda s: sum(one.is_acknowledged for one in s.deliveries[mark:]) >= 4, within=SOON
        )
        doomed.kill()
        disturbed = await asyncio.gather(*under_way)
        await home
        assert any(one.outcome == "unreachable" for one in first.deliveries[mark:])
        late = await asyncio.gather(*(click_until_taken(there, w, cards[w]) for w in crowd[16:]))

        # What Slack or a network delivers twice counts once.
        for delivery in (calm[0], disturbed[0], late[0]):
            assert (await first.redeliver(delivery)).is_acknowledged
        async with asyncio.timeout(SOON.total_seconds()):
            while True:  # they are recorded in the background
                signed = await signers(there, model)
                if len(signed) >= OWNERS:
                    break
                await asyncio.sleep(0.1)
        assert sorted(signed) == sorted(accounts)
        # An event is repeated to the process that is left.
        await first.changed(lambda s: s.home(crowd[0]), within=SOON)
        assert len(first.sockets) == 1
        assert stays.returncode is None

        # Home, commands and shortcuts come by the socket as by HTTP.
        account = crowd[1]
        opened = await first.open_home(account)
        assert opened is not None
        assert (opened.via, opened.is_acknowledged) == ("socket", True)
        shown = first.home(account)
        assert shown is not None
        assert "you approved" in said(shown)
        command = await first.command(account, "/undersigned", "pending")
        assert (command.via, command.is_acknowledged) == ("socket", True)
        assert first.ephemerals(account)
        unknown = await first.shortcut(account, "no_such_shortcut")
        assert (unknown.via, unknown.is_acknowledged) == ("socket", True)
        message = await first.say(account, account, "AUC is 0.95")
        attach = await first.shortcut(account, "attach", message)
        assert (attach.via, attach.is_acknowledged) == ("socket", True)
        assert first.open_views(account)


async def unknown_person(_enterprise: str | None, _team: str, _user: str) -> str | None:
    return None


async def no_signoff(_: str) -> None:
    return None


async def test_a_process_that_stops_acknowledges_what_it_has_begun() -> None:
    kept, began, go_on = Kept(), asyncio.Event(), asyncio.Event()

    class Slow(Kept):
        async def send(self, click: Click) -> None:
            began.set()
            await go_on.wait()
            kept.clicks.append(click)

    async with SlackSandbox() as slack, open_client(slack.bot_token, slack.base_url) as client:
        ana = slack.add_person("Ana")
        at = await client.post(ana.id, owner_card(signoff(), "ana"), payload={"copy": "y"})
        bolt = build_slack(client, Slow(), unknown_person, no_signoff)
        async with socket_mode(bolt, client.web, slack.app_token):
            await slack.changed(lambda s: len(s.sockets) == 1, within=SOON)
            clicking = asyncio.create_task(slack.click(ana, at.channel, at.ts, "approve"))
            await began.wait()
            asyncio.get_running_loop().call_later(0.3, go_on.set)
        delivery = await clicking
    assert delivery.is_acknowledged
    assert len(kept.clicks) == 1


async def test_a_process_starts_while_slack_is_away_and_connects_when_it_is_back() -> None:
    async with SlackSandbox() as slack, open_client(slack.bot_token, slack.base_url) as client:
        bolt = build_slack(client, Kept(), unknown_person, no_signoff)
        slack.faults.next("apps.connections.open", ServerError())
        async with socket_mode(bolt, client.web, slack.app_token):
            await slack.changed(lambda s: len(s.sockets) == 1, within=SOON)


async def test_an_eleventh_process_says_that_it_gets_nothing_and_takes_a_free_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with SlackSandbox() as slack, open_client(slack.bot_token, slack.base_url) as client:
        bolt = build_slack(client, Kept(), unknown_person, no_signoff)

        async def connect(stack: AsyncExitStack) -> None:
            before = len(slack.sockets)
            await stack.enter_async_context(socket_mode(bolt, client.web, slack.app_token))
            await slack.changed(lambda s: len(s.sockets) == before + 1, within=SOON)

        async with AsyncExitStack() as staying, AsyncExitStack() as leaving:
            await connect(leaving)
            for _ in range(MOST_CONNECTIONS - 1):
                await connect(staying)
            with caplog.at_level(logging.ERROR, "api.slack_socket"):
                await staying.enter_async_context(socket_mode(bolt, client.web, slack.app_token))
                async with asyncio.timeout(SOON.total_seconds()):
                    while True:  # a log tells nobody
                        if "at most 10 processes" in caplog.text:
                            break
                        await asyncio.sleep(0.05)
            await leaving.aclose()
            await slack.changed(lambda s: len(s.sockets) == MOST_CONNECTIONS, within=SOON)
            # It asked again and again, but never without a pause.
            assert len(slack.calls_of("apps.connections.open")) <= MOST_CONNECTIONS + 6
