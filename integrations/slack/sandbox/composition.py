"""Slack's composition objects: texts, options, confirmation dialogs.

Source: https://docs.slack.dev/reference/block-kit/composition-objects
"""

from typing import Any

from integrations.slack.sandbox.schema import (
    Problems,
    Rule,
    boolean,
    choice,
    items,
    report,
    shape,
    string,
    tagged,
    url,
)


def plain(high: int) -> Rule:
    """Accept a `plain_text` object."""
    return tagged({"plain_text": shape({"text": string(high=high)}, {"emoji": boolean})})


def any_text(high: int) -> Rule:
    """Accept a `plain_text` or `mrkdwn` object."""
    return tagged(
        {
            "plain_text": shape({"text": string(high=high)}, {"emoji": boolean}),
            "mrkdwn": shape({"text": string(high=high)}, {"verbatim": boolean}),
        }
    )


def option(text: Rule, *, with_url: bool = False) -> Rule:
    """Accept one choice; its `url` is for overflow menus only."""
    optional: dict[str, Rule] = {"description": plain(75)}
    if with_url:
        optional["url"] = url()
    return shape({"text": text, "value": string(high=150)}, optional)


STYLE = choice("primary", "danger")

CONFIRM = shape(
    {"title": plain(100), "text": any_text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": STYLE},
)

OPTION_GROUP = shape(
    {"label": plain(75), "options": items(option(plain(75)), high=100)},
    {},
)

DISPATCH = shape(
    {"trigger_actions_on": items(choice("on_enter_pressed", "on_character_entered"), high=2)}, {}
)

FILTER = shape(
    {},
    {
        "include": items(choice("im", "mpim", "private", "public"), high=4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)


def all_options(element: dict[str, Any]) -> list[dict[str, Any]]:
    """List every choice of an element, its groups opened."""
    groups = element.get("option_groups", [])
    return [
        *element.get("options", []),
        *(each for group in groups for each in group["options"]),
    ]


def initial_is_an_option(value: Any, place: str, problems: Problems) -> None:
    """Check that what is selected at first can be selected."""
    offered = [each["value"] for each in all_options(value)]
    chosen = [value["initial_option"]] if "initial_option" in value else []
    for each in [*chosen, *value.get("initial_options", [])]:
        if each["value"] not in offered:
            report(problems, "initial option is not among the options", place)


def values_differ(value: Any, place: str, problems: Problems) -> None:
    """Check that no two choices carry the same value."""
    offered = [each["value"] for each in all_options(value)]
    if len(set(offered)) != len(offered):
        report(problems, "option values must be unique", place)
