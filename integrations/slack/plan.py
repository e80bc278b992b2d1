"""Which messages a view asks for, and what each shows: a pure function."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from integrations.slack.cards import Message, channel_card, owner_card, told_card
from integrations.slack.gathering import Reminder
from integrations.slack.notices import (
    IN_THE_STORY,
    brings_card,
    is_reminder,
    may_not_sign,
    notice_message,
    question_message,
    question_told,
    signoffs_of,
    timely_parts,
)
from integrations.slack.story import story
from integrations.slack.threads import parts
from lifecycle.state import Notice, NoticePart, SignoffStatus
from lifecycle.view import SignoffView, VersionView

CHANNEL = "channel"
"""The copy that the model's channel has."""


def is_channel(copy_of: str) -> bool:
    """Tell whether a copy is a channel's, the model's or one that a lifecycle names by `#`."""
    return copy_of == CHANNEL or copy_of.startswith("#")


Key = tuple[str, str]
"""A request id and whose copy it is."""


@dataclass(frozen=True)
class Wanted:
    """One message as it should be."""

    request_id: str
    copy_of: str
    message: Message
    is_new: bool
    """Whether it is posted where it is not there yet; else it is only changed."""
    is_once: bool = False
    """Whether it stays as it was posted."""
    under: Key | None = None
    """The card in whose thread it is posted."""
    is_in_thread: bool = False
    """Whether it is worth nothing outside that thread."""
    reminder: Reminder | None = None
    """What it reminds somebody of, when that may be said with other reminders to them."""

    @property
    def key(self) -> Key:
        """Name it."""
        return (self.request_id, self.copy_of)


def signoff_request(signoff: str) -> str:
    """Name the card that owners get."""
    return f"signoff:{signoff}"


def channel_request(signoff: str) -> str:
    """Name the card in the model's channel."""
    return f"channel:{signoff}"


def thread_request(signoff: str, entry: str) -> str:
    """Name a message of the story under a card."""
    return f"thread:{signoff}:{entry}"


def notice_request(view: VersionView, notice: Notice) -> str:
    """Name a notice."""
    return f"notice:{view.model}/{view.version}:{notice.id}"


def signoffs(view: VersionView) -> tuple[SignoffView, ...]:
    """List the sign-offs of a view."""
    return tuple(each for stage in view.stages for each in stage.signoffs)


def requests(view: VersionView, earlier: Sequence[SignoffView]) -> list[str]:
    """Name everything that there may be messages of."""
    cards = [*signoffs(view), *earlier]
    return [
        *(signoff_request(each.id) for each in cards),
        *(channel_request(each.id) for each in cards),
        *(
            thread_request(card.id, entry.name)
            for card in _told_of(view, earlier)
            for entry in story(card, view.notices, view.names)
        ),
        *(notice_request(view, each) for each in view.notices),
    ]


def plan(
    view: VersionView, earlier: Sequence[SignoffView], known: Collection[Key]
) -> tuple[Wanted, ...]:
    """Say which messages there should be; `known` are those that there are.

    `earlier` are sign-offs of the version that the view no longer has.
    """
    cards = [*signoffs(view), *(_over(each, view) for each in earlier)]
    return tuple(
        wanted
        for wanted in (
            *_cards(view, cards, known),
            *_threads(view, _told_of(view, earlier), known),
            *_notices(view),
        )
        if wanted.is_new or wanted.key in known
    )


def wanted_of(view: VersionView, key: Key) -> Wanted | None:
    """Give the message of this name as it is sent alone, if the view still asks for it."""
    return next((each for each in plan(view, (), [key]) if each.key == key), None)


def _cards(
    view: VersionView, cards: Sequence[SignoffView], known: Collection[Key]
) -> Iterator[Wanted]:
    for card in cards:
        is_pending = card.status is SignoffStatus.PENDING
        if view.slack_channel or (channel_request(card.id), CHANNEL) in known:
            is_new = _is_asked(card) and view.slack_channel is not None
            yield Wanted(channel_request(card.id), CHANNEL, channel_card(card), is_new)
        request = signoff_request(card.id)
        asked = [each.person for each in card.asked]
        away = {each.person for each in card.asked if each.is_away}
        for person in asked:
            is_new = is_pending and person in card.can_decide and person not in away
            yield Wanted(request, person, owner_card(card, person), is_new)
        for known_request, person in known:
            if known_request == request and person not in asked:
                yield Wanted(request, person, owner_card(card, person), is_new=False)


def _told_of(view: VersionView, earlier: Sequence[SignoffView]) -> list[SignoffView]:
    """Give the requests whose story may go on: those of a view, and of the rounds just before."""
    newest: dict[str, int] = {}
    for card in earlier:
        newest[card.stage] = max(newest.get(card.stage, 0), card.round)
    return [*signoffs(view), *(one for one in earlier if one.round == newest[one.stage])]


