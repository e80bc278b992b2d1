"""What a card says, a paragraph each: pure functions from a view to mrkdwn."""

from collections.abc import Iterator

from integrations.slack.text import code, inline, joined, lines, link, moment
from lifecycle.canonical import short
from lifecycle.state import SignoffStatus
from lifecycle.view import ArtifactView, AskedView, DecisionView, SignoffView
from lifecycle.view_parts import DissentView, QuestionView

MOST_LINES = 12
LONGEST_ARTIFACT_LINK = 120
"""Characters of one, so that every artifact of a version keeps its line."""
LONGEST_PARAGRAPH = 1_000
"""Characters of what may be many: objections, questions, changes."""


def title(view: SignoffView) -> str:
    """Name what is asked, as plain words."""
    return f"Sign-off by {view.role}: {view.model} {view.version}"


def subject(view: SignoffView) -> str:
    """Name the version of a sign-off, in mrkdwn."""
    return f"{code(view.model)} version {code(view.version)}"


def about(view: SignoffView) -> str:
    """Say what the statement is about."""
    traits = [
        f"stage {code(view.stage)}, round {view.round}",
        *([f"risk {code(view.risk)}"] if view.risk else []),
        *([f"layer {code(view.layer)}"] if view.layer else []),
    ]
    head = f"{subject(view)} · {' · '.join(traits)}"
    return lines([head, *(_artifact_line(each) for each in view.artifacts[:MOST_LINES])])


def _artifact_line(artifact: ArtifactView) -> str:
    digest = code(short(artifact.digest)) if artifact.digest else None
    place = link(artifact.uri, "open", LONGEST_ARTIFACT_LINK)
    parts = [code(artifact.name), digest or "digest not known yet", place]
    return " ".join(part for part in parts if part)


def why_them(view: SignoffView, person: str) -> str | None:
    """Say why somebody is asked, or that they no longer are; None when it is over."""
    if view.status is not SignoffStatus.PENDING:
        return None
    asked = _asked(view, person)
    if asked is None:
        return "You are no longer asked to sign this."
    if asked.on_behalf_of:
        owner = _name(view, asked.on_behalf_of)
        return f"You may sign on behalf of {owner}. It is recorded as such."
    if asked.right == "escalation":
        return "You may sign because nobody answered in time. It is recorded as escalated."
    return f"You are asked as {_holding(view)}.{_advice(view)}"


def whom(view: SignoffView) -> str:
    """Say of whom a sign-off is asked, for those who read it in a channel."""
    return f"Asked of {_holding(view)}.{_advice(view)}"


def _holding(view: SignoffView) -> str:
    if view.fallback:
        return (
            f"owner of {code(view.fallback)}, in the place of {code(view.role)}, "
            "too few of whose owners may sign"
        )
    roles = [code(role) for role in view.any_of] or [code(view.role)]
    return f"owner of {' or '.join(roles[:MOST_LINES])}"


def _advice(view: SignoffView) -> str:
    return " It is advice, and blocks nothing." if view.advisory else ""


def _name(view: SignoffView, person: str) -> str:
    asked = _asked(view, person)
    return inline(asked.name if asked else person, 80)


def _asked(view: SignoffView, person: str) -> AskedView | None:
    return next((each for each in view.asked if each.person == person), None)


def changes_for(view: SignoffView, person: str) -> str | None:
    """Say what changed since somebody's last approval; None when they never approved this."""
    changes = view.changed_since.get(person)
    if changes is None or view.status is not SignoffStatus.PENDING:
        return None
    if not changes:
        return "*Since your last approval* nothing of what you sign for has changed."
    listed = (f"• {inline(each)}" for each in changes)
    return lines(["*Changed since your last approval*", *listed], LONGEST_PARAGRAPH)


def own_state(view: SignoffView, person: str) -> str | None:
    """Say what somebody did about a request short of an answer: took it on, put it off, passed."""
    if view.status is not SignoffStatus.PENDING:
        return None
    said = []
    asked = _asked(view, person)
    if asked and asked.has_acknowledged:
        said.append("You said that you are on it: no more reminders, the deadline stays.")
    if asked and asked.snoozed_until:
        said.append(f"You asked for a reminder at {moment(asked.snoozed_until)}, and none before.")
    for given in view.delegations:
        if given.person == person:
            until = f" until {moment(given.until)}" if given.until else ""
            said.append(f"You delegated this to {inline(given.to_name, 80)}{until}.")
    return " ".join(said) or None


