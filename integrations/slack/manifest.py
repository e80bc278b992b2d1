"""The Slack app that Undersigned needs, and whether the installed one is it.

Source: https://docs.slack.dev/reference/app-manifest
"""

from dataclasses import dataclass
from typing import Literal

from integrations.slack.attaching import ATTACH, SHORTCUT_NAME
from integrations.slack.client import SlackClient
from integrations.slack.command_text import COMMAND
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.text import Json

SCOPES = {
    "chat:write": "to post and change cards",
    "commands": "to answer `/undersigned`",
    "im:write": "to open direct messages with owners",
    "users:read": "to see whether an account is a full member's, and its time zone",
    "users:read.email": "to find an owner's account the first time",
    "channels:read": "to find a model's channel by name",
    "channels:join": "to go into a model's public channel",
    "channels:history": "to read answers and find a card after a lost reply, in public channels",
    "groups:read": "to find a model's private channel by name",
    "groups:history": "to read answers and find a card after a lost reply, in private channels",
    "im:history": "to read answers and find a card after a lost reply, in direct messages",
}

EVENTS = (
    "app_home_opened",
    "app_uninstalled",
    "message.channels",
    "message.groups",
    "message.im",
    "tokens_revoked",
    "user_change",
)
"""What the app is told of, beside what people do with its messages."""

REDIRECT_PATH = "/slack/oauth_redirect"
"""Where Slack sends the browser of whoever installs the app."""

NO_SUCH_ADDRESS = "nobody@undersigned.invalid"
"""An address that can't exist (RFC 2606), to see whether asking by e-mail is allowed."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    level: Literal["ok", "warning", "error"]
    about: str
    sentence: str


def manifest(
    public_url: str | None = None, *, socket_mode: bool = False, org_wide: bool = False
) -> Json:
    """Describe the app, to be pasted at https://api.slack.com/apps; `public_url` is for HTTP."""
    if public_url is None and not socket_mode:
        raise ValueError(
            "Over HTTP Slack needs an address that it can reach: give the public URL, "
            "or use Socket Mode."
        )
    interactivity: Json = {"is_enabled": True}
    events: Json = {"bot_events": list(EVENTS)}
    command: Json = {
        "command": COMMAND,
        "description": "What waits for you, where a model is, when you are away.",
        "usage_hint": (
            "pending | status MODEL [VERSION] | own MODEL ROLE | away FROM UNTIL | link CODE | help"
        ),
        "should_escape": True,  # mentions come as ids, which nobody can imitate
    }
    oauth: Json = {"scopes": {"bot": list(SCOPES)}}
    if public_url and public_url.startswith("https://"):  # Slack sends browsers back by TLS alone
        oauth["redirect_urls"] = [f"{public_url.rstrip('/')}{REDIRECT_PATH}"]
    if not socket_mode and public_url:
        address = f"{public_url.rstrip('/')}/slack/events"
        interactivity["request_url"] = events["request_url"] = command["url"] = address
    return {
        "display_information": {
            "name": "Undersigned",
            "description": "Durable sign-offs for machine-learning models.",
            "background_color": "#1f2937",
        },
        "features": {
            "shortcuts": [
                {
                    "name": SHORTCUT_NAME,
                    "type": "message",
                    "callback_id": ATTACH,
                    "description": "Attach a message as evidence, or as the answer to a question.",
                }
            ],
            "slash_commands": [command],
            "bot_user": {"display_name": "Undersigned", "always_online": True},
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
        },
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "org_deploy_enabled": org_wide,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


async def check(client: SlackClient) -> list[Finding]:
    """Look at the installed app: its token, its scopes, and whether it finds people by e-mail."""
    try:
        team = await client.identify()
    except (SlackAuthLost, SlackRefused, SlackUnavailable) as failure:
        return [Finding("error", "token", str(failure))]
    findings = [Finding("ok", "token", f"The token belongs to the workspace {team.id}.")]
    for scope, why in SCOPES.items():
        if scope not in team.scopes:
            sentence = f"The app needs {scope} {why}; add it and install the app again."
            findings.append(Finding("error", scope, sentence))
    findings.append(await _finds_people(client))
    return findings


async def _finds_people(client: SlackClient) -> Finding:
    try:
        await client.account_by_email(NO_SUCH_ADDRESS)
    except SlackRefused as refusal:
        if refusal.error == "users_not_found":
            return Finding("ok", "people", "The app can find people by e-mail.")
        return Finding("error", "people", f"The app can't find people by e-mail: {refusal}.")
    except (SlackAuthLost, SlackUnavailable) as failure:
        return Finding("error", "people", str(failure))
    return Finding("warning", "people", "An address that can't exist was found; look at Slack.")
