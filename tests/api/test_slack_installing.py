"""Installing the app by an administrator's link, in a browser, against the stand-in's consent."""

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from sqlalchemy import URL, text

from api.slack_uninstalling import note_end, reseal
from integrations.slack.manifest import SCOPES
from integrations.slack.sandbox.faults import Cut, ServerError
from integrations.slack.sandbox.workspace import SlackSandbox
from integrations.slack.sealing import Seal, SealBroken, new_key
from tests.api.conftest import new_database
from tests.api.house import NOWHERE, Clock, client_of
from tests.api.slack_offices import KEYS, Lobby, another_browser, composition_with, lobby


@pytest_asyncio.fixture
async def entry(postgres: URL, clock: Clock) -> AsyncIterator[Lobby]:
    client = await client_of(NOWHERE, lazy=True)
    async with (
        new_database(postgres) as engine,
        SlackSandbox(team_id="T0HOME", team_name="Home", scopes=list(SCOPES)) as slack,
        lobby(engine, client, slack, clock) as opened,
    ):
        yield opened


async def workspaces(entry: Lobby) -> list[dict[str, object]]:
    answer = await entry.house.get("/v1/slack/workspaces")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, object]] = answer.json()["items"]
    return items


async def test_an_admins_link_leads_over_consent_to_an_installed_workspace(entry: Lobby) -> None:
    sent = await entry.open(await entry.link())

    assert sent.status_code == 302
    asked = parse_qs(urlsplit(sent.headers["location"]).query)
    assert asked["redirect_uri"] == ["https://undersigned.test/slack/oauth_redirect"]
    assert set(asked["scope"][0].split(",")) == set(SCOPES)
    cookie = sent.headers["set-cookie"]
    for flag in ("HttpOnly", "Secure", "SameSite=lax", "Path=/slack", "Max-Age=900"):
        assert flag in cookie
    page = await entry.browser.get(entry.slack.consent(sent.headers["location"]))

    assert page.status_code == 200
    assert "Undersigned works in Home now." in page.text
    [listed] = await workspaces(entry)
    assert (listed["id"], listed["state"], listed["scopes_missing"]) == ("T0HOME", "installed", [])