def _threads(
    view: VersionView, cards: Sequence[SignoffView], known: Collection[Key]
) -> Iterator[Wanted]:
    """Tell the story of each request under its card in the channel."""
    # Releases before this one told them under the card as well.
    said = {each.id for each in view.notices if (notice_request(view, each), CHANNEL) in known}
    notices = tuple(each for each in view.notices if each.id not in said)
    current = {each.id for each in signoffs(view) if _is_asked(each) and view.slack_channel}
    for card in cards:
        under = (channel_request(card.id), CHANNEL)
        if under not in known and card.id not in current:
            continue
        entries = story(card, notices, view.names)
        there = {e.name for e in entries if (thread_request(card.id, e.name), CHANNEL) in known}
        for part in parts(card, entries, there):
            yield Wanted(
                thread_request(card.id, part.name),
                CHANNEL,
                part.message,
                is_new=True,
                is_once=part.is_once,
                under=under,
                is_in_thread=True,
            )


def _is_asked(card: SignoffView) -> bool:
    return card.status is SignoffStatus.PENDING and card.is_open


def _over(card: SignoffView, view: VersionView) -> SignoffView:
    """Close a sign-off that the view has left behind, though it was stored while it was open."""
    if card.status is not SignoffStatus.PENDING:
        return card
    stage = next((each for each in view.stages if each.name == card.stage), None)
    newer = stage is not None and stage.round > card.round
    why = f"Round {stage.round} of this stage has begun." if stage and newer else "It is over."
    closed = {"status": SignoffStatus.VOID, "why": why, "can_decide": (), "upcoming": None}
    return card.model_copy(update=closed)


def _notices(view: VersionView) -> Iterator[Wanted]:
    for notice in view.notices:
        timely = timely_parts(notice, view)
        yield from _to_channel(notice, view, timely)
        people = dict.fromkeys(person for part in notice.parts for person in part.people)
        for person in people:
            own = tuple(part for part in notice.parts if person in part.people)
            yield from _to_person(notice, view, person, own, tuple(p for p in own if p in timely))


def _to_channel(
    notice: Notice, view: VersionView, timely: tuple[NoticePart, ...]
) -> Iterator[Wanted]:
    """Say what the model's channel gets, or the one that the lifecycle names."""
    request, message = notice_request(view, notice), notice_message(notice, view, timely or None)
    is_own = not notice.channel or notice.channel == f"#{(view.slack_channel or '').lstrip('#')}"
    if not is_own:
        yield Wanted(request, notice.channel, message, bool(timely), is_once=True)
    elif view.slack_channel:
        about = signoffs_of((timely or notice.parts)[0], view)
        if about and notice.kind in IN_THE_STORY:
            return
        thread = (channel_request(about[0].id), CHANNEL) if about else None
        yield Wanted(request, CHANNEL, message, bool(timely), is_once=True, under=thread)


def _to_person(
    notice: Notice,
    view: VersionView,
    person: str,
    own: tuple[NoticePart, ...],
    timely: tuple[NoticePart, ...],
) -> Iterator[Wanted]:
    """Say what one of a notice's people gets directly: every part that is meant for them."""
    request = notice_request(view, notice)
    about = [each for part in timely or own for each in signoffs_of(part, view)]
    asked = next((a for a in about if person in {each.person for each in a.asked}), None)
    if brings_card(notice) and asked is not None:
        return
    question = question_told(notice, view)
    if question is not None:
        is_open = question.answered_at is None and bool(timely)
        yield Wanted(request, person, question_message(notice, view, question), is_open)
    elif may_not_sign(notice) and len(about) == 1:
        text = (timely or own)[0].text
        yield Wanted(request, person, told_card(about[0], text), bool(timely))
    elif is_reminder(notice) and asked is not None:
        yield _to_reminded(notice, view, person, asked, timely)
    else:
        message = notice_message(notice, view, timely or own)
        yield Wanted(request, person, message, bool(timely), is_once=True)


def _to_reminded(
    notice: Notice,
    view: VersionView,
    person: str,
    asked: SignoffView,
    timely: tuple[NoticePart, ...],
) -> Wanted:
    """Remind somebody of what they can still decide, under their card of one of the requests.

    Who has signed meanwhile is not reminded, though the notice was written before.
    """
    still = tuple(part for part in timely if _can_decide([part], view, person))
    request = notice_request(view, notice)
    return Wanted(
        request,
        person,
        notice_message(notice, view, still or None),
        bool(still),
        is_once=True,
        under=(signoff_request(asked.id), person),
        reminder=Reminder(
            request=request,
            model=view.model,
            version=view.version,
            signoffs=tuple(dict.fromkeys(_can_decide(still, view, person))),
            at=notice.at,
        ),
    )


def _can_decide(parts: Sequence[NoticePart], view: VersionView, person: str) -> list[str]:
    """Name the sign-offs that parts of a notice are about and that somebody can decide."""
    about = (each for part in parts for each in signoffs_of(part, view))
    return [each.id for each in about if person in each.can_decide]
