"""The stand-in's OAuth is as strict as Slack's."""

from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest
from aiohttp import encode_basic_auth

from integrations.slack.client import open_client
from integrations.slack.failures import SlackAuthLost
from integrations.slack.sandbox.clock import ManualClock
from integrations.slack.sandbox.oauth import ConsentRefused
from integrations.slack.sandbox.records import Json
from integrations.slack.sandbox.workspace import SlackSandbox

BACK = "https://app.example.com/slack/oauth_redirect"


def asked(slack: SlackSandbox, **changes: str) -> str:
    given = {"client_id": slack.client_id, "scope": "chat:write,commands", "redirect_uri": BACK}
    return f"https://slack.com/oauth/v2/authorize?{urlencode({**given, 'state': 's', **changes})}"


def code_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["code"][0]


async def access(slack: SlackSandbox, code: str, **changes: str) -> Json:
    client = changes.pop("client", slack.client_id)
    secret = changes.pop("secret", slack.client_secret)
    headers = {"Authorization": encode_basic_auth(client, secret)}
    data = {"code": code, "redirect_uri": BACK, **changes}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{slack.base_url}oauth.v2.access", data=data, headers=headers) as answer,
    ):
        found: Json = await answer.json()
        return found


async def test_a_code_is_exchanged_once() -> None:
    async with SlackSandbox() as slack:
        slack.allow_redirects_to(BACK)
        before = slack.bot_token
        code = code_in(slack.consent(asked(slack)))

        first, second = await access(slack, code), await access(slack, code)

        assert first["access_token"] == slack.bot_token != before
        assert (first["team"]["id"], first["token_type"]) == (slack.team_id, "bot")
        assert first["scope"] == "chat:write,commands"
        assert second == {"ok": False, "error": "code_already_used"}
        async with open_client(slack.bot_token, slack.base_url) as client:
            assert (await client.identify()).scopes == {"chat:write", "commands"}
        async with open_client(before, slack.base_url) as client:
            with pytest.raises(SlackAuthLost):
                await client.identify()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client": "1.2"}, "invalid_client_id"),
        ({"secret": "x"}, "bad_client_secret"),
        ({"redirect_uri": "https://app.example.com/other"}, "bad_redirect_uri"),
        ({"code": "1.x"}, "invalid_code"),
    ],
)
async def test_what_does_not_fit_is_refused(changes: dict[str, str], error: str) -> None:
    async with SlackSandbox() as slack:
        slack.allow_redirects_to(BACK)
        code = code_in(slack.consent(asked(slack)))

        assert (await access(slack, changes.pop("code", code), **changes))["error"] == error


async def test_a_code_is_good_for_ten_minutes() -> None:
    clock = ManualClock()
    async with SlackSandbox(clock=clock) as slack:
        slack.allow_redirects_to(BACK)
        code = code_in(slack.consent(asked(slack)))
        clock.advance(timedelta(minutes=10, seconds=1))

        assert (await access(slack, code))["error"] == "code_expired"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "1.2"},
        {"scope": ""},
        {"redirect_uri": "https://evil.example.com/slack/oauth_redirect"},
        {"redirect_uri": "http://app.example.com/slack/oauth_redirect"},
        {"redirect_uri": f"{BACK}ed"},
    ],
)
async def test_consent_is_shown_for_the_app_and_its_addresses_alone(
    changes: dict[str, str],
) -> None:
    async with SlackSandbox() as slack:
        slack.allow_redirects_to(BACK)

        with pytest.raises(ConsentRefused):
            slack.consent(asked(slack, **changes))


async def test_the_page_of_consent_lets_somebody_choose_a_workspace() -> None:
    async with SlackSandbox() as slack, aiohttp.ClientSession() as session:
        slack.allow_redirects_to(BACK)
        other = SlackSandbox(team_id="T0OTHER", team_name="Other", beside=slack)
        page = asked(slack).replace("https://slack.com/", slack.page_url)
        async with session.get(page) as shown:
            assert "Allow in Other" in await shown.text()
        for data, said in (({"team": "T0OTHER"}, "code="), ({}, "error=access_denied")):
            async with session.post(page, data=data, allow_redirects=False) as sent:
                assert said in sent.headers["Location"]
        assert other.bot_token != slack.bot_token


async def test_each_token_reaches_its_own_workspace() -> None:
    async with SlackSandbox() as slack:
        other = SlackSandbox(team_id="T0OTHER", team_name="Other", beside=slack)
        async with open_client(other.bot_token, slack.base_url) as client:
            with pytest.raises(SlackAuthLost):
                await client.identify()  # not installed there yet
        async with open_client(other.reinstall(), slack.base_url) as client:
            assert (await client.identify()).id == "T0OTHER"
            ana = other.add_person("Ana")
            await client.open_dm(ana.id)
        async with open_client(slack.bot_token, slack.base_url) as client:
            assert (await client.identify()).id == slack.team_id
        assert [one.method for one in other.calls][-1] == "conversations.open"
        assert slack.calls_of("conversations.open") == []
