"""What one run of a version's workflow hands to the next."""

from typing import Any

from activities.contracts import ClickAnswer
from lifecycle.canonical import Entry, Head
from lifecycle.errands import AnyErrand
from lifecycle.receipts import Receipt
from lifecycle.state import FORMAT, VersionState, blank
from lifecycle.values import Kept
from lifecycle.view import EventOutcome, SignoffView
from workflows.messages import Envelope, Start


class NewerFormat(RuntimeError):  # noqa: N818 - the task fails with it and waits for newer code
    """State that newer code carried; the workflow task waits until that code is back."""


class Carried(Kept):
    """State, and everything that is under way; fields that this code does not know are kept."""

    format: int = FORMAT
    state: VersionState
    head: Head = Head()
    inbox: tuple[Envelope, ...] = ()
    entries: tuple[Entry, ...] = ()
    """Facts that are not recorded yet."""
    signoffs: dict[str, SignoffView] = {}
    events: dict[str, EventOutcome] = {}
    answers: tuple[ClickAnswer, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    """What was found of delivering requests and is not judged yet."""
    shown: int = 0
    """The sequence of the view that Slack last showed in full."""
    mails: bool = False
    """Whether a mail server is set up."""
    roster_wanted: int = 0
    slack_queue: str | None = None
    conflict: str = ""
    """Why nothing can be recorded any more."""
    errands: tuple[AnyErrand, ...] = ()
    """What others are still to be told."""
    has_begun: bool = False
    """Whether the ledger was asked for earlier facts."""


def taken_up(start: Start) -> Carried:
    """Read what the run before carried, or begin anew; raises NewerFormat."""
    if start.carried is None:
        return Carried(state=blank(start.model, start.version))
    formats = (start.carried.get("format", 0), start.carried.get("state", {}).get("format", 0))
    if max(formats) > FORMAT:
        raise NewerFormat(
            f"carried state has format {max(formats)}; this code reads up to {FORMAT}"
        )
    return Carried.model_validate(start.carried)


def written(carried: Carried) -> dict[str, Any]:
    """Give what is carried as JSON; rows that readers wait for leave out what says nothing.

    Hundreds of people may be asked, and every one has a line in their request's row.
    """
    rows = {
        key: row.model_dump(mode="json", exclude_defaults=True)
        for key, row in carried.signoffs.items()
    }
    return {
        **carried.model_dump(mode="json", by_alias=True, exclude={"signoffs"}),
        "signoffs": rows,
    }
