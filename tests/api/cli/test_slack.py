import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app
from integrations.slack.manifest import SCOPES
from integrations.slack.sandbox.workspace import SlackSandbox

pytestmark = pytest.mark.usefixtures("place")


def test_the_manifest_names_the_public_address() -> None:
    result = CliRunner().invoke(
        app, ["slack", "manifest", "--public-url", "https://undersigned.example.com/"]
    )

    assert result.exit_code == 0
    manifest = json.loads(result.stdout)
    interactivity = manifest["settings"]["interactivity"]
    assert interactivity["request_url"] == "https://undersigned.example.com/slack/events"
    events = manifest["settings"]["event_subscriptions"]
    assert events["request_url"] == interactivity["request_url"]
    assert set(events["bot_events"]) >= {"app_home_opened", "app_uninstalled", "tokens_revoked"}
    assert set(events["bot_events"]) >= {"message.channels", "message.groups", "message.im"}
    redirects = manifest["oauth_config"]["redirect_urls"]
    assert redirects == ["https://undersigned.example.com/slack/oauth_redirect"]
    [command] = manifest["features"]["slash_commands"]
    assert (command["command"], command["url"]) == ("/undersigned", events["request_url"])
    assert command["should_escape"] is True
    [shortcut] = manifest["features"]["shortcuts"]
    assert (shortcut["type"], shortcut["callback_id"]) == ("message", "attach")
    assert len(shortcut["name"]) <= 24
    assert len(shortcut["description"]) <= 150
    assert manifest["features"]["app_home"]["home_tab_enabled"] is True
    assert manifest["oauth_config"]["scopes"]["bot"] == list(SCOPES)


@pytest.mark.parametrize(("options", "is_wide"), [((), False), (("--org-wide",), True)])
def test_the_manifest_lets_an_organisation_install_it_when_told(
    options: tuple[str, ...], is_wide: bool
) -> None:
    result = CliRunner().invoke(app, ["slack", "manifest", "--socket-mode", *options])

    assert json.loads(result.stdout)["settings"]["org_deploy_enabled"] is is_wide


def test_the_manifest_for_socket_mode_needs_no_address() -> None:
    result = CliRunner().invoke(app, ["slack", "manifest", "--socket-mode"])

    assert json.loads(result.stdout)["settings"]["socket_mode_enabled"] is True


def test_a_manifest_without_an_address_says_which_option_is_missing() -> None:
    result = CliRunner().invoke(app, ["slack", "manifest"])

    assert result.exit_code == 2
    assert "--public-url" in result.stderr


def test_a_check_without_an_app_says_what_to_set() -> None:
    result = CliRunner().invoke(app, ["slack", "check"])

    assert result.exit_code == 1
    assert "UNDERSIGNED_SLACK_BOT_TOKEN" in result.stderr


def test_the_public_address_of_the_settings_counts(place: Path) -> None:
    (place / ".env").write_text("UNDERSIGNED_PUBLIC_URL=https://settings.example.com\n")

    result = CliRunner().invoke(app, ["slack", "manifest"])

    assert "https://settings.example.com/slack/events" in result.stdout


async def check(slack: SlackSandbox, *options: str) -> Result:
    """Run the check in a thread, beside the workspace."""
    env = {
        "UNDERSIGNED_SLACK_BOT_TOKEN": slack.bot_token,
        "UNDERSIGNED_SLACK_API_URL": slack.base_url,
    }
    return await asyncio.to_thread(CliRunner().invoke, app, ["slack", "check", *options], env=env)


async def test_a_right_app_is_exit_code_0() -> None:
    async with SlackSandbox(scopes=list(SCOPES)) as slack:
        result = await check(slack, "--json")

    assert result.exit_code == 0
    assert {one["level"] for one in json.loads(result.stdout)["items"]} == {"ok"}
    assert slack.bot_token not in result.output


async def test_an_app_without_a_scope_is_exit_code_1_and_says_which() -> None:
    async with SlackSandbox(scopes=[one for one in SCOPES if one != "im:write"]) as slack:
        result = await check(slack)

    assert result.exit_code == 1
    assert "The app needs im:write" in result.stdout
