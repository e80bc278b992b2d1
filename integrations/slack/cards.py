"""The card of a sign-off: pure functions from a view to blocks."""

from integrations.slack.card_parts import (
    about,
    changes_for,
    deadline,
    outcome,
    own_state,
    people_lines,
    talk,
    title,
    whom,
    why_them,
)
from integrations.slack.controls import buttons
from integrations.slack.evidence import evidence_lines
from integrations.slack.text import (
    LONGEST_FALLBACK,
    Json,
    context,
    inline,
    one_line,
    quote,
    section,
    shorten,
)
from lifecycle.canonical import digest_of
from lifecycle.state import SignoffStatus
from lifecycle.values import Frozen
from lifecycle.view import SignoffView

STATEMENT = "statement"
"""The block whose words the confirmation repeats."""


class Message(Frozen):
    """What one Slack message shows."""

    text: str
    """What notifications and screen readers say; always set."""
    blocks: tuple[Json, ...]

    @property
    def hash(self) -> str:
        """Name the content, so that only what differs is sent."""
        return digest_of({"text": self.text, "blocks": list(self.blocks)})


def owner_card(view: SignoffView, person: str) -> Message:
    """Show a sign-off to somebody who is asked, or was."""
    own = {"changes": changes_for(view, person), "own": own_state(view, person)}
    return _card(view, why_them(view, person), own, is_open=person in view.can_decide)


def channel_card(view: SignoffView) -> Message:
    """Show a sign-off in the model's channel."""
    lead = whom(view) if view.status is SignoffStatus.PENDING else None
    return _card(view, lead, {}, is_open=bool(view.can_decide))


def told_card(view: SignoffView, sentence: str) -> Message:
    """Show a sign-off to somebody who is told of it and may not sign."""
    return _card(view, inline(sentence, 600), {}, is_open=False)


def closed_card(title: str, why: str) -> Message:
    """Show that a request is over when nothing more is known of it."""
    text = shorten(one_line(f"{title}: {why}", LONGEST_FALLBACK), LONGEST_FALLBACK)
    return Message(
        text=inline(text, LONGEST_FALLBACK),
        blocks=(section(f"*{inline(title)}*"), section(f":no_entry: {inline(why, 600)}")),
    )


def _card(
    view: SignoffView, lead: str | None, own: dict[str, str | None], *, is_open: bool
) -> Message:
    """Lay a card out: the statement first, then of whom it is asked, what it is about, how far."""
    is_pending = view.status is SignoffStatus.PENDING
    heading = f"*{inline(title(view))}*"
    paragraphs = {
        "title": f"{heading}\n{lead}" if lead else heading,
        "about": about(view),
        "evidence": evidence_lines(view.evidence) if view.evidence else None,
        "changes": own.get("changes"),
        "outcome": outcome(view),
        "people": people_lines(view) if is_pending else None,
        "talk": talk(view),
    }
    small = {"own": own.get("own"), "deadline": deadline(view) if is_pending else None}
    blocks = [
        quote(view.statement, STATEMENT),
        *(section(text, name) for name, text in paragraphs.items() if text),
        *(context(text, name) for name, text in small.items() if text),
        buttons(view, is_open=is_open),
    ]
    return Message(text=fallback(view), blocks=tuple(blocks))


def recording(card: Message) -> Message:
    """Show a card while an answer to it is on its way into the record: nothing can be pressed."""
    kept = [block for block in card.blocks if block["type"] != "actions"]
    waits = context(":hourglass_flowing_sand: Recording…", "recording")
    return Message(text=card.text, blocks=(*kept, waits))


def fallback(view: SignoffView) -> str:
    """Say a card in one line, for notifications and screen readers."""
    states = {
        SignoffStatus.PENDING: "is asked for",
        SignoffStatus.APPROVED: "is given",
        SignoffStatus.CHANGES_REQUESTED: "is refused, changes are requested",
        SignoffStatus.VOID: "is void",
    }
    what = f"The {view.role} sign-off of {view.model} {view.version} {states[view.status]}"
    return inline(f"{what}: {view.statement}", LONGEST_FALLBACK)
