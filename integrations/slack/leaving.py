"""What of a view is left to be said together with what other versions have to say."""

from collections.abc import Mapping, Sequence
from html import unescape
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import slack_store
from integrations.database.slack_store import SlackMessage
from integrations.slack.accounts import Found
from integrations.slack.bursts import Bursts
from integrations.slack.copies import FAILED, GATHERING, LISTED
from integrations.slack.gathering import CARD, Desk, Reminder
from integrations.slack.notices import ABOUT_SILENCE, signoffs_of, timely_parts
from integrations.slack.plan import CHANNEL, Key, Wanted, is_channel, notice_request, signoffs
from integrations.slack.text import shorten
from lifecycle.calendars import EPOCH
from lifecycle.state import Notice
from lifecycle.view import VersionView

LONGEST_TEXT = 200
"""Characters of a notice that are kept for a message that says many."""


class Parted(NamedTuple):
    """What is sent singly, and what is left, by the conversation that it is for."""

    single: list[Wanted]
    left: list[tuple[str, Wanted, Reminder]]


class Leaving:
    """Leaves reminders, and what is more than a conversation's burst, to the desk."""

    def __init__(self, engine: AsyncEngine, desk: Desk | None, bursts: Bursts) -> None:
        self._engine = engine
        self._desk = desk
        self._bursts = bursts

    def takes_reminder(self, wanted: Wanted) -> bool:
        """Tell whether the desk says it, and finds out where its reader is."""
        return self._desk is not None and wanted.reminder is not None

    def part(
        self,
        view: VersionView,
        due: Sequence[Wanted],
        rows: Mapping[Key, SlackMessage],
        found: Found,
    ) -> Parted:
        """Part what is due; without a desk all of it is single."""
        parted = Parted([], [])
        # Cards first: what goes into the thread of one that is left is posted nowhere.
        for wanted in sorted(due, key=lambda each: each.under is not None):
            place = conversation(wanted, view)
            if self._desk is None:
                parted.single.append(wanted)
            elif wanted.reminder is not None:
                if wanted.is_new:  # the desk also sees when one is over meanwhile
                    parted.left.append((place, wanted, wanted.reminder))
            elif _is_exempt(wanted, rows, found, parted) or self._bursts.admits(place):
                parted.single.append(wanted)
            else:
                parted.left.append((place, wanted, _left(wanted, view)))
        return parted

    async def hand_over(self, left: Sequence[tuple[str, Wanted, Reminder]]) -> None:
        """Give the desk what is left."""
        by_place: dict[str, list[Reminder]] = {}
        for place, _, reminder in left:
            by_place.setdefault(place, []).append(reminder)
        if self._desk is None or not by_place:
            return
        for place, theirs in by_place.items():
            await self._desk.take(place, theirs)
        # Afterwards, so that a crash in between hands it over again; and never over what the desk
        # wrote down meanwhile.
        noted = [
            SlackMessage(
                request_id=wanted.request_id,
                copy_of=wanted.copy_of,
                content_hash=wanted.message.hash,
                state=GATHERING,
            )
            for _, wanted, _ in left
        ]
        async with self._engine.begin() as connection:
            await slack_store.note_messages(connection, noted)


def conversation(wanted: Wanted, view: VersionView) -> str:
    """Name where a copy goes: a person, or a channel with `#`."""
    if wanted.copy_of != CHANNEL:
        return wanted.copy_of
    return f"#{(view.slack_channel or '').lstrip('#')}"


def is_left(wanted: Wanted, row: SlackMessage | None) -> bool:
    """Tell whether a copy is said with others, or was, and so is no message of its own."""
    is_with_others = row is not None and row.ts is None and row.state in {GATHERING, LISTED}
    return is_with_others and wanted.reminder is None


def _is_exempt(
    wanted: Wanted, rows: Mapping[Key, SlackMessage], found: Found, parted: Parted
) -> bool:
    """Tell whether it is no new message, or none at all."""
    return (
        not _is_first(wanted, rows)
        or _is_unknown(wanted, found)
        or _is_told_nowhere(wanted, rows, parted)
    )


def _is_first(wanted: Wanted, rows: Mapping[Key, SlackMessage]) -> bool:
    """Tell whether a copy is to be posted and no attempt to do it was begun."""
    row = rows.get(wanted.key)
    return wanted.is_new and (row is None or (row.ts is None and row.state == FAILED))


def _is_told_nowhere(wanted: Wanted, rows: Mapping[Key, SlackMessage], parted: Parted) -> bool:
    """Tell whether it is for the thread of a card that neither is there nor comes now."""
    card = rows.get(wanted.under) if wanted.under else None
    is_there = card is not None and card.ts is not None
    return (
        wanted.is_in_thread
        and not is_there
        and all(each.key != wanted.under for each in parted.single)
    )


def _is_unknown(wanted: Wanted, found: Found) -> bool:
    """Tell whether somebody isn't known to be in Slack, which is written down at once."""
    person = wanted.copy_of
    return not is_channel(person) and (person in found.missing or person in found.unsure)


def _left(wanted: Wanted, view: VersionView) -> Reminder:
    known = Reminder(
        request=wanted.request_id,
        model=view.model,
        version=view.version,
        at=view.registered_at or EPOCH,
        copy_of=wanted.copy_of,
        place=view.slack_channel or "" if wanted.copy_of == CHANNEL else "",
    )
    kind, _, name = wanted.request_id.partition(":")
    card = next((each for each in signoffs(view) if each.id == name), None)
    if kind != "notice" and card is not None:
        return known.model_copy(update={"kind": CARD, "signoffs": (name,), "at": card.asked_at})
    found = (each for each in view.notices if notice_request(view, each) == wanted.request_id)
    if (notice := next(found, None)) is None:
        said = f"{view.model} {view.version}: {unescape(wanted.message.text)}"
        text = shorten(said, LONGEST_TEXT)
        return known.model_copy(update={"kind": kind, "text": text})
    return known.model_copy(update=_of_notice(notice, view))


def _of_notice(notice: Notice, view: VersionView) -> dict[str, object]:
    parts = timely_parts(notice, view) or notice.parts
    about = [each.id for part in parts for each in signoffs_of(part, view)]
    return {
        "kind": notice.kind,
        "at": notice.at,
        "signoffs": tuple(dict.fromkeys(about)) if notice.kind in ABOUT_SILENCE else (),
        "text": shorten(" ".join(part.text for part in parts), LONGEST_TEXT),
    }
