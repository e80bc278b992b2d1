"""Buttons and what they carry."""

from integrations.slack.card_parts import title
from integrations.slack.clicks import (
    APPROVE,
    APPROVE_CONFIRM,
    APPROVE_WITH,
    ASK,
    DELEGATE,
    DETAILS,
    MORE,
    ON_IT,
    REQUEST_CHANGES,
    SNOOZE,
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
    """Offer a decision and what else there is while there is one to make, and the details always.

    The menu's choices carry no sign-off, since Slack takes 150 characters there: they are about
    the one that the buttons beside them name.
    """
    value = Choice(signoff=view.id, revision=view.revision).value()
    if not is_open:
        details = button("Details", DETAILS, value, f"Details of {title(view)}")
        return {"type": "actions", "block_id": "decide", "elements": [details]}
    refuse = button(
        "Request changes", REQUEST_CHANGES, choice(view).value(), f"Refuse {title(view)}"
    )
    return {
        "type": "actions",
        "block_id": "decide",
        "elements": [*_approving(view, value), refuse, _menu()],
    }


def _approving(view: SignoffView, value: str) -> list[Json]:
    """Offer to sign; a comment or condition goes with it where it is wanted, or is needed."""
    label = f"Approve {title(view)}"
    if view.confirm or view.comment_required:
        return [button("Approve", APPROVE_CONFIRM, value, label, style="primary")]
    with_words = f"Comment or condition: {label}"
    return [
        button("Approve", APPROVE, value, label, style="primary"),
        button("Approve with comment…", APPROVE_WITH, value, with_words),
    ]


def _menu() -> Json:
    choices = {
        DELEGATE: "Delegate…",
        SNOOZE: "Snooze…",
        ON_IT: "I'm on it",
        ASK: "Ask a question…",
        DETAILS: "Details",
    }
    options = [{"text": plain(text, 75), "value": name} for name, text in choices.items()]
    return {"type": "overflow", "action_id": MORE, "options": options}


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
