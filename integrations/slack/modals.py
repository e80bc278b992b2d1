"""The modals of an answer, confirmed, with conditions or refused, and of the details."""

from collections.abc import Mapping

from integrations.slack.card_parts import about, deadline, outcome, people_lines, talk, title
from integrations.slack.cards import STATEMENT
from integrations.slack.clicks import APPROVE, DETAILS, REQUEST_CHANGES, Choice, Form, ReplyTo
from integrations.slack.evidence import evidence_lines, report_lines
from integrations.slack.inputs import (
    LONGEST_SENTENCE,
    date,
    modal,
    select,
    several,
    subject_of,
    words,
)
from integrations.slack.text import Json, code, inline, lines, moment, quote, section
from lifecycle.state import SignoffStatus
from lifecycle.view import DecisionView, SignoffView
from lifecycle.view_parts import DelegationView

COMMENT = "comment"
CONDITION = "condition"
CONDITION_DUE = "condition_due"
REASON = "reason"
SEND_BACK_TO = "send_back_to"
LISTED_REASON = "listed_reason"

MOST_REASONS = 20
"""Reasons of one request for changes, as many as the command takes."""
MOST_DECISIONS = 20


def confirm_approval(
    choice: Choice,
    statement: str,
    reply_to: ReplyTo,
    zone: str = "UTC",
    *,
    is_comment_optional: bool = False,
) -> Json:
    """Show the statement again, and ask for a comment and for what the approval depends on."""
    form = Form(
        signoff=choice.signoff,
        revision=choice.revision,
        reply_to=reply_to,
        zone=zone,
        is_comment_optional=is_comment_optional,
    )
    blocks = [
        section(f"You are about to sign for {subject_of(choice.signoff)}:"),
        quote(statement, STATEMENT),
        words(
            COMMENT,
            "Why do you approve?",
            "It is recorded with your signature.",
            is_optional=is_comment_optional,
        ),
        words(
            CONDITION,
            "On condition that",
            "Unmet by its day, your approval lapses.",
            longest=LONGEST_SENTENCE,
            is_optional=True,
        ),
        date(CONDITION_DUE, "To be met by the end of", f"Your zone: {zone}."),
    ]
    return modal(APPROVE, "Approve", blocks, submit="Sign", form=form)


def request_changes(
    choice: Choice, reply_to: ReplyTo, sentences: Mapping[str, str] | None = None
) -> Json:
    """Ask for the reason, and where it goes when there is a choice.

    `sentences` say what the listed reasons mean, where that is known.
    """
    places = choice.send_back_to
    form = Form(
        signoff=choice.signoff,
        revision=choice.revision,
        reply_to=reply_to,
        send_back_to=places[0] if len(places) == 1 else None,
    )
    blocks = [
        section(f"You do not sign for {subject_of(choice.signoff)}."),
        words(REASON, "What has to change?", "The producers read this."),
    ]
    if len(places) > 1:
        blocks.append(select(SEND_BACK_TO, "Send it back to", dict.fromkeys(places, "")))
    if choice.reasons:
        meant = sentences or {}
        said = {one: f"{one}: {meant[one]}" if one in meant else "" for one in choice.reasons}
        blocks.append(several(LISTED_REASON, "Reasons", said, MOST_REASONS))
    return modal(REQUEST_CHANGES, "Request changes", blocks, submit="Send back", form=form)


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
    if view.delegations:
        blocks.append(section(lines(_delegation_line(each) for each in view.delegations)))
    if view.status is SignoffStatus.PENDING:
        blocks.append(section(people_lines(view)))
        if clock := deadline(view):
            blocks.append(section(clock))
    blocks.append(section(f"Revision {code(view.revision)}"))
    return modal(DETAILS, "Details", blocks)


def message(heading: str, sentence: str) -> Json:
    """Say one thing in a modal."""
    return modal(DETAILS, heading, [section(inline(sentence, 1_000))])


def _delegation_line(given: DelegationView) -> str:
    until = f" until {moment(given.until)}" if given.until else ""
    said = f": {inline(given.reason, 300)}" if given.reason else ""
    return f"{inline(given.to_name, 80)} may sign for {inline(given.name, 80)}{until}{said}"


def _decision_line(decision: DecisionView) -> str:
    did = "approved" if decision.decision == "approve" else "requested changes"
    escalated = " (escalated)" if decision.right == "escalation" else ""
    said = f": {inline(decision.comment, 300)}" if decision.comment else ""
    name = inline(decision.name, 80)
    return f"{name} {did}{escalated}, {moment(decision.at)}, round {decision.round}{said}"
