"""What a message may say, and how much of it.

Sources: https://docs.slack.dev/reference/methods/chat.postMessage and `chat.update`;
https://github.com/slackapi/bolt-js/issues/2509 for the limit over all blocks, which Slack doesn't
document.
"""

import re
from typing import Any

from integrations.slack.sandbox.arguments import Arguments
from integrations.slack.sandbox.blocks import block_problems, texts_of
from integrations.slack.sandbox.errors import ApiError
from integrations.slack.sandbox.records import Json

MOST_CHARACTERS = 40_000
MOST_BYTES_IN_UPDATE = 4_000
MOST_BLOCK_CHARACTERS = 13_000
MOST_METADATA_BYTES = 16_000

_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt);)")


def blocks_of(arguments: Arguments) -> list[Json] | None:
    """Read and check a message's blocks; None when it has none.

    Raises `ApiError` `invalid_blocks_format`, `invalid_blocks` with every place, or
    `msg_blocks_too_long`.
    """
    blocks = arguments.structure("blocks", "invalid_blocks_format")
    if blocks is None:
        return None
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise ApiError("invalid_blocks_format")
    refuse_blocks(blocks)
    return blocks


def refuse_blocks(blocks: Any) -> None:
    """Raise `ApiError` when a message can't show these blocks."""
    problems = block_problems(blocks, "message")
    if problems:
        messages = [f"[ERROR] {problem}" for problem in problems]
        raise ApiError("invalid_blocks", errors=problems, response_metadata={"messages": messages})
    if sum(len(text) for _, text in texts_of(blocks)) > MOST_BLOCK_CHARACTERS:
        raise ApiError("msg_blocks_too_long")


def refuse_text(text: str) -> None:
    """Raise `ApiError` when a new message's text is too long; Slack itself cuts it there."""
    if len(text) > MOST_CHARACTERS:
        raise ApiError("msg_too_long")


def refuse_text_of_update(text: str) -> None:
    """Raise `ApiError` when an update's text is over 4,000 bytes, counted after escaping."""
    escaped = _BARE_AMPERSAND.sub("&amp;", text)
    if len(escaped.encode()) > MOST_BYTES_IN_UPDATE:
        raise ApiError("msg_too_long")


def metadata_of(arguments: Arguments) -> Json | None:
    """Read a message's metadata; None when not given, empty to remove what is there.

    Raises `ApiError` `invalid_metadata_format`, `invalid_metadata_schema`, `metadata_too_large`.
    """
    found = arguments.structure("metadata", "invalid_metadata_format")
    if found is None or found == {}:
        return None if found is None else {}
    if not isinstance(found, dict) or set(found) - {"event_type", "event_payload", "entities"}:
        raise ApiError("invalid_metadata_format")
    event_type, payload = found.get("event_type"), found.get("event_payload")
    if not isinstance(event_type, str) or not event_type or not isinstance(payload, dict):
        raise ApiError("invalid_metadata_format")
    if not all(
        isinstance(value, (str, int, float, bool, dict, list)) for value in payload.values()
    ):
        raise ApiError("invalid_metadata_schema")
    if len(repr(found).encode()) > MOST_METADATA_BYTES:
        raise ApiError("metadata_too_large")
    return found
