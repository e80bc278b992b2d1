"""Slack's blocks: what a message, a modal or a home tab may show, and how much of it.

Source: https://docs.slack.dev/reference/block-kit/blocks; the lengths are also in
`slack_sdk.models.blocks.blocks`.
"""

from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeAlias

from integrations.slack.sandbox.composition import any_text, plain
from integrations.slack.sandbox.elements import (
    IN_ACTIONS,
    IN_CONTEXT,
    IN_INPUT,
    IN_SECTION,
)
from integrations.slack.sandbox.schema import (
    Problems,
    Rule,
    anything,
    boolean,
    choice,
    integer,
    items,
    one_of,
    report,
    shape,
    some_of,
    string,
    tagged,
    url,
)

Json: TypeAlias = dict[str, Any]
Surface: TypeAlias = Literal["message", "modal", "home"]

MOST_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}
BLOCK_ID = {"block_id": string(high=255)}


def _block(required: dict[str, Rule], optional: dict[str, Rule], *more: Rule) -> Rule:
    return shape(required, {**BLOCK_ID, **optional}, *more)


_RICH_PART = tagged(
    {
        kind: shape({}, dict.fromkeys(fields, anything))
        for kind, fields in {
            "text": ("text", "style"),
            "link": ("url", "text", "style"),
            "emoji": ("name", "skin_tone", "unicode", "style"),
            "user": ("user_id", "style"),
            "channel": ("channel_id", "style"),
            "broadcast": ("range", "style"),
            "date": ("timestamp", "format", "url", "fallback", "style"),
        }.items()
    }
)
_RICH_PARTS: dict[str, Rule] = {"elements": items(_RICH_PART, low=0, high=1000)}
_RICH_SECTION = shape(_RICH_PARTS, {})
_RICH_LIST = shape(
    {
        "elements": items(tagged({"rich_text_section": _RICH_SECTION}), high=1000),
        "style": choice("bullet", "ordered"),
    },
    {"indent": integer(0, 8), "offset": integer(0, 10_000), "border": integer(0, 1)},
)
_RICH_TEXT = {
    "rich_text_section": _RICH_SECTION,
    "rich_text_list": _RICH_LIST,
    "rich_text_preformatted": shape(_RICH_PARTS, {"border": integer(0, 1)}),
    "rich_text_quote": shape(_RICH_PARTS, {"border": integer(0, 1)}),
}

EVERYWHERE: dict[str, Rule] = {
    "section": _block(
        {},
        {
            "text": any_text(3000),
            "fields": items(any_text(2000), high=10),
            "accessory": tagged(IN_SECTION),
            "expand": boolean,
        },
        some_of("text", "fields"),
    ),
    "divider": _block({}, {}),
    "header": _block({"text": plain(150)}, {}),
    "context": _block({"elements": items(tagged(IN_CONTEXT), high=10)}, {}),
    "actions": _block({"elements": items(tagged(IN_ACTIONS), high=25)}, {}),
    "image": _block(
        {"alt_text": string(high=2000)},
        {"image_url": url(), "slack_file": anything, "title": plain(2000)},
        one_of("image_url", "slack_file"),
    ),
    "input": _block(
        {"label": plain(2000), "element": tagged(IN_INPUT)},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": _block({"elements": items(tagged(_RICH_TEXT), high=1000)}, {}),
}
BLOCKS: dict[Surface, dict[str, Rule]] = {
    "message": {**EVERYWHERE, "markdown": _block({"text": string(high=12_000)}, {})},
    "modal": EVERYWHERE,
    "home": EVERYWHERE,
}


def block_problems(blocks: Any, surface: Surface, place: str = "/blocks") -> list[str]:
    """Say all that Slack would refuse, in Slack's words; nothing when the blocks are well."""
    problems: Problems = []
    most = MOST_BLOCKS[surface]
    items(tagged(BLOCKS[surface]), low=0, high=most)(blocks, place, problems)
    if not problems:
        _ids_differ(blocks, place, problems)
        _one_focus(blocks, place, problems)
    return problems


def _ids_differ(blocks: list[Json], place: str, problems: Problems) -> None:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id in seen:
            report(problems, f'"block_id" {block_id} already exists', f"{place}/{index}")
        elif block_id is not None:
            seen.add(block_id)
        actions = [each["action_id"] for each in elements_of(block) if "action_id" in each]
        for action_id in sorted({each for each in actions if actions.count(each) > 1}):
            report(problems, f'"action_id" {action_id} already exists', f"{place}/{index}")


def _one_focus(blocks: list[Json], place: str, problems: Problems) -> None:
    focused = [each for block in blocks for each in elements_of(block) if each.get("focus_on_load")]
    if len(focused) > 1:
        report(problems, "only one element may have focus_on_load", place)


def elements_of(block: Json) -> Iterator[Json]:
    """Yield the interactive elements of a block."""
    kind = block["type"]
    if kind == "actions":
        yield from block["elements"]
    elif kind == "input":
        yield block["element"]
    elif kind == "section" and block.get("accessory", {}).get("type", "image") != "image":
        yield block["accessory"]


def with_ids(blocks: list[Json], new_id: Callable[[], str]) -> list[Json]:
    """Copy the blocks, giving those and their elements an id that have none, as Slack does."""
    given: list[Json] = []
    for block in blocks:
        copy = {**block, "block_id": block.get("block_id") or new_id()}
        if copy["type"] == "actions":
            copy["elements"] = [_with_id(each, new_id) for each in copy["elements"]]
        elif copy["type"] == "input":
            copy["element"] = _with_id(copy["element"], new_id)
        elif any(True for _ in elements_of(copy)):
            copy["accessory"] = _with_id(copy["accessory"], new_id)
        given.append(copy)
    return given


def _with_id(element: Json, new_id: Callable[[], str]) -> Json:
    return {**element, "action_id": element.get("action_id") or new_id()}


def texts_of(content: Any) -> Iterator[tuple[str, str]]:
    """Yield (`mrkdwn` or `plain_text`, text) for every text object, wherever it is."""
    if isinstance(content, list):
        for each in content:
            yield from texts_of(each)
    elif isinstance(content, dict):
        if content.get("type") in {"mrkdwn", "plain_text"} and isinstance(content.get("text"), str):
            yield content["type"], content["text"]
        for each in content.values():
            yield from texts_of(each)
