"""The frame of a modal, and the fields that it asks for."""

from collections.abc import Mapping

from integrations.slack.clicks import Form
from integrations.slack.text import Json, code, plain
from lifecycle.values import SignoffKey

LONGEST_COMMENT = 3_000
LONGEST_SENTENCE = 1_000
MOST_OPTIONS = 100


def subject_of(signoff: str) -> str:
    """Name what a sign-off is about, in mrkdwn; raises ValueError when it is no sign-off's id."""
    key = SignoffKey.parse(signoff)
    return f"{code(key.model)} version {code(key.version)} as {code(key.role)}"


def modal(
    callback: str, heading: str, blocks: list[Json], *, submit: str = "", form: Form | None = None
) -> Json:
    """Make a modal; with `submit` it is sent, and with `form` it remembers what it is about."""
    view: Json = {
        "type": "modal",
        "callback_id": callback,
        "title": plain(heading, 24),
        "close": plain("Cancel" if submit else "Close", 24),
        "blocks": blocks,
    }
    if submit:
        view["submit"] = plain(submit, 24)
    if form:
        view["private_metadata"] = form.model_dump_json(exclude_defaults=True)
    return view


def words(
    name: str,
    label: str,
    hint: str,
    *,
    longest: int = LONGEST_COMMENT,
    is_optional: bool = False,
    initial: str = "",
) -> Json:
    """Ask for text; `initial` stands there already."""
    element: Json = {"type": "plain_text_input", "multiline": True, "max_length": longest}
    if initial:
        element["initial_value"] = initial
    return _input(name, label, hint, element, is_optional=is_optional)


def line(name: str, label: str, hint: str, *, longest: int, is_optional: bool = False) -> Json:
    """Ask for a few words on one line."""
    element = {"type": "plain_text_input", "max_length": longest}
    return _input(name, label, hint, element, is_optional=is_optional)


def select(name: str, label: str, options: Mapping[str, str], *, is_optional: bool = False) -> Json:
    """Ask for one of some choices; given as their values with what is said of each."""
    element = {"type": "static_select", "options": _options(options)}
    return _input(name, label, "", element, is_optional=is_optional)


def several(name: str, label: str, options: Mapping[str, str], most: int) -> Json:
    """Ask for at least one of some choices."""
    element = {
        "type": "multi_static_select",
        "options": _options(options),
        "max_selected_items": most,
    }
    return _input(name, label, "", element)


def date(name: str, label: str, hint: str) -> Json:
    """Ask for a day, or none."""
    return _input(name, label, hint, {"type": "datepicker"}, is_optional=True)


def person(name: str, label: str, hint: str, *, is_optional: bool) -> Json:
    """Ask for somebody of the workspace."""
    return _input(name, label, hint, {"type": "users_select"}, is_optional=is_optional)


def _input(name: str, label: str, hint: str, element: Json, *, is_optional: bool = False) -> Json:
    block: Json = {
        "type": "input",
        "block_id": name,
        "label": plain(label, 200),
        "element": {**element, "action_id": name},
    }
    if hint:
        block["hint"] = plain(hint, 200)
    return {**block, "optional": True} if is_optional else block


def _options(options: Mapping[str, str]) -> list[Json]:
    return [_option(value, said) for value, said in list(options.items())[:MOST_OPTIONS]]


def _option(value: str, said: str) -> Json:
    """Say a choice in its own words, or by its name where they aren't known."""
    return {"text": plain(said or value, 75), "value": value}
