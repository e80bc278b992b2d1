"""The modals: confirm an approval, request changes, details."""

from integrations.slack.card_parts import about, deadline, outcome, people_lines, talk, title
from integrations.slack.cards import STATEMENT
from integrations.slack.clicks import APPROVE, DETAILS, REQUEST_CHANGES, Choice, Form, ReplyTo
from integrations.slack.evidence import evidence_lines, report_lines
from integrations.slack.text import Json, code, inline, lines, moment, plain, quote, section
from lifecycle.state import SignoffStatus
from lifecycle.values import SignoffKey
from lifecycle.view import DecisionView, SignoffView

COMMENT = "comment"
REASON = "reason"
SEND_BACK_TO = "send_back_to"
LISTED_REASON = "listed_reason"

LONGEST_COMMENT = 3_000
MOST_DECISIONS = 20


def confirm_approval(choice: Choice, statement: str, reply_to: ReplyTo) -> Json:
    """Show the statement again and ask for a comment."""
    form = Form(signoff=choice.signoff, revision=choice.revision, reply_to=reply_to)
    blocks = [
        section(f"You are about to sign for {_subject(choice.signoff)}:"),
        quote(statement, STATEMENT),
        _words(COMMENT, "Why do you approve?", "It is recorded with your signature."),
    ]
    return _modal(APPROVE, "Approve", blocks, submit="Sign", form=form)


def request_changes(choice: Choice, reply_to: ReplyTo) -> Json:
    """Ask for the reason, and where it goes when there is a choice."""
    places = choice.send_back_to
    form = Form(
        signoff=choice.signoff,
        revision=choice.revision,
        reply_to=reply_to,
        send_back_to=places[0] if len(places) == 1 else None,
    )
    blocks = [
        section(f"You do not sign for {_subject(choice.signoff)}."),
        _words(REASON, "What has to change?", "The producers read this."),
    ]
    if len(places) > 1:
        blocks.append(_select(SEND_BACK_TO, "Send it back to", places))
    if choice.reasons:
        blocks.append(_select(LISTED_REASON, "Reason", choice.reasons))
    return _modal(REQUEST_CHANGES, "Request changes", blocks, submit="Send back", form=form)


def details(view: SignoffView) -> Json:
    """Show all there is to know of a sign-off."""
    blocks = [
        section(f"*{inline(title(view))}*"),
        quote(view.statement, STATEMENT),
        section(about(view)),
        section(outcome(view)),
    ]
    if view.explanation:
        blocks.append(section(inline(view.explanation, 1_000)))
    if view.evidence:
        blocks.append(section(evidence_lines(view.evidence)))
        blocks.append(section(report_lines(view.evidence)))
    blocks.append(section(f"*Bound to* {lines(inline(each) for each in view.binds) or 'nothing'}"))
    if view.decisions:
        shown = [_decision_line(each) for each in view.decisions[-MOST_DECISIONS:]]
        blocks.append(section(lines(["*Decisions*", *shown], 2_800)))
    if said := talk(view):
        blocks.append(section(said))
    if view.status is SignoffStatus.PENDING:
        blocks.append(section(people_lines(view)))
        if clock := deadline(view):
            blocks.append(section(clock))
    blocks.append(section(f"Revision {code(view.revision)}"))
    return _modal(DETAILS, "Details", blocks)


def message(heading: str, sentence: str) -> Json:
    """Say one thing in a modal."""
    return _modal(DETAILS, heading, [section(inline(sentence, 1_000))])


def _subject(signoff: str) -> str:
    key = SignoffKey.parse(signoff)
    return f"{code(key.model)} version {code(key.version)} as {code(key.role)}"


def _decision_line(decision: DecisionView) -> str:
    did = "approved" if decision.decision == "approve" else "requested changes"
    escalated = " (escalated)" if decision.right == "escalation" else ""
    said = f": {inline(decision.comment, 300)}" if decision.comment else ""
    name = inline(decision.name, 80)
    return f"{name} {did}{escalated}, {moment(decision.at)}, round {decision.round}{said}"


def _words(name: str, label: str, hint: str) -> Json:
    element = {
        "type": "plain_text_input",
        "action_id": name,
        "multiline": True,
        "min_length": 1,
        "max_length": LONGEST_COMMENT,
    }
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label, 200),
        "hint": plain(hint, 200),
        "element": element,
    }


def _select(name: str, label: str, values: tuple[str, ...]) -> Json:
    options = [{"text": plain(each, 75), "value": each} for each in values[:100]]
    element = {"type": "static_select", "action_id": name, "options": options}
    return {"type": "input", "block_id": name, "label": plain(label, 200), "element": element}


def _modal(
    callback: str, heading: str, blocks: list[Json], *, submit: str = "", form: Form | None = None
) -> Json:
    view: Json = {
        "type": "modal",
        "callback_id": callback,
        "title": plain(heading, 24),
        "close": plain("Cancel" if submit else "Close", 24),
        "blocks": blocks,
    }
    if submit:
        view["submit"] = plain(submit, 24)
    if form:
        view["private_metadata"] = form.model_dump_json(exclude_defaults=True)
    return view
