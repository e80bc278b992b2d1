"""Reminders and escalations: what they say, to whom, and whether it is still worth saying."""

from integrations.slack.cards import Message
from integrations.slack.text import LONGEST_FALLBACK, code, context, inline, moment, section
from lifecycle.state import Notice, SignoffStatus, StageStatus
from lifecycle.view import SignoffView, StageView, VersionView

_MARKS = {
    "reminder": ":bell:",
    "told": ":mega:",
    "asked": ":raising_hand:",
    "late": ":hourglass:",
    "unowned": ":warning:",
    "sent_back": ":leftwards_arrow_with_hook:",
}
_ABOUT_SILENCE = {"reminder", "told", "asked"}
_STILL = {
    "late": {StageStatus.COLLECTING, StageStatus.SENT_BACK},
    "unowned": {StageStatus.UNOWNED, StageStatus.HELD},
    "sent_back": {StageStatus.SENT_BACK},
}
"""In which states of its stage a notice of a kind still says something true."""


def notice_message(notice: Notice, view: VersionView) -> Message:
    """Say a notice once."""
    mark = _MARKS.get(notice.kind, ":bell:")
    where = f"{code(view.model)} version {code(view.version)} · stage {code(notice.stage)}"
    return Message(
        text=inline(notice.text, LONGEST_FALLBACK),
        blocks=(
            section(f"{mark} {inline(notice.text, 1_000)}"),
            context(f"{where}, round {notice.round} · {moment(notice.at)}"),
        ),
    )


def is_timely(notice: Notice, view: VersionView) -> bool:
    """Tell whether a notice that was not posted yet still says something true."""
    stage = stage_of(notice, view)
    if stage is None or stage.round != notice.round:
        return False
    if notice.kind in _ABOUT_SILENCE:
        pending = SignoffStatus.PENDING
        return any(each.status is pending for each in signoffs_of(notice, view))
    still = _STILL.get(notice.kind)
    return stage.status is not StageStatus.APPROVED if still is None else stage.status in still


def may_not_sign(notice: Notice) -> bool:
    """Tell whether its people are told of the silence, and asked for nothing."""
    return notice.kind == "told"


def is_reminder(notice: Notice) -> bool:
    """Tell whether its people are asked already, and silent."""
    return notice.kind == "reminder"


def brings_card(notice: Notice) -> bool:
    """Tell whether its people get a card with buttons, which says it all."""
    return notice.kind == "asked"


def stage_of(notice: Notice, view: VersionView) -> StageView | None:
    """Find the stage that a notice is about."""
    return next((stage for stage in view.stages if stage.name == notice.stage), None)


def signoffs_of(notice: Notice, view: VersionView) -> tuple[SignoffView, ...]:
    """Find the sign-offs that a notice is about; all of its round when it names no role."""
    stage = stage_of(notice, view)
    return tuple(
        each
        for each in (stage.signoffs if stage else ())
        if each.round == notice.round and (not notice.roles or each.role in notice.roles)
    )