async def test_who_installed_what_is_on_record_and_the_token_nowhere(
    entry: Lobby, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        page = await entry.install()

    answer = await entry.house.get("/v1/slack/workspaces/T0HOME/facts")
    [entry_of] = answer.json()["items"]
    fact = entry_of["fact"]
    assert (fact["kind"], fact["workspace"], fact["installer"]) == (
        "SlackInstalled", "T0HOME", "U0INSTALLER",
    )  # fmt: skip
    assert fact["by"].startswith("key:")
    assert set(fact["scopes"]) == set(SCOPES)
    async with entry.house.engine.connect() as connection:
        for table in ("slack_installation", "slack_install_link", "fact"):
            rows = (await connection.execute(text(f"SELECT * FROM {table}"))).all()
            assert entry.slack.bot_token not in str(rows), table
            assert entry.slack.bot_token.removeprefix("xoxb-sandbox-") not in str(rows), table
    told = "".join(record.getMessage() for record in caplog.records if record.name != "httpx")
    assert entry.slack.bot_token not in told + page.text + answer.text
    assert entry.slack.client_secret not in told + page.text


async def test_the_stored_token_is_the_one_that_slack_gave(entry: Lobby) -> None:
    await entry.install()

    found = await entry.house.get("/v1/slack/workspaces/T0HOME/check")

    assert {one["level"] for one in found.json()["items"]} == {"ok"}


async def test_a_link_is_good_for_one_installation(entry: Lobby) -> None:
    link = await entry.link()
    sent = await entry.open(link)
    back = entry.slack.consent(sent.headers["location"])
    assert (await entry.browser.get(back)).status_code == 200

    again = await entry.open(link)

    assert again.status_code == 410
    assert "undersigned slack install" in again.text


async def test_what_slack_sends_back_counts_once(entry: Lobby) -> None:
    sent = await entry.open(await entry.link())
    cookie = {"Cookie": sent.headers["set-cookie"].partition(";")[0]}
    back = entry.slack.consent(sent.headers["location"])
    assert (await entry.browser.get(back, headers=cookie)).status_code == 200

    repeated = await entry.browser.get(back, headers=cookie)

    assert repeated.status_code == 410
    assert len(entry.slack.calls_of("oauth.v2.access")) == 1


async def test_a_link_ends_after_a_quarter_of_an_hour(entry: Lobby, clock: Clock) -> None:
    link = await entry.link()
    clock.forward(timedelta(minutes=15))

    assert (await entry.open(link)).status_code == 410


async def test_consent_that_comes_too_late_installs_nothing(entry: Lobby, clock: Clock) -> None:
    sent = await entry.open(await entry.link())
    clock.forward(timedelta(minutes=15))

    page = await entry.browser.get(entry.slack.consent(sent.headers["location"]))

    assert page.status_code == 410
    assert await workspaces(entry) == []


@pytest.mark.parametrize("query", ["", "?ticket=", "?ticket=guessed", "?ticket=" + "x" * 5000])
async def test_whoever_finds_the_address_installs_nothing(entry: Lobby, query: str) -> None:
    assert (await entry.browser.get(f"/slack/install{query}")).status_code == 410


async def test_another_browser_can_not_end_what_one_began(entry: Lobby) -> None:
    sent = await entry.open(await entry.link())
    back = entry.slack.consent(sent.headers["location"])

    async with another_browser(entry) as other:
        page = await other.get(back)

    assert page.status_code == 403
    assert await workspaces(entry) == []
    assert entry.slack.calls_of("oauth.v2.access") == []


async def test_a_link_that_two_browsers_open_belongs_to_the_later_one(entry: Lobby) -> None:
    link = await entry.link()
    first = await entry.open(link)
    async with another_browser(entry) as other:
        second = await other.get(link)
        lost = await entry.browser.get(entry.slack.consent(first.headers["location"]))
        won = await other.get(entry.slack.consent(second.headers["location"]))

    assert (lost.status_code, won.status_code) == (410, 200)


async def test_a_refused_consent_is_said_and_can_be_given_after_all(entry: Lobby) -> None:
    link = await entry.link()
    sent = await entry.open(link)
    page = await entry.browser.get(entry.slack.refuse(sent.headers["location"]))
    assert page.status_code == 403
    assert "not allowed" in page.text

    sent = await entry.open(link)
    page = await entry.browser.get(entry.slack.consent(sent.headers["location"]))

    assert page.status_code == 200


@pytest.mark.parametrize("fault", [ServerError(), Cut()])
async def test_slack_away_during_the_exchange_keeps_nothing(
    entry: Lobby, fault: ServerError | Cut
) -> None:
    entry.slack.faults.next("oauth.v2.access", fault)

    page = await entry.install()

    assert page.status_code == 503
    assert await workspaces(entry) == []


async def test_a_code_of_somebody_else_is_refused_by_slack_in_a_sentence(entry: Lobby) -> None:
    sent = await entry.open(await entry.link())
    back = entry.slack.consent(sent.headers["location"]).replace("code=", "code=0")

    page = await entry.browser.get(back)

    assert page.status_code == 409
    assert "invalid_code" in page.text


async def test_names_from_slack_are_text_on_the_page(entry: Lobby) -> None:
    evil = SlackSandbox(team_id="T0EVIL", team_name="<script>x</script>", beside=entry.slack)

    page = await entry.install(evil)

    assert "<script>" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


async def test_several_workspaces_are_installed_and_each_has_its_token(entry: Lobby) -> None:
    other = SlackSandbox(team_id="T0OTHER", team_name="Other", beside=entry.slack)
    await entry.install()
    await entry.install(other)

    assert [one["id"] for one in await workspaces(entry)] == ["T0HOME", "T0OTHER"]
    for one in ("T0HOME", "T0OTHER"):
        [said, *_] = (await entry.house.get(f"/v1/slack/workspaces/{one}/check")).json()["items"]
        assert one in said["sentence"]


async def test_an_organisation_is_stored_by_its_own_id(entry: Lobby) -> None:
    org = SlackSandbox(
        team_id="T0INORG", enterprise_id="E0ORG", beside=entry.slack, is_org_wide=True
    )

    await entry.install(org)

    [listed] = await workspaces(entry)
    assert (listed["id"], listed["enterprise"]) == ("E0ORG", "E0ORG")


async def test_a_second_installation_takes_the_place_of_the_first(entry: Lobby) -> None:
    await entry.install()
    await entry.install()

    assert len(await workspaces(entry)) == 1
    facts = (await entry.house.get("/v1/slack/workspaces/T0HOME/facts")).json()["items"]
    assert [one["kind"] for one in facts] == ["SlackInstalled", "SlackInstalled"]
    found = await entry.house.get("/v1/slack/workspaces/T0HOME/check")
    assert found.json()["items"][0]["level"] == "ok"


async def test_taking_the_app_out_tells_slack_and_forgets_the_token(entry: Lobby) -> None:
    await entry.install()

    gone = await entry.house.call("DELETE", "/v1/slack/workspaces/T0HOME")

    assert gone.json() == {"workspace": "T0HOME", "in_slack": True}
    assert entry.slack.calls_of("apps.uninstall")[-1].ok
    [listed] = await workspaces(entry)
    assert listed["state"] == "asked"
    async with entry.house.engine.connect() as connection:
        token = await connection.scalar(text("SELECT sealed_token FROM slack_installation"))
    assert token is None
    again = await entry.house.call("DELETE", "/v1/slack/workspaces/T0HOME")
    assert again.status_code == 404


async def test_while_slack_is_away_nothing_is_forgotten(entry: Lobby) -> None:
    await entry.install()
    entry.slack.faults.next("apps.uninstall", ServerError())

    answer = await entry.house.call("DELETE", "/v1/slack/workspaces/T0HOME")

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:undersigned:slack-away"
    assert (await workspaces(entry))[0]["state"] == "installed"


async def test_a_token_that_was_revoked_already_is_forgotten(entry: Lobby) -> None:
    await entry.install()
    entry.slack.revoke_token()

    gone = await entry.house.call("DELETE", "/v1/slack/workspaces/T0HOME")

    assert gone.status_code == 200
    assert (await workspaces(entry))[0]["state"] == "asked"


async def test_a_token_whose_key_is_lost_can_be_forgotten_but_not_used(entry: Lobby) -> None:
    await entry.install()
    replica = composition_with(entry.house, slack_store_keys=new_key())
    entry.house.composition.__dict__.update(settings=replica.settings)

    found = await entry.house.get("/v1/slack/workspaces/T0HOME/check")
    assert "can't be decrypted" in found.json()["items"][0]["sentence"]
    gone = await entry.house.call("DELETE", "/v1/slack/workspaces/T0HOME")

    assert gone.json()["in_slack"] is False


async def test_tokens_are_encrypted_anew_by_the_newest_key(entry: Lobby) -> None:
    await entry.install()
    newest, engine = new_key(), entry.house.engine

    assert await reseal(engine, Seal.of(f"{newest},{KEYS}")) == 1
    assert await reseal(engine, Seal.of(f"{newest},{KEYS}")) == 0
    replica = composition_with(entry.house, slack_store_keys=newest)
    entry.house.composition.__dict__.update(settings=replica.settings)
    found = await entry.house.get("/v1/slack/workspaces/T0HOME/check")
    assert found.json()["items"][0]["level"] == "ok"
    with pytest.raises(SealBroken):
        await reseal(engine, Seal.of(new_key()))


async def test_a_late_word_of_an_earlier_end_leaves_a_new_installation(
    entry: Lobby, clock: Clock
) -> None:
    await entry.install()
    old = clock()
    clock.forward(timedelta(minutes=1))
    await entry.install()
    engine = entry.house.engine

    late = await note_end(engine, ("T0HOME",), "app_uninstalled", at=clock(), since=old)
    true = await note_end(engine, ("T0HOME",), "tokens_revoked", at=clock(), since=clock())

    assert (late, true) == (None, "T0HOME")
    assert (await workspaces(entry))[0]["state"] == "tokens_revoked"


async def test_without_client_and_keys_the_link_says_what_to_set(entry: Lobby) -> None:
    replica = composition_with(entry.house, slack_store_keys=None)
    entry.house.composition.__dict__.update(settings=replica.settings)

    answer = await entry.house.post("/v1/slack/links")

    assert answer.status_code == 503
    assert "UNDERSIGNED_SLACK_STORE_KEYS" in answer.json()["detail"]
    assert (await entry.browser.get("/slack/install?ticket=x")).status_code == 503
