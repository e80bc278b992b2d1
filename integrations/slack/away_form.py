"""The modal in which somebody says when they are away and who stands in."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from integrations.slack.home_parts import away_lines
from integrations.slack.text import Json, plain, section
from lifecycle.roster import Away

AWAY = "away"
STARTS, UNTIL, DELEGATE = "starts", "until", "delegate"


class Entered(NamedTuple):
    """What somebody entered."""

    starts: datetime | None
    until: datetime | None
    delegate: str
    """The Slack user who stands in; empty: nobody."""


def away_form(known: Sequence[Away], names: Mapping[str, str], now: datetime) -> Json:
    """Ask from when until when, and who stands in."""
    said = "\n".join(away_lines(known, names))
    starts = {"type": "datetimepicker", "action_id": STARTS, "initial_date_time": _seconds(now)}
    until = {"type": "datetimepicker", "action_id": UNTIL}
    delegate = {"type": "users_select", "action_id": DELEGATE}
    hint = "They may answer what is asked of you, on your behalf. Nobody: it waits or escalates."
    return {
        "type": "modal",
        "callback_id": AWAY,
        "title": plain("A time away", 24),
        "submit": plain("Save", 24),
        "close": plain("Cancel", 24),
        "blocks": [
            section(f"{said}\nA new time takes the place of those that it overlaps."),
            _input(STARTS, "From", starts),
            _input(UNTIL, "Until", until),
            {
                **_input(DELEGATE, "Who answers in your place", delegate),
                "optional": True,
                "hint": plain(hint, 200),
            },
        ],
    }


def entered(view: Json) -> Entered:
    """Read what somebody entered, as Slack sends it."""
    values = (view.get("state") or {}).get("values") or {}

    def of(name: str) -> Json:
        found: Json = (values.get(name) or {}).get(name) or {}
        return found

    return Entered(
        starts=_instant(of(STARTS).get("selected_date_time")),
        until=_instant(of(UNTIL).get("selected_date_time")),
        delegate=str(of(DELEGATE).get("selected_user") or ""),
    )


def _instant(seconds: object) -> datetime | None:
    is_number = isinstance(seconds, int) and 0 < seconds < 10**10
    return datetime.fromtimestamp(int(str(seconds)), UTC) if is_number else None


def _seconds(now: datetime) -> int:
    """Name the minute; the picker has no seconds."""
    return int(now.timestamp()) // 60 * 60


def _input(name: str, label: str, element: Json) -> Json:
    return {"type": "input", "block_id": name, "label": plain(label, 200), "element": element}
