"""The message that says many things at once: a pure function."""

from collections.abc import Sequence
from typing import NamedTuple

from integrations.database.open_requests import OpenRequest
from integrations.slack.cards import Message
from integrations.slack.clicks import DETAILS, Choice
from integrations.slack.controls import button
from integrations.slack.text import Json, code, context, inline, lines, moment, section

MOST_LISTED = 45
"""Requests of one message; Slack takes 50 blocks."""
LONGEST = 11_000
"""Characters of all requests; Slack takes about 13,000 over all blocks."""
LONGEST_TOLD = 2_800
"""Characters of what is only told."""
EVERYTHING = (
    "All of them can be answered on this app's Home tab; `undersigned pending` lists them, too."
)
BUTTON = 20
"""Characters that a request's button takes."""


class Entry(NamedTuple):
    """A request, and where its card is."""

    request: OpenRequest
    link: str = ""
    """The address of the card, where it can be answered; empty when there is none."""


def ordered(requests: Sequence[OpenRequest]) -> list[OpenRequest]:
    """Put what is due first in front, and what is never due at the end."""
    return sorted(requests, key=lambda one: (one.due is None, one.due or one.asked_at, one.id))


def digest_message(entries: Sequence[Entry]) -> Message:
    """List the requests of reminders in their order, as many as Slack takes."""
    return _message(f"Reminder: {_how_many(len(entries))} for you.", ":bell:", entries, ())


def storm_message(entries: Sequence[Entry], told: Sequence[str]) -> Message:
    """Say to a person at once what many versions ask of them and tell them."""
    asked = f"{_how_many(len(entries))} for you" if entries else ""
    more = f"you are told of {_things(told, entries)}" if told else ""
    heading = f"{' and '.join(each for each in (asked, more) if each)}."
    return _message(heading[0].upper() + heading[1:], ":inbox_tray:", entries, told)


def channel_message(entries: Sequence[Entry], told: Sequence[str]) -> Message:
    """Say in a channel at once what many versions have to say there."""
    asked = f"{_how_many(len(entries))} for their owners" if entries else ""
    more = f"there is news of {_things(told, entries)}" if told else ""
    heading = f"{' and '.join(each for each in (asked, more) if each)}."
    return _message(heading[0].upper() + heading[1:], ":inbox_tray:", entries, told)


def _message(heading: str, mark: str, entries: Sequence[Entry], told: Sequence[str]) -> Message:
    listed = _fitting(entries, LONGEST - LONGEST_TOLD if told else LONGEST)
    rest = len(entries) - len(listed)
    blocks = [section(f"{mark} *{heading}*"), *(_entry(each) for each in listed)]
    if rest:
        blocks.append(context(f"…and {rest} more. {EVERYTHING}"))
    if told:
        blocks.append(section(lines((f"• {inline(each)}" for each in told), LONGEST_TOLD)))
    return Message(text=heading, blocks=tuple(blocks))


def _how_many(number: int) -> str:
    return "one sign-off waits" if number == 1 else f"{number} sign-offs wait"


def _things(told: Sequence[str], entries: Sequence[Entry]) -> str:
    return f"{len(told)} {'more' if entries else 'things'}"


def _fitting(entries: Sequence[Entry], room: int) -> Sequence[Entry]:
    for count, each in enumerate(entries[:MOST_LISTED]):
        room -= len(_line(each)) + BUTTON
        if room < 0:
            return entries[:count]
    return entries[:MOST_LISTED]


def _entry(entry: Entry) -> Json:
    request = entry.request
    value = Choice(signoff=request.id, revision=request.revision).value()
    label = f"Details of {request.role}: {request.model} {request.version}"
    return {**section(_line(entry)), "accessory": button("Details", DETAILS, value, label)}


def _line(entry: Entry) -> str:
    request = entry.request
    parts = [
        f"{code(request.model)} version {code(request.version)}",
        f"stage {code(request.stage)}, round {request.round}",
        f"as {code(request.role)}",
        f"due {moment(request.due)}" if request.due else "no deadline",
        *([f"<{entry.link}|answer on the card>"] if entry.link else []),
    ]
    return " · ".join(parts)
