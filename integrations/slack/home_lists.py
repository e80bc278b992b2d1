"""A list of the home tab that is too long for it, in a modal."""

import json
from datetime import datetime

from integrations.database.person_overview import PersonOverview
from integrations.slack.home_parts import delegated_lines, fitting, owned_lines, report_lines
from integrations.slack.text import Json, context, plain, section

DELEGATED, REPORTS, OWNED = "delegated", "reports", "owned"
MOST_ROWS = 300
"""Rows of one list that are read; Slack takes 100 blocks of 3,000 characters."""
MOST_BLOCKS = 95
MOST_BYTES = 200_000
"""Slack takes 250 kB for a view."""


def list_view(found: PersonOverview, name: str, now: datetime) -> Json:
    """Show one list as far as a modal holds it; raises ValueError for one that there is not."""
    match name:
        case "delegated":
            heading, said, in_all = "Delegated", delegated_lines(found.delegated), "delegated"
        case "reports":
            heading, said, in_all = "Your people", report_lines(found.reports, now), "reports"
        case "owned":
            heading, said, in_all = "What you own", owned_lines(found.owned), "owned"
        case _:
            raise ValueError(f"there is no list {name!r}")
    blocks, taken = _blocks(said)
    rest = getattr(found, f"{in_all}_in_all") - taken
    if rest > 0:
        blocks.append(context(f"…and {rest} more; the API lists them all."))
    return {
        "type": "modal",
        "callback_id": "home_list",
        "title": plain(heading, 24),
        "close": plain("Close", 24),
        "blocks": blocks or [section("Nothing any more.")],
    }


def _blocks(said: list[str]) -> tuple[list[Json], int]:
    blocks: list[Json] = []
    taken, room = 0, MOST_BYTES
    while taken < len(said) and len(blocks) < MOST_BLOCKS:
        some = said[taken : taken + max(fitting(said[taken:]), 1)]
        block = section("\n".join(some))
        room -= len(json.dumps(block))
        if room < 0:
            break
        blocks.append(block)
        taken += len(some)
    return blocks, taken
