"""What surrounds plain answers, as lines of text: questions, objections, delegations, trust."""

from collections.abc import Iterator
from datetime import datetime

from api.cli import moments
from api.cli.screen import clean
from lifecycle.view import AskedView, DecisionView, SignoffView, StageView, VersionView
from lifecycle.view_parts import (
    ConditionView,
    DissentView,
    FindingView,
    OverrideView,
    QuestionView,
)


def version_parts(view: VersionView, at: datetime) -> Iterator[str]:
    """Write what concerns a version as a whole."""
    if view.suspended_why:
        yield clean(f"  trust is suspended: {view.suspended_why}")
    if view.effective_at is not None:
        yield f"  effective from {moments.local(view.effective_at)}: no gate opens sooner"
    if view.built_on:
        yield clean(f"  built on {', '.join(view.built_on)}")
    for alert in view.alerts:
        about = ", ".join(one for one in (alert.severity, alert.summary) if one)
        yield clean(f"  alert {alert.kind}, {moments.ago(alert.since, at)}: {about or alert.id}")
    for override in view.overrides:
        yield clean(f"  {override_text(override, at)}")
    if view.overridden:
        yield f"  gates were overridden {view.overridden} times"
    for finding in view.findings:
        yield clean(f"  {_finding(finding, at)}")
    for condition in view.conditions:
        yield clean(f"  {_condition(condition, at)}")


def stage_parts(stage: StageView, at: datetime) -> Iterator[str]:
    """Write what keeps a stage, and what was said in it."""
    if stage.behind:
        yield clean(f"  queues behind {', '.join(stage.behind)}")
    if stage.paused_since is not None:
        yield f"  the clock stands since {moments.local(stage.paused_since)}"
    for question in stage.questions:
        yield from _question(question, at)
    for dissent in stage.dissents:
        yield clean(f"  {_dissent(dissent, at)}")


def signoff_parts(view: SignoffView, at: datetime, indent: str) -> Iterator[str]:
    """Write who stands in for whom, who is on it or away, and what else a sign-off has."""
    if not view.is_open and view.after:
        yield clean(f"{indent}asked after {', '.join(view.after)}")
    for asked in view.asked if view.status == "pending" else ():
        if note := _note(asked, view, at):
            yield clean(f"{indent}{asked.name or asked.person} {note}")
    for one in view.delegations:
        until = f" until {moments.local(one.until)}" if one.until else ""
        yield clean(f"{indent}{one.to_name} may answer for {one.name}{until}{_why(one.reason)}")


def reading_parts(view: SignoffView, at: datetime) -> Iterator[str]:
    """Write what somebody should know before signing, beside the request itself."""
    if view.any_of:
        yield clean(f"  one of {', '.join(view.any_of)} signs")
    if view.advisory:
        yield "  advice: it is recorded, and blocks nothing"
    if view.changes_needed > 1:
        yield f"  {view.changes_needed} must request changes before it goes back"
    yield from signoff_parts(view, at, "  ")
    if view.paused_since is not None:
        yield f"  the clock stands since {moments.local(view.paused_since)}"
    for question in view.questions:
        yield from _question(question, at)
    for dissent in view.dissents:
        yield clean(f"  {_dissent(dissent, at)}")
    for person, changes in view.changed_since.items():
        yield clean(f"  since {_called(view, person)} last approved: {' '.join(changes)}")
    for name, sentence in view.reasons.items():
        yield clean(f"  reason {name}: {sentence}")


def decision_text(one: DecisionView, view: SignoffView, at: datetime) -> Iterator[str]:
    """Write one answer: whose, in whose place, with which reasons and conditions."""
    said = "approved" if one.decision == "approve" else "requested changes"
    behalf = f" on behalf of {_called(view, one.on_behalf_of)}" if one.on_behalf_of else ""
    carried = f", carried from {one.carried_from}" if one.carried_from else ""
    reasons = f" ({', '.join(one.reasons)})" if one.reasons else ""
    comment = f": {one.comment}" if one.comment else ""
    when = moments.ago(one.at, at)
    yield clean(f"{one.name or one.person}{behalf} {said} {when}{carried}{reasons}{comment}")
    for condition in one.conditions:
        yield clean(f"  on {_condition(condition, at)}")


def override_text(one: OverrideView, at: datetime) -> str:
    """Write an override: who opened what, until when, why, and whether it was reviewed."""
    ended = one.is_over or one.until <= at
    until = "over" if ended else f"open until {moments.local(one.until)}"
    review = "reviewed" if one.is_reviewed else "review owed"
    if not one.is_reviewed and one.review_due is not None:
        review += f", {moments.due(one.review_due, at)}"
    by = f"{one.name or one.person} ({one.role})"
    return f"override {one.id} of {one.gate} by {by}, {until}, {review}: {one.reason}"


def _finding(one: FindingView, at: datetime) -> str:
    state = one.status.replace("_", " ")
    more = [
        "blocks" if one.blocks else "",
        f"owner {one.owner_name or one.owner}" if one.owner else "",
        moments.due(one.due, at) if one.due and one.status == "open" else "",
        f"at {one.stage}" if one.stage else "",
        f"from {one.evidence}" if one.evidence else "",
    ]
    about = ", ".join(part for part in (one.severity, state, *more) if part)
    return f"finding {one.id} ({about}): {one.title}{_why(one.resolution)}"


def _condition(one: ConditionView, at: datetime) -> str:
    clock = "lapsed" if one.is_lapsed else moments.due(one.due, at)
    return f"condition {one.id} of {one.name or one.person} ({clock}): {one.text}"


def _question(one: QuestionView, at: datetime) -> Iterator[str]:
    asker = one.name or one.person
    yield clean(
        f"  question {one.id} of {asker} ({one.role}), {moments.ago(one.at, at)}: {one.text}"
    )
    if one.answered_at is not None:
        when = moments.ago(one.answered_at, at)
        yield clean(f"    answered by {one.answered_by} {when}: {one.answer}")


def _dissent(one: DissentView, at: datetime) -> str:
    behalf = f" on behalf of {one.on_behalf_of}" if one.on_behalf_of else ""
    reasons = f" ({', '.join(one.reasons)})" if one.reasons else ""
    when = moments.ago(one.at, at)
    return f"{one.name or one.person}{behalf} objected as {one.role} {when}{reasons}: {one.comment}"


def _note(one: AskedView, view: SignoffView, at: datetime) -> str:
    notes = []
    if one.on_behalf_of:
        notes.append(f"stands in for {_called(view, one.on_behalf_of)}")
    if one.is_away and not one.has_decided:
        notes.append("is away")
    if one.has_acknowledged:
        notes.append("is on it")
    if one.snoozed_until is not None and one.snoozed_until > at:
        notes.append(f"is reminded {moments.ago(one.snoozed_until, at)}")
    if one.delivered_by == "email":
        notes.append(f"was asked by e-mail{_why(one.undelivered)}")
    elif one.undelivered and not one.has_decided:
        notes.append(f"was not reached{_why(one.undelivered)}")
    return " and ".join(notes)


def _called(view: SignoffView, person: str) -> str:
    """Name a person by what the sign-off says of those it asked."""
    return next((one.name for one in view.asked if one.person == person and one.name), person)


def _why(text: str) -> str:
    return f": {text}" if text else ""
