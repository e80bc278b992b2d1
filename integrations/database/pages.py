import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lifecycle.values import Frozen

LARGEST_PAGE = 200
NOT_A_CURSOR = "The cursor is not one that this list gave; start again without it."


class Page(Frozen):
    """One page of a list, and the cursor of the next one where there is more."""

    items: tuple[dict[str, Any], ...]
    next: str | None = None


def write_cursor(kind: str, position: Sequence[str]) -> str:
    """Write the place after the last item of a page, opaque and safe in a URL."""
    data = json.dumps([kind, *position], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read_cursor(kind: str, cursor: str, parts: int) -> list[str]:
    """Read a cursor of a list of this kind; raises ValueError with a sentence for any other."""
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = json.loads(data)
    except (binascii.Error, ValueError, RecursionError):
        found = None
    if (
        not isinstance(found, list)
        or len(found) != parts + 1
        or not all(isinstance(part, str) and "\0" not in part for part in found)
    ):
        raise ValueError(NOT_A_CURSOR)
    if found[0] != kind:
        raise ValueError("The cursor belongs to another list or order; start again without it.")
    return found[1:]


def instant_in(part: str) -> datetime:
    """Read an instant out of a cursor; raises ValueError with a sentence."""
    try:
        instant = datetime.fromisoformat(part)
    except ValueError:
        raise ValueError(NOT_A_CURSOR) from None
    if instant.tzinfo is None:
        raise ValueError(NOT_A_CURSOR)
    return instant


def page_size(limit: int) -> int:
    """Check how many items were asked for; raises ValueError with a sentence."""
    if not 1 <= limit <= LARGEST_PAGE:
        raise ValueError(f"`limit` is from 1 to {LARGEST_PAGE}.")
    return limit
