"""Reminders and escalations: what they say, to whom, and whether it is still worth saying."""

from collections.abc import Sequence

from integrations.slack.cards import Message
from integrations.slack.clicks import QuestionRef
from integrations.slack.story import TOLD
from integrations.slack.text import (
    LONGEST_FALLBACK,
    calm,
    code,
    context,
    inline,
    moment,
    quote,
    section,
)
from integrations.slack.threads import LONGEST_QUOTE, QUESTION, answering
from lifecycle.state import Notice, NoticePart, SignoffStatus, StageStatus
from lifecycle.values import signoff_id
from lifecycle.view import SignoffView, StageView, VersionView
from lifecycle.view_parts import QuestionView

_MARKS = {
    "reminder": ":bell:",
    "told": ":mega:",
    "asked": ":raising_hand:",
    "late": ":hourglass:",
    "unowned": ":warning:",
    "sent_back": ":leftwards_arrow_with_hook:",
    "channel": ":mega:",
    "unreached": ":envelope:",
    "held": ":octagonal_sign:",
    "expired": ":wastebasket:",
    "question": ":question:",
    "answered": ":speech_balloon:",
    "approved": ":white_check_mark:",
    "superseded": ":fast_forward:",
    "withdrawn": ":wastebasket:",
}
ABOUT_SILENCE = frozenset({"reminder", "told", "asked", "channel"})
"""Kinds that say something only while somebody is still silent."""
_STILL = {
    "held": {StageStatus.HELD},
    "expired": {StageStatus.EXPIRED},
    "question": {StageStatus.ASKING},
    "answered": {StageStatus.ASKING},
    "late": {StageStatus.COLLECTING, StageStatus.SENT_BACK},
    "unowned": {StageStatus.UNOWNED, StageStatus.HELD},
    "sent_back": {StageStatus.SENT_BACK},
}
"""In which states of its stage a notice of a kind still says something true."""


MOST_PARTS = 20
"""Parts of one message; Slack takes 50 blocks, and each part is two."""


IN_THE_STORY = frozenset({*TOLD, "question", "answered"})
"""What the story under a card says in its own words."""


def notice_message(
    notice: Notice, view: VersionView, parts: Sequence[NoticePart] | None = None
) -> Message:
    """Say a notice once, or only the parts of it that are meant for whoever reads it."""
    said = tuple(notice.parts if parts is None else parts)[:MOST_PARTS]
    mark = _MARKS.get(notice.kind, ":bell:")
    text = " ".join(part.text for part in said)
    return Message(
        text=inline(text, LONGEST_FALLBACK),
        blocks=tuple(
            block
            for part in said
            for block in (
                section(f"{mark} {inline(part.text, 1_000)}"),
                context(f"{_where(part, view)} · {moment(notice.at)}"),
            )
        ),
    )


def question_message(notice: Notice, view: VersionView, question: QuestionView) -> Message:
    """Tell who can answer of a question, with a button until somebody has."""
    key = (view.model, view.version, notice.stage, question.round, question.role)
    asked = f"{question.name} asks about {view.model} {view.version} as {question.role}:"
    blocks = [
        section(f"{_MARKS['question']} {inline(asked, 400)}"),
        quote(calm(question.text, LONGEST_QUOTE), QUESTION),
        context(f"{_where(notice.parts[0], view)} · {moment(notice.at)}"),
    ]
    if question.answered_at is None:
        blocks.append(context("The clock stands until you answer: by the button, or in a thread."))
        blocks.append(answering(QuestionRef(signoff=signoff_id(*key), question=question.id)))
    else:
        name = question.answered_by_name or question.answered_by
        answered = f"{_MARKS['answered']} Answered by {inline(name, 80)}:"
        blocks += [section(answered), quote(calm(question.answer, LONGEST_QUOTE))]
    words = f"{asked} {question.text}"
    return Message(text=inline(words, LONGEST_FALLBACK), blocks=tuple(blocks))


def question_told(notice: Notice, view: VersionView) -> QuestionView | None:
    """Find the question that somebody is told of, while its round lasts."""
    if notice.kind != "question" or not notice.question:
        return None
    stage = stage_of(notice.parts[0], view)
    found = (one for one in (stage.questions if stage else ()) if one.id == notice.question)
    return next((one for one in found if stage and one.round == stage.round), None)


def _where(part: NoticePart, view: VersionView) -> str:
    version = f"{code(view.model)} version {code(view.version)}"
    return f"{version} · stage {code(part.stage)}, round {part.round}" if part.stage else version


def timely_parts(notice: Notice, view: VersionView) -> tuple[NoticePart, ...]:
    """Give the parts of a notice that was not posted yet which still say something true."""
    return tuple(part for part in notice.parts if _is_timely(notice.kind, part, view))


def _is_timely(kind: str, part: NoticePart, view: VersionView) -> bool:
    stage = stage_of(part, view)
    if not part.stage:
        return True  # it is about the whole version
    if stage is None or stage.round != part.round:
        return False
    if kind == "unreached":
        return any(_is_unreached(each) for each in signoffs_of(part, view))
    if kind in ABOUT_SILENCE:
        pending = SignoffStatus.PENDING
        return any(each.status is pending for each in signoffs_of(part, view))
    still = _STILL.get(kind)
    return stage.status is not StageStatus.APPROVED if still is None else stage.status in still


def _is_unreached(signoff: SignoffView) -> bool:
    """Tell whether somebody who may decide an open request still has it not, or not in Slack."""
    return signoff.status is SignoffStatus.PENDING and any(
        each.undelivered and each.person in signoff.can_decide for each in signoff.asked
    )


def may_not_sign(notice: Notice) -> bool:
    """Tell whether its people are told of the silence, and asked for nothing."""
    return notice.kind == "told"


def is_reminder(notice: Notice) -> bool:
    """Tell whether its people are asked already, and silent."""
    return notice.kind == "reminder"


def brings_card(notice: Notice) -> bool:
    """Tell whether its people get a card with buttons, which says it all."""
    return notice.kind == "asked"


def stage_of(part: NoticePart, view: VersionView) -> StageView | None:
    """Find the stage that a part of a notice is about."""
    return next((stage for stage in view.stages if stage.name == part.stage), None)


def signoffs_of(part: NoticePart, view: VersionView) -> tuple[SignoffView, ...]:
    """Find the sign-offs that a part is about; all of its round when it names no role."""
    stage = stage_of(part, view)
    return tuple(
        each
        for each in (stage.signoffs if stage else ())
        if each.round == part.round and (not part.roles or each.role in part.roles)
    )
