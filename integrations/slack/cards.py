"""The card of a sign-off: pure functions from a view to blocks."""

from collections.abc import Iterator, Sequence

from integrations.slack.clicks import (
    APPROVE,
    APPROVE_CONFIRM,
    DETAILS,
    REQUEST_CHANGES,
    Choice,
)
from integrations.slack.text import (
    LONGEST_FALLBACK,
    Json,
    code,
    context,
    inline,
    lines,
    moment,
    one_line,
    plain,
    quote,
    section,
    shorten,
)
from lifecycle.canonical import digest_of, short
from lifecycle.state import SignoffStatus
from lifecycle.values import Frozen
from lifecycle.view import ArtifactView, DecisionView, EvidenceView, SignoffView

STATEMENT = "statement"
"""The block whose words the confirmation repeats."""

MOST_LINES = 12


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
    return _card(view, _why_them(view, person), is_open=person in view.can_decide)


def channel_card(view: SignoffView) -> Message:
    """Show a sign-off in the model's channel."""
    return _card(view, None, is_open=bool(view.can_decide))


def told_card(view: SignoffView, sentence: str) -> Message:
    """Show a sign-off to somebody who is told of it and may not sign."""
    return _card(view, inline(sentence, 600), is_open=False)


def closed_card(title: str, why: str) -> Message:
    """Show that a request is over when nothing more is known of it."""
    text = shorten(one_line(f"{title}: {why}", LONGEST_FALLBACK), LONGEST_FALLBACK)
    return Message(
        text=inline(text, LONGEST_FALLBACK),
        blocks=(section(f"*{inline(title)}*"), section(f":no_entry: {inline(why, 600)}")),
    )


def subject(view: SignoffView) -> str:
    """Name the version of a sign-off, in mrkdwn."""
    return f"{code(view.model)} version {code(view.version)}"


def _card(view: SignoffView, lead: str | None, *, is_open: bool) -> Message:
    blocks = [section(f"*{inline(title(view))}*", "title")]
    if lead:
        blocks.append(section(lead, "lead"))
    blocks.append(quote(view.statement, STATEMENT))
    blocks.append(section(about(view), "about"))
    if view.evidence:
        blocks.append(section(evidence_lines(view.evidence), "evidence"))
    blocks.append(section(outcome(view), "outcome"))
    if view.status is SignoffStatus.PENDING:
        blocks.append(section(people_lines(view), "people"))
        if clock := deadline(view):
            blocks.append(context(clock, "deadline"))
    blocks.append(buttons(view, is_open=is_open))
    return Message(text=fallback(view), blocks=tuple(blocks))


def title(view: SignoffView) -> str:
    """Name what is asked, as plain words."""
    return f"Sign-off by {view.role}: {view.model} {view.version}"


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


def _why_them(view: SignoffView, person: str) -> str | None:
    asked = next((each for each in view.asked if each.person == person), None)
    if view.status is not SignoffStatus.PENDING:
        return None
    if asked is None:
        return "You are no longer asked to sign this."
    if asked.on_behalf_of:
        owner = next((o.name for o in view.asked if o.person == asked.on_behalf_of), "an owner")
        return f"You may sign on behalf of {inline(owner, 80)}. It is recorded as such."
    if asked.right == "escalation":
        return "You may sign because nobody answered in time. It is recorded as escalated."
    return None


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
    digest = code(short(artifact.digest)) if artifact.digest else "digest not known yet"
    return f"{code(artifact.name)} {digest}"


def evidence_lines(evidence: Sequence[EvidenceView]) -> str:
    """Say of each piece of evidence whether it is met."""
    return lines(["*Evidence*", *(_evidence_line(each) for each in evidence)])


def _evidence_line(evidence: EvidenceView) -> str:
    mark = ":white_check_mark:" if evidence.is_met else ":x:"
    require = f" ({code(evidence.require, 120)})" if evidence.require else ""
    return f"{mark} {code(evidence.name)}{require}: {inline(evidence.why or 'passed')}"


def outcome(view: SignoffView) -> str:
    """Say what was decided, by whom and when."""
    match view.status:
        case SignoffStatus.VOID:
            return f":no_entry: Void: {inline(view.why or 'the request was withdrawn', 600)}"
        case SignoffStatus.CHANGES_REQUESTED:
            return f":leftwards_arrow_with_hook: {lines(_decided(view, 'request_changes'))}"
        case SignoffStatus.APPROVED:
            return f":white_check_mark: {_approved_by(view) or 'Approved'}."
        case SignoffStatus.PENDING:
            missing = max(view.needed - view.approved, 0)
            if approved := _approved_by(view):
                return f":hourglass: {approved}; {missing} more of {inline(view.role)} needed."
            return f":hourglass: {missing} of {inline(view.role)} needed; nobody has signed yet."


def _approvals(view: SignoffView) -> list[DecisionView]:
    return [each for each in view.decisions if each.decision == "approve"]


def _approved_by(view: SignoffView) -> str:
    names = [f"{inline(each.name, 80)}, {moment(each.at)}" for each in _approvals(view)]
    if not names:
        return ""
    shown, rest = names[:MOST_LINES], len(names) - MOST_LINES
    return f"Approved by {' and '.join(shown)}" + (f" and {rest} more" if rest > 0 else "")


def _decided(view: SignoffView, decision: str) -> Iterator[str]:
    for each in view.decisions:
        if each.decision == decision:
            said = f": {inline(each.comment, 400)}" if each.comment else ""
            yield f"Changes requested by {inline(each.name, 80)}, {moment(each.at)}{said}"


def people_lines(view: SignoffView) -> str:
    """Say who can still sign, and who else must."""
    able = [each.name for each in view.asked if each.person in view.can_decide]
    names = ", ".join(inline(name, 80) for name in able[:MOST_LINES])
    if len(able) > MOST_LINES:
        names += f" and {len(able) - MOST_LINES} more"
    asked = f"*Asked:* {names}" if able else "*Asked:* nobody can sign now"
    others = (f"• {inline(each)}" for each in view.others)
    return lines([asked, *others])


def deadline(view: SignoffView) -> str:
    """Say until when, and what happens next by itself."""
    parts = [f"Due {moment(view.due)}."] if view.due else []
    if view.upcoming:
        parts.append(f"Next, {moment(view.upcoming.at)}: {inline(view.upcoming.what)}")
    return " ".join(parts)


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
