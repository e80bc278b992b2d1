"""What a modal or home view may be.

Source: https://docs.slack.dev/reference/views
"""

import json
from typing import Any

from integrations.slack.sandbox.blocks import Surface, block_problems
from integrations.slack.sandbox.composition import plain
from integrations.slack.sandbox.errors import ApiError, invalid_arguments
from integrations.slack.sandbox.schema import (
    Problems,
    anything,
    boolean,
    report,
    shape,
    string,
    tagged,
)

MOST_BYTES = 250_000

_SHARED = {
    "private_metadata": string(low=0, high=3000),
    "callback_id": string(low=0, high=255),
    "external_id": string(low=0, high=255),
}


def _submit_with_input(view: Any, place: str, problems: Problems) -> None:
    blocks = view["blocks"]
    has_input = isinstance(blocks, list) and any(
        isinstance(block, dict) and block.get("type") == "input" for block in blocks
    )
    if has_input and "submit" not in view:
        report(problems, "missing required field: submit", place)


_VIEWS = {
    "modal": shape(
        {"title": plain(24), "blocks": anything},
        {
            **_SHARED,
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
        _submit_with_input,
    ),
    "home": shape({"blocks": anything}, _SHARED),
}


def view_problems(view: Any, allowed: tuple[str, ...]) -> list[str]:
    """Say all that Slack would refuse about a view; nothing when it is well."""
    problems: Problems = []
    tagged({kind: _VIEWS[kind] for kind in allowed})(view, "/view", problems)
    kind = view.get("type") if isinstance(view, dict) else None
    if isinstance(kind, str) and kind in allowed and "blocks" in view:
        surface: Surface = "modal" if kind == "modal" else "home"
        problems += block_problems(view["blocks"], surface, "/view/blocks")
        if kind == "modal" and view["blocks"] == []:
            report(problems, "no less than 1 items allowed", "/view/blocks")
    return problems


def check_view(view: Any, *allowed: str) -> None:
    """Refuse a view that Slack would refuse.

    Raises `ApiError` `view_too_large` past 250 kB, else `invalid_arguments` with the places.
    """
    if len(json.dumps(view).encode()) > MOST_BYTES:
        raise ApiError("view_too_large")
    problems = view_problems(view, allowed)
    if problems:
        raise invalid_arguments(*problems)
