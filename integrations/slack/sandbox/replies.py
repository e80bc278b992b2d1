"""What the app posts to a `response_url`.

Source: https://docs.slack.dev/interactivity/handling-user-interaction: 30 minutes, five times.
Slack publishes no error codes for these addresses; `used_url` and `expired_url` are as observed.
"""

from typing import Any

from integrations.slack.sandbox.api_chat import new_message, show
from integrations.slack.sandbox.content import refuse_blocks, refuse_text
from integrations.slack.sandbox.errors import ApiError
from integrations.slack.sandbox.records import Channel, Json, Message
from integrations.slack.sandbox.state import RESPONSE_URL_USES, ResponseUrl, Workspace

_KNOWN = {
    "blocks",
    "delete_original",
    "mrkdwn",
    "replace_original",
    "response_type",
    "text",
    "thread_ts",
    "unfurl_links",
    "unfurl_media",
}


def reply(workspace: Workspace, path: str, body: Any) -> None:
    """Do what an app asks at a `response_url`.

    Raises `ApiError` `expired_url`, `used_url`, `invalid_payload`, `invalid_blocks` or `no_text`.
    """
    address = workspace.response_urls.get(path)
    if address is None or workspace.clock.now() > address.expires:
        raise ApiError("expired_url")
    if address.uses >= RESPONSE_URL_USES:
        raise ApiError("used_url")
    if not isinstance(body, dict) or set(body) - _KNOWN:
        raise ApiError("invalid_payload")
    address.uses += 1
    if body.get("delete_original"):
        _delete(address)
    elif body.get("replace_original") and address.message:
        text, blocks = checked(body)
        show(workspace, address.message, text, blocks)
    else:
        say(workspace, workspace.channels[address.channel], address.user, body)
    workspace.touch()


def _delete(address: ResponseUrl) -> None:
    if address.message is None:
        raise ApiError("message_not_found")
    address.message.is_deleted = True


def checked(body: Json) -> tuple[str, list[Json]]:
    """Read text and blocks of an answer.

    Raises `ApiError` for what Slack refuses.
    """
    text, blocks = body.get("text") or "", body.get("blocks") or []
    if not isinstance(text, str):
        raise ApiError("invalid_payload")
    if not text and not blocks:
        raise ApiError("no_text")
    refuse_text(text)
    refuse_blocks(blocks)
    return text, blocks


def say(workspace: Workspace, channel: Channel, user: str, body: Json) -> Message:
    """Show an answer to one person, or to all with `response_type: in_channel`."""
    text, blocks = checked(body)
    message = new_message(workspace, channel, text, blocks)
    message.thread_ts = body.get("thread_ts")
    if body.get("response_type") == "in_channel":
        workspace.messages[channel.id].append(message)
    else:
        message.only_for = user
        workspace.ephemerals.append(message)
    workspace.touch()
    return message