def outcome(view: SignoffView) -> str:
    """Say what was decided, by whom and when."""
    match view.status:
        case SignoffStatus.VOID:
            return f":no_entry: Void: {inline(view.why or 'the request was withdrawn', 600)}"
        case SignoffStatus.CHANGES_REQUESTED:
            return f":leftwards_arrow_with_hook: {lines(_declined(view))}"
        case SignoffStatus.APPROVED:
            return f":white_check_mark: {_approved_by(view) or 'Approved'}.{_conditions(view)}"
        case SignoffStatus.PENDING:
            missing = max(view.needed - view.approved, 0)
            if approved := _approved_by(view):
                said = f"{approved}; {missing} more of {inline(view.role)} needed."
                return f":hourglass: {said}{_conditions(view)}"
            return f":hourglass: {missing} of {inline(view.role)} needed; nobody has signed yet."


def _approved_by(view: SignoffView) -> str:
    names = [_signed(view, each) for each in view.decisions if each.decision == "approve"]
    return f"Approved by {joined(names, 1_000)}" if names else ""


def _signed(view: SignoffView, decision: DecisionView) -> str:
    owner = decision.on_behalf_of
    for_whom = f" on behalf of {_name(view, owner)}" if owner else ""
    escalated = " (escalated)" if decision.right == "escalation" else ""
    return f"{inline(decision.name, 80)}{for_whom}{escalated}, {moment(decision.at)}"


def _conditions(view: SignoffView) -> str:
    found = [condition for each in view.decisions for condition in each.conditions]
    if not found:
        return ""
    listed = (f"• {inline(each.text.rstrip('. '), 160)}, by {moment(each.due)}" for each in found)
    return "\n" + lines(["On condition:", *listed], LONGEST_PARAGRAPH)


def _declined(view: SignoffView) -> Iterator[str]:
    for each in view.decisions:
        if each.decision == "request_changes":
            why = f" ({joined((code(one) for one in each.reasons), 400)})" if each.reasons else ""
            said = f": {inline(each.comment, 400)}" if each.comment else ""
            yield f"Changes requested by {inline(each.name, 80)}, {moment(each.at)}{why}{said}"


def people_lines(view: SignoffView) -> str:
    """Say who can still sign, and who else must."""
    able = [each for each in view.asked if each.person in view.can_decide]
    names = joined((_able(view, each) for each in able), 900)
    asked = f"*Asked:* {names}" if able else "*Asked:* nobody can sign now"
    others = (f"• {inline(each)}" for each in view.others)
    return lines([asked, *others])


def _able(view: SignoffView, asked: AskedView) -> str:
    """Name somebody who can sign, and what others should know of them."""
    held = [
        f"for {_name(view, asked.on_behalf_of)}" if asked.on_behalf_of else "",
        "on it" if asked.has_acknowledged else "",
        f"snoozed until {moment(asked.snoozed_until)}" if asked.snoozed_until else "",
        "away" if asked.is_away else "",
        _reach(asked),
    ]
    known = ", ".join(each for each in held if each)
    return inline(asked.name, 80) + (f" ({known})" if known else "")


def _reach(asked: AskedView) -> str:
    """Say that a request did not reach somebody in Slack; of whom it did, nothing."""
    if asked.delivered_by == "email":
        return "by e-mail"
    if asked.delivery in {"failed", "not in Slack"}:
        return f"not reached: {inline(asked.undelivered, 120)}"
    return ""


def talk(view: SignoffView) -> str | None:
    """Say what was objected and asked; None when nothing was."""
    said = [
        *(_dissent(each) for each in view.dissents if not each.approved_since),
        *(_question(view, each) for each in view.questions),
    ]
    return lines(said, LONGEST_PARAGRAPH) if said else None


def _dissent(dissent: DissentView) -> str:
    name = inline(dissent.name, 80)
    return f":warning: {name} objects: {inline(dissent.comment, 160)}"


def _question(view: SignoffView, question: QuestionView) -> str:
    asked = f":question: {inline(question.name, 80)} asked: {inline(question.text, 160)}"
    if not question.answered_at:
        return asked
    known = question.answered_by_name
    name = inline(known, 80) if known else _name(view, question.answered_by)
    return f"{asked} — {name}: {inline(question.answer, 160)}"


def deadline(view: SignoffView) -> str:
    """Say until when, and what happens next by itself."""
    parts = [f"Due {moment(view.due)}."] if view.due else []
    if view.paused_since:
        stands = f"The clock stands since {moment(view.paused_since)}, until the question is"
        parts.append(f"{stands} answered.")
    if view.upcoming:
        parts.append(f"Next, {moment(view.upcoming.at)}: {inline(view.upcoming.what)}")
    return " ".join(parts)
