"""What people enter: the state of elements, as payloads carry it, and what Slack lets them send."""

from collections.abc import Collection
from typing import Any

from integrations.slack.sandbox.composition import all_options
from integrations.slack.sandbox.errors import FormIncomplete, NoSuchButton
from integrations.slack.sandbox.records import Json
from integrations.slack.sandbox.schema import is_day

# The field of an element's state that holds what was entered, and the field with its first value.
_SINGLE = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
_SEVERAL = {
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
}
_TYPED = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}
_CHOSEN = {"static_select", "radio_buttons", "checkboxes", "multi_static_select", "overflow"}


def blank(element: Json) -> Json:
    """Show an element's state before anybody touched it."""
    kind = element["type"]
    if kind in _SEVERAL:
        name, initial = _SEVERAL[kind]
        return {"type": kind, name: element.get(initial, [])}
    name, initial = _SINGLE[kind]
    return {"type": kind, name: element.get(initial)}


def entered(element: Json, value: Any) -> Json:
    """Show an element's state after somebody entered this; options are given by their value.

    Raises `NoSuchButton` for an option that is not offered, `FormIncomplete` for a text that the
    field doesn't take.
    """
    kind = element["type"]
    if kind == "overflow":
        return {"type": kind, "selected_option": _option(element, value)}
    if kind in _SEVERAL:
        _refuse_many(element, value)
        several = [_option(element, each) if kind in _CHOSEN else each for each in value]
        return {"type": kind, _SEVERAL[kind][0]: several}
    if kind in _TYPED and value is not None:
        _refuse_length(element, str(value))
    if kind == "datepicker" and value is not None and not is_day(str(value)):
        raise FormIncomplete(f"{element['action_id']!r} takes a day, not {value!r}")
    chosen = _option(element, value) if kind in _CHOSEN and value is not None else value
    return {"type": kind, _SINGLE[kind][0]: chosen}


def _option(element: Json, value: Any) -> Json:
    for option in all_options(element):
        if option["value"] == value:
            return option
    offered = [option["value"] for option in all_options(element)]
    raise NoSuchButton(f"{element['action_id']!r} offers {offered}, not {value!r}")


def _refuse_many(element: Json, chosen: list[Any]) -> None:
    most = element.get("max_selected_items", len(chosen))
    if len(chosen) > most:
        raise FormIncomplete(f"{element['action_id']!r} takes at most {most}")


def refuse_strangers(values: Json, people: Collection[str]) -> None:
    """Raise `NoSuchButton` when somebody was picked whom the workspace doesn't have."""
    for state in (state for block in values.values() for state in block.values()):
        picked = [*state.get("selected_users", []), state.get("selected_user")]
        unknown = [each for each in picked if each is not None and each not in people]
        if unknown:
            raise NoSuchButton(f"nobody is called {unknown}")


def _refuse_length(element: Json, text: str) -> None:
    low, high = element.get("min_length", 0), element.get("max_length", 3000)
    if not low <= len(text) <= high:
        raise FormIncomplete(f"{element['action_id']!r} takes {low} to {high} characters")


def state_values(elements: list[tuple[str, Json]], given: Json | None = None) -> Json:
    """Show the state of all elements: what was given as {block id: {action id: value}}, or blank.

    Raises `NoSuchButton` when something was given that the form doesn't have.
    """
    rest = {(block, action) for block, some in (given or {}).items() for action in some}
    values: Json = {}
    for block_id, element in elements:
        if element["type"] not in {*_SINGLE, *_SEVERAL}:
            continue
        key = (block_id, element["action_id"])
        state = entered(element, given[key[0]][key[1]]) if given and key in rest else blank(element)
        rest.discard(key)
        values.setdefault(block_id, {})[element["action_id"]] = state
    if rest:
        raise NoSuchButton(f"the form has no {sorted(rest)}; it has {values}")
    return values


def refuse_incomplete(blocks: list[Json], values: Json) -> None:
    """Raise `FormIncomplete` when a required input is empty: Slack's client doesn't send that."""
    for block in blocks:
        if block["type"] != "input" or block.get("optional"):
            continue
        state = values[block["block_id"]][block["element"]["action_id"]]
        content = [value for name, value in state.items() if name != "type"]
        if not any(content) or content == [""]:
            raise FormIncomplete(f"{block['block_id']!r} is required")
