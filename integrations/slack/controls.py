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
    if not is_open:
        value = Choice(signoff=view.id, revision=view.revision).value()
        details = button("Details", DETAILS, value, f"Details of {title(view)}")
        return {"type": "actions", "block_id": "decide", "elements": [details]}
    is_confirmed = view.confirm or view.comment_required
    return deciding(title(view), choice(view), is_confirmed=is_confirmed)


def deciding(what: str, choice: Choice, *, is_confirmed: bool, block_id: str = "decide") -> Json:
    """Offer what there is to do with a request; `what` names it for screen readers."""
    value = Choice(signoff=choice.signoff, revision=choice.revision).value()
    refuse = button("Request changes", REQUEST_CHANGES, choice.value(), f"Refuse {what}")
    elements = [*_approving(f"Approve {what}", value, is_confirmed=is_confirmed), refuse, _menu()]
    return {"type": "actions", "block_id": block_id, "elements": elements}


def _approving(label: str, value: str, *, is_confirmed: bool) -> list[Json]:
    """Offer to sign; a comment or condition goes with it where it is wanted, or is needed."""
    if is_confirmed:
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
