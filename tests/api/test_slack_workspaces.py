"""One application for several workspaces: installed, used and taken out while everything runs."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import URL, text
from temporalio.client import Client

from integrations.embedded.servers import throwaway_directory
from integrations.embedded.temporal_server import TemporalServer
from integrations.search_attributes import SEARCH_ATTRIBUTES
from integrations.slack.cards import owner_card
from integrations.slack.client import open_client
from integrations.slack.sandbox.workspace import SlackSandbox
from tests.api.house import SMALL, client_of
from tests.api.slack_grounds import SOON, Grounds, grounds, working
from tests.api.slack_house import said
from tests.api.test_versions import ask, decide
from tests.integrations.slack.examples import signoff


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def temporal() -> AsyncIterator[Client]:
    with throwaway_directory() as directory:
        async with TemporalServer(directory, SEARCH_ATTRIBUTES) as server:
            yield await client_of(server.address)


@pytest_asyncio.fixture(loop_scope="session")
async def there(postgres: URL, temporal: Client) -> AsyncIterator[Grounds]:
    async with grounds(postgres, temporal) as found:
        yield found


pytestmark = pytest.mark.asyncio(loop_scope="session")


async def state_of(there: Grounds, workspace: str) -> str:
    found = (await there.house.get("/v1/slack/workspaces")).json()["items"]
    return next(str(one["state"]) for one in found if one["id"] == workspace)


async def test_cards_clicks_and_answers_stay_in_their_workspace(there: Grounds) -> None:
    first, second = there.first, there.second
    owner, [here, beyond] = await there.enrol("Ola", first, second)
    peer, _ = await there.enrol("Ivo")
    async with working(there):
        # One workspace: nobody has to say which.
        await there.lobby.install(first)
        model = await there.house.describe(owners={"validator": [owner]})
        await ask(there.house, model)
        card = await there.card(first, here, model)

        # A second one, while everything runs; now a model says where its owners are asked.
        await there.lobby.install(second)
        name = {"model": "x", "lifecycle": model, "owners": {"validator": [owner, peer]}}
        unclear = await there.house.put("/v1/models/x", json=name)
        assert unclear.status_code == 422
        [wrong] = unclear.json()["errors"]
        assert wrong["path"] == "slack_team"
        assert "T0FIRST (First), T0SECOND (Second)" in wrong["message"]
        unknown = await there.house.put("/v1/models/x", json={**name, "slack_team": "T0NONE"})
        assert "not installed in T0NONE" in unknown.json()["errors"][0]["message"]
        named = await there.house.put("/v1/models/x", json={**name, "slack_team": "T0SECOND"})
        assert named.status_code == 200, named.text
        request = await ask(there.house, "x")
        other = await there.card(second, beyond, "x 1")
        assert not [one for one in first.messages(here) if "x 1" in one.shown]

        # A click counts in each; the card of each is changed in its own workspace.
        assert (await first.click(here, here, card.ts, "approve")).is_acknowledged
        await first.changed(lambda s: "Approved" in s.message(here, card.ts).shown, within=SOON)

        # At home in the first, a request whose card is in the second: refused, and answered here.
        await first.open_home(here)
        home = first.home(here)
        assert home is not None
        assert "x 1" in said(home)
        key = await there.house.key("owner", person=peer)
        assert (await decide(there.house, request, key))[0] == 200
        assert (await first.click_view(here, "approve")).is_acknowledged
        [answer] = await first.changed(lambda s: s.ephemerals(here), within=SOON)
        assert answer.only_for == here.id
        assert second.ephemerals(beyond) == []
        await second.changed(lambda s: "Approved" in s.message(beyond, other.ts).shown, within=SOON)


async def test_an_installation_that_ends_takes_nothing_else_with_it(
    there: Grounds, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = there.first, there.second
    _, [here, beyond] = await there.enrol("Ola", first, second)
    await there.lobby.install(first)
    await there.lobby.install(second)
    stranger = first.add_person("Zoe", "zoe@elsewhere.example")
    assert (await first.open_home(here)) is not None
    assert first.home(here) is not None

    with caplog.at_level(logging.ERROR):
        await first.uninstall_app()

    assert await state_of(there, "T0FIRST") in {"app_uninstalled", "tokens_revoked"}
    assert "no longer works in T0FIRST" in caplog.text
    command = await first.command(stranger, "/undersigned", "pending")
    assert "Only members of the workspace" in command.body
    delivery = await second.open_home(beyond)
    assert delivery is not None
    assert delivery.is_acknowledged
    assert second.home(beyond) is not None
    facts = (await there.house.get("/v1/slack/workspaces/T0FIRST/facts")).json()["items"]
    assert [one["fact"]["kind"] for one in facts] == ["SlackInstalled", "SlackUninstalled"]


async def test_tokens_of_others_that_are_revoked_end_nothing(there: Grounds) -> None:
    await there.lobby.install(there.first)

    told = await there.first.tell_tokens_revoked("U0SOMEBODY")

    assert told is not None
    assert told.is_acknowledged
    assert await state_of(there, "T0FIRST") == "installed"


async def test_an_app_that_takes_itself_out_is_told_and_works_no_more(there: Grounds) -> None:
    first = there.first
    await there.lobby.install(first)
    person = first.add_person("Ana")
    assert (await first.command(person, "/undersigned", "help")).is_acknowledged

    gone = await there.house.call("DELETE", "/v1/slack/workspaces/T0FIRST")

    assert gone.json()["in_slack"] is True
    await first.changed(lambda s: any(_ends(one.payload) for one in s.deliveries), within=SOON)
    async with asyncio.timeout(SOON.total_seconds()):
        while True:  # the ingress looks every five seconds
            if "Only members" in (await first.command(person, "/undersigned", "help")).body:
                break
            await asyncio.sleep(0.2)
    assert await state_of(there, "T0FIRST") == "asked"


def _ends(payload: dict[str, object]) -> bool:
    event = payload.get("event")
    return isinstance(event, dict) and event.get("type") == "app_uninstalled"


async def test_a_new_token_is_used_from_the_next_look_on(there: Grounds) -> None:
    first = there.first
    await there.lobby.install(first)
    person = first.add_person("Ana")
    await first.open_home(person)
    assert first.calls_of("views.publish")[-1].ok

    await there.lobby.install(first)

    async with asyncio.timeout(SOON.total_seconds()):
        while True:
            delivery = await first.open_home(person)
            if delivery is not None and delivery.is_acknowledged:
                break
            await asyncio.sleep(0.2)  # the ingress looks every five seconds
    assert first.calls_of("views.publish")[-1].ok


async def test_somebody_of_no_installed_workspace_is_told_without_a_token(there: Grounds) -> None:
    await there.lobby.install(there.first)
    guest = there.second.add_person("Guest")
    token = there.second.reinstall()  # in Slack, but never by a link of ours
    room = there.second.add_channel("room", members=[guest])
    async with open_client(token, there.second.base_url) as client:
        at = await client.post(room.id, owner_card(signoff(), "ana"), payload={"copy": "y"})

    delivery = await there.second.click(guest, room, at.ts, "approve")

    assert delivery.is_acknowledged
    [answer] = there.second.ephemerals(guest)
    assert "Only members of the workspace" in answer.shown


async def test_while_the_database_is_away_an_end_is_asked_for_again(there: Grounds) -> None:
    await there.lobby.install(there.first)
    async with there.house.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE slack_installation RENAME TO away"))
    told = await there.first.tell_tokens_revoked()
    assert told is not None
    assert told.status == 503
    async with there.house.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE away RENAME TO slack_installation"))

    retried = await there.first.tell_tokens_revoked()

    assert retried is not None
    assert retried.is_acknowledged
    assert await state_of(there, "T0FIRST") == "tokens_revoked"


async def test_an_organisation_wide_installation_serves_its_teams(
    postgres: URL, temporal: Client
) -> None:
    async with grounds(postgres, temporal) as there:
        org = SlackSandbox(
            team_id="T0INORG", enterprise_id="E0ORG", beside=there.first, is_org_wide=True
        )
        await there.lobby.install(org)
        owner, [account] = await there.enrol("Ola", org)
        async with working(there):
            model = await there.house.describe(owners={"validator": [owner]})
            await ask(there.house, model)
            card = await there.card(org, account, model)
            assert (await org.click(account, account, card.ts, "approve")).is_acknowledged
            await org.changed(
                lambda s: "Approved" in s.message(account, card.ts).shown, within=SOON
            )
        delivery = await org.open_home(account)
        assert delivery is not None
        assert delivery.is_acknowledged


async def test_open_requests_of_a_workspace_that_is_gone_are_asked_where_the_model_says(
    there: Grounds,
) -> None:
    first, second = there.first, there.second
    owner, [here, beyond] = await there.enrol("Ola", first, second)
    await there.lobby.install(first)
    async with working(there):
        model = await there.house.describe(owners={"validator": [owner]})
        await ask(there.house, model)
        await there.card(first, here, model)
        await there.lobby.install(second)
        await first.uninstall_app()

        file = {"model": model, "lifecycle": model, "owners": {"validator": [owner]}}
        moved = await there.house.put(
            f"/v1/models/{model}", json={**file, "slack_team": "T0SECOND"}
        )
        assert moved.status_code == 200, moved.text

        card = await there.card(second, beyond, model)
        assert (await second.click(beyond, beyond, card.ts, "approve")).is_acknowledged
        await second.changed(lambda s: "Approved" in s.message(beyond, card.ts).shown, within=SOON)


async def test_the_settings_own_workspace_goes_on_beside_installed_ones(
    postgres: URL, temporal: Client
) -> None:
    async with grounds(postgres, temporal, has_own=True) as there:
        first, second = there.first, there.second
        owner, [here, beyond] = await there.enrol("Ola", first, second)
        async with working(there):
            await there.lobby.install(second)
            file = {"model": "x", "lifecycle": "x", "owners": {"validator": [owner]}}
            unclear = await there.house.put("/v1/lifecycles/x", json={**SMALL, "lifecycle": "x"})
            assert unclear.status_code == 200, unclear.text
            await there.house.describe(slack_team="T0FIRST")  # so that people are described
            unclear = await there.house.put("/v1/models/x", json=file)
            assert "T0SECOND (Second), T0FIRST" in unclear.json()["errors"][0]["message"]
            model = await there.house.describe(owners={"validator": [owner]}, slack_team="T0FIRST")
            await ask(there.house, model)
            card = await there.card(first, here, model)
            await second.open_home(beyond)
            home = second.home(beyond)
            assert home is not None
            assert f"{model} 1" in said(home)
            assert (await first.click(here, here, card.ts, "approve")).is_acknowledged
            await first.changed(lambda s: "Approved" in s.message(here, card.ts).shown, within=SOON)


async def test_slack_can_check_the_address_before_anybody_installs_the_app(there: Grounds) -> None:
    assert (await there.first.verify_request_url()).is_acknowledged
