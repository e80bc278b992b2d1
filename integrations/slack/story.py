"""What happened to a request, in order: a pure function from what is seen of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from integrations.slack.text import inline, joined, lines, moment, one_line
from lifecycle.state import Notice, NoticePart, SignoffStatus
from lifecycle.view import DecisionView, SignoffView
from lifecycle.view_parts import DissentView, QuestionView, WithdrawnView

TOLD = {
    "reminder": (":bell:", "Reminded"),
    "told": (":mega:", "Told that nobody answered"),
    "asked": (":raising_hand:", "Asked because nobody answered"),
    "channel": (":mega:", ""),
    "unreached": (":envelope:", "Told"),
    "delegated": (":inbox_tray:", "Told"),
    "delegation_ended": (":inbox_tray:", "Told"),
}
"""Kinds of notices that are a part of the story; who was told stands before what."""
SAYS_ITSELF = {"reminder", "told", "asked"}
"""Kinds of which the names are all there is to say."""
LONGEST_NAMES = 600
LONGEST_CONDITION = 160


@dataclass(frozen=True)
class Entry:
    """One thing that happened."""

    name: str
    """Stable, so that it is posted once."""
    at: datetime
    mark: str
    sentence: str
    """Plain words."""
    words: str = ""
    """What somebody wrote, quoted below the sentence."""
    more: str = ""
    """Further lines, as mrkdwn."""
    question: QuestionView | None = None
    """The question that it asks."""
    is_alone: bool = False
    """Whether it is never said together with others, since it may change."""


def story(
    view: SignoffView, notices: Sequence[Notice], names: Mapping[str, str]
) -> tuple[Entry, ...]:
    """Tell what happened to a request, oldest first; `names` are those of who was told."""
    found = [
        *(_decided(view, each) for each in view.decisions),
        *(_dissented(each) for each in view.dissents),
        *(_withdrawn(each) for each in view.withdrawn),
        *_questions(view),
        *_told(view, notices, names),
        *_end(view),
    ]
    return tuple(sorted(found, key=lambda each: each.at))


def _named(kind: str, who: str, at: datetime) -> str:
    return f"{kind}:{who}:{round(at.timestamp() * 1_000_000)}"


def _short(name: str) -> str:
    return one_line(name, 80)


def _decided(view: SignoffView, decision: DecisionView) -> Entry:
    name = _short(decision.name) + _in_the_place_of(view, decision.on_behalf_of)
    is_approval = decision.decision == "approve"
    if not is_approval:
        sentence = f"{name} requested changes as {view.role}{_because(decision.reasons)}."
    elif decision.carried_from:
        sentence = f"{name} approved an earlier version as {view.role}; the approval stands here."
    elif decision.round < view.round:
        before = f"in round {decision.round}; the approval stands"
        sentence = f"{name} approved as {view.role} {before}."
    else:
        sentence = f"{name} approved as {view.role}."
    if decision.right == "escalation":
        sentence += " The right to sign comes from the escalation."
    return Entry(
        name=_named(decision.decision, decision.person, decision.at),
        at=decision.at,
        mark=":white_check_mark:" if is_approval else ":leftwards_arrow_with_hook:",
        sentence=sentence,
        words=decision.comment,
        more=_conditions(decision),
    )


def _in_the_place_of(view: SignoffView, owner: str) -> str:
    if not owner:
        return ""
    known = next((each.name for each in view.asked if each.person == owner), owner)
    return f" on behalf of {_short(known)}"


def _because(reasons: Sequence[str]) -> str:
    return f" ({joined((one_line(each, 100) for each in reasons), 300)})" if reasons else ""


def _conditions(decision: DecisionView) -> str:
    if not decision.conditions:
        return ""
    listed = (
        f"• {inline(each.text.rstrip('. '), LONGEST_CONDITION)}, by {moment(each.due)}"
        for each in decision.conditions
    )
    return lines(["On condition:", *listed])


def _dissented(dissent: DissentView) -> Entry:
    return Entry(
        name=_named("objection", dissent.person, dissent.at),
        at=dissent.at,
        mark=":warning:",
        sentence=(
            f"{_short(dissent.name)} objects as {dissent.role}{_because(dissent.reasons)}; "
            "that alone doesn't send it back."
        ),
        words=dissent.comment,
    )


def _withdrawn(taken: WithdrawnView) -> Entry:
    what = "approval" if taken.was == "approve" else "objection"
    return Entry(
        name=_named("withdrawn", taken.person, taken.at),
        at=taken.at,
        mark=":arrows_counterclockwise:",
        sentence=f"{_short(taken.name)} took their {what} back.",
        words=taken.reason,
    )


def own_questions(view: SignoffView) -> tuple[QuestionView, ...]:
    """Give the questions of the request's own round."""
    return tuple(each for each in view.questions if each.round == view.round)


def open_questions(view: SignoffView) -> tuple[QuestionView, ...]:
    """Give those that nobody answered yet, while the request is asked."""
    if view.status is not SignoffStatus.PENDING:
        return ()
    return tuple(each for each in own_questions(view) if each.answered_at is None)


def _questions(view: SignoffView) -> Iterator[Entry]:
    for question in own_questions(view):
        yield Entry(
            name=f"question:{question.id}",
            at=question.at,
            mark=":question:",
            sentence=f"{_short(question.name)} asks the producers:",
            words=question.text,
            question=question,
            is_alone=True,
        )
        if question.answered_at is not None:
            name = _short(question.answered_by_name or question.answered_by)
            yield Entry(
                name=f"answer:{question.id}",
                at=question.answered_at,
                mark=":speech_balloon:",
                sentence=f"{name} answers the question of {_short(question.name)}:",
                words=question.answer,
            )


def _told(
    view: SignoffView, notices: Sequence[Notice], names: Mapping[str, str]
) -> Iterator[Entry]:
    for notice in notices:
        if notice.kind not in TOLD:
            continue
        for number, part in enumerate(notice.parts):
            if _is_about(part, view):
                yield _notice(notice, part, f"notice:{notice.id}:{number}", names)


def _is_about(part: NoticePart, view: SignoffView) -> bool:
    is_here = (part.stage, part.round) == (view.stage, view.round)
    return is_here and (not part.roles or view.role in part.roles)


def _notice(notice: Notice, part: NoticePart, name: str, names: Mapping[str, str]) -> Entry:
    mark, did = TOLD[notice.kind]
    people = joined((_short(names.get(each, each)) for each in part.people), LONGEST_NAMES)
    told = f"{did}: {people}." if did else ""
    if notice.channel:
        told = f"Told in {one_line(notice.channel, 100)}:"
    said = "" if notice.kind in SAYS_ITSELF else one_line(part.text, 1_000)
    return Entry(name=name, at=notice.at, mark=mark, sentence=f"{told} {said}".strip())


def _end(view: SignoffView) -> Iterator[Entry]:
    """Say that a request is void, and why; every other end is somebody's decision."""
    if view.status is SignoffStatus.VOID and view.decided_at is not None:
        yield Entry(
            name="void",
            at=view.decided_at,
            mark=":no_entry:",
            sentence=f"The round is over: {view.why or 'the request was withdrawn'}",
            is_alone=True,
        )


def line(entry: Entry) -> str:
    """Say an entry in one line, as mrkdwn."""
    said = f"{entry.mark} {inline(entry.sentence, 200)}"
    quoted = f" “{inline(entry.words, 120)}”" if entry.words else ""
    return f"{said}{quoted} · {moment(entry.at)}"
