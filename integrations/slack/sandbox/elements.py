"""Slack's block elements and which block holds which.

Source: https://docs.slack.dev/reference/block-kit/block-elements; the lengths are also in
`slack_sdk.models.blocks.block_elements`.
"""

from collections.abc import Mapping
from typing import Any

from integrations.slack.sandbox.composition import (
    CONFIRM,
    DISPATCH,
    FILTER,
    OPTION_GROUP,
    STYLE,
    any_text,
    initial_is_an_option,
    option,
    plain,
    values_differ,
)
from integrations.slack.sandbox.schema import (
    Problems,
    Rule,
    anything,
    boolean,
    day,
    integer,
    items,
    one_of,
    report,
    shape,
    string,
    url,
)

ACTION_ID = string(high=255)
PLACEHOLDER = plain(150)
DATE = day
TIME = string(pattern=r"([01]\d|2[0-3]):[0-5]\d")
OPTIONS = items(option(plain(75)), high=100)
FEW_OPTIONS = items(option(any_text(75)), high=10)
SLACK_ID = string(pattern=r"[A-Z][A-Z0-9]{1,20}")
MANY = integer(1, 100)


def _lengths_fit(value: Any, place: str, problems: Problems) -> None:
    if value.get("min_length", 0) > value.get("max_length", 3000):
        report(problems, "min_length must not exceed max_length", place)


def _initials_are_few(value: Any, place: str, problems: Problems) -> None:
    initial = ("initial_options", "initial_users", "initial_channels")
    chosen = max(len(value.get(name, [])) for name in initial)
    if chosen > value.get("max_selected_items", chosen):
        report(problems, "initial items must not exceed max_selected_items", place)


def _element(
    required: Mapping[str, Rule], optional: Mapping[str, Rule], *more: Rule, clickable: bool = True
) -> Rule:
    common: dict[str, Rule] = {"action_id": ACTION_ID}
    if clickable:
        common["confirm"] = CONFIRM
    return shape(required, {**common, **optional}, *more)


def _menu(optional: Mapping[str, Rule], *more: Rule) -> Rule:
    return _element({}, {"placeholder": PLACEHOLDER, "focus_on_load": boolean, **optional}, *more)


def _field(required: Mapping[str, Rule], optional: Mapping[str, Rule], *more: Rule) -> Rule:
    typed: dict[str, Rule] = {
        "placeholder": PLACEHOLDER,
        "focus_on_load": boolean,
        "dispatch_action_config": DISPATCH,
    }
    return _element(required, {**typed, **optional}, *more, clickable=False)


IMAGE = shape(
    {"alt_text": string(high=2000)},
    {"image_url": url(), "slack_file": anything},
    one_of("image_url", "slack_file"),
)

BUTTON = _element(
    {"text": plain(75)},
    {
        "url": url(),
        "value": string(high=2000),
        "style": STYLE,
        "accessibility_label": string(high=75),
    },
)

OVERFLOW = _element(
    {"options": items(option(plain(75), with_url=True), low=1, high=5)}, {}, values_differ
)

MENUS: dict[str, Rule] = {
    "static_select": _menu(
        {
            "options": OPTIONS,
            "option_groups": items(OPTION_GROUP, high=100),
            "initial_option": option(plain(75)),
        },
        one_of("options", "option_groups"),
        values_differ,
        initial_is_an_option,
    ),
    "users_select": _menu({"initial_user": SLACK_ID}),
    "channels_select": _menu({"initial_channel": SLACK_ID, "response_url_enabled": boolean}),
    "conversations_select": _menu(
        {
            "initial_conversation": SLACK_ID,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": FILTER,
        }
    ),
}

MULTI_MENUS: dict[str, Rule] = {
    "multi_static_select": _menu(
        {
            "options": OPTIONS,
            "option_groups": items(OPTION_GROUP, high=100),
            "initial_options": OPTIONS,
            "max_selected_items": MANY,
        },
        one_of("options", "option_groups"),
        values_differ,
        initial_is_an_option,
        _initials_are_few,
    ),
    "multi_users_select": _menu(
        {"initial_users": items(SLACK_ID, low=0, high=100), "max_selected_items": MANY},
        _initials_are_few,
    ),
    "multi_channels_select": _menu(
        {"initial_channels": items(SLACK_ID, low=0, high=100), "max_selected_items": MANY},
        _initials_are_few,
    ),
}

PICKERS: dict[str, Rule] = {
    "datepicker": _menu({"initial_date": DATE}),
    "timepicker": _menu({"initial_time": TIME, "timezone": string(high=60)}),
    "datetimepicker": _element(
        {}, {"initial_date_time": integer(10**9, 10**10 - 1), "focus_on_load": boolean}
    ),
    "checkboxes": _element(
        {"options": FEW_OPTIONS},
        {"initial_options": FEW_OPTIONS, "focus_on_load": boolean},
        values_differ,
        initial_is_an_option,
    ),
    "radio_buttons": _element(
        {"options": FEW_OPTIONS},
        {"initial_option": option(any_text(75)), "focus_on_load": boolean},
        values_differ,
        initial_is_an_option,
    ),
}

FIELDS: dict[str, Rule] = {
    "plain_text_input": _field(
        {},
        {
            "initial_value": string(low=0, high=3000),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        _lengths_fit,
    ),
    "email_text_input": _field({}, {"initial_value": string(low=0)}),
    "url_text_input": _field({}, {"initial_value": string(low=0)}),
    "number_input": _field(
        {"is_decimal_allowed": boolean},
        {"initial_value": string(low=0), "min_value": string(), "max_value": string()},
    ),
}

IN_SECTION: dict[str, Rule] = {
    "button": BUTTON,
    "image": IMAGE,
    "overflow": OVERFLOW,
    **MENUS,
    **MULTI_MENUS,
    **{kind: rule for kind, rule in PICKERS.items() if kind != "datetimepicker"},
}
IN_ACTIONS: dict[str, Rule] = {"button": BUTTON, "overflow": OVERFLOW, **MENUS, **PICKERS}
IN_INPUT: dict[str, Rule] = {**MENUS, **MULTI_MENUS, **PICKERS, **FIELDS}
IN_CONTEXT: dict[str, Rule] = {
    "image": IMAGE,
    "plain_text": shape({"text": string(high=3000)}, {"emoji": boolean}),
    "mrkdwn": shape({"text": string(high=3000)}, {"verbatim": boolean}),
}
