"""The arguments of a Web API call, however the client encoded them."""

import json
from typing import Any
from urllib.parse import parse_qsl

from integrations.slack.sandbox.errors import ApiError, invalid_arguments
from integrations.slack.sandbox.records import Json

_TRUE = {"1", "true", "True"}
_FALSE = {"0", "false", "False", ""}


def decoded(content_type: str, query: str, body: bytes) -> Json:
    """Read the arguments out of the query and the body.

    Raises `ApiError` `invalid_json`, `json_not_object`, `invalid_form_data` or `invalid_post_type`.
    """
    arguments: Json = dict(parse_qsl(query, keep_blank_values=True))
    if not body:
        return arguments
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return {**arguments, **_object(body)}
    if kind == "application/x-www-form-urlencoded":
        try:
            return {**arguments, **dict(parse_qsl(body.decode(), keep_blank_values=True))}
        except UnicodeDecodeError:
            raise ApiError("invalid_form_data") from None
    raise ApiError("invalid_post_type" if kind else "missing_post_type")


def _object(body: bytes) -> Json:
    try:
        found = json.loads(body)
    except ValueError:
        raise ApiError("invalid_json") from None
    if not isinstance(found, dict):
        raise ApiError("json_not_object")
    return found


class Arguments:
    """Typed reading of a call's arguments; what has the wrong type is refused."""

    def __init__(self, values: Json) -> None:
        self.values = {name: value for name, value in values.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """Read text; a number is taken as the text that it is written as."""
        value = self.values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise invalid_arguments(f"must provide a string [json-pointer:/{name}]")
        return str(value)

    def required(self, name: str) -> str:
        """Read text that must be there."""
        value = self.text(name)
        if not value:
            raise invalid_arguments(f"missing required field: {name}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Read a boolean, as JSON or as the words that forms use."""
        value = self.values.get(name, default)
        if isinstance(value, bool):
            return value
        if str(value) in _TRUE:
            return True
        if str(value) in _FALSE:
            return False
        raise invalid_arguments(f"must provide a boolean [json-pointer:/{name}]")

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        """Read a whole number within a range."""
        try:
            value = int(self.text(name, str(default)))
        except ValueError:
            raise ApiError(f"invalid_{name}") from None
        if not low <= value <= high:
            raise ApiError(f"invalid_{name}")
        return value

    def structure(self, name: str, code: str) -> Any:
        """Read a list or object, given as such or as JSON text; None when absent."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise ApiError(code) from None
