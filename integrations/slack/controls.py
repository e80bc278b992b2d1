"""Buttons and what they carry."""

from integrations.slack.card_parts import title
from integrations.slack.clicks import (
    APPROVE,
    APPROVE_CONFIRM,
    DETAILS,
    REQUEST_CHANGES,
    Choice,
)
from integrations.slack.text import Json, one_line, plain
from lifecycle.view import SignoffView


def choice(view: SignoffView) -> Choice:
    """Say what the buttons of a card stand for."""
    return Choice(
        signoff=view.id,
        revision=view.revision,
        send_back_to=view.send_back_to,
        reasons=tuple(view.reasons),
    )


def buttons(view: SignoffView, *, is_open: bool) -> Json:
    """Offer a decision while there is one to make, and the details always."""
    plain_value = Choice(signoff=view.id, revision=view.revision).value()
    approve = APPROVE_CONFIRM if view.confirm or view.comment_required else APPROVE
    deciding = [
        button("Approve", approve, plain_value, f"Approve {title(view)}", style="primary"),
        button("Request changes", REQUEST_CHANGES, choice(view).value(), f"Refuse {title(view)}"),
    ]
    details = button("Details", DETAILS, plain_value, f"Details of {title(view)}")
    elements = [*(deciding if is_open else ()), details]
    return {"type": "actions", "block_id": "decide", "elements": elements}


def button(text: str, action: str, value: str, label: str, *, style: str | None = None) -> Json:
    """Make a button."""
    made: Json = {
        "type": "button",
        "action_id": action,
        "text": plain(text, 75),
        "value": value,
        "accessibility_label": one_line(label, 75),
    }
    return {**made, "style": style} if style else made
