"""The message that reminds one person of many requests: a pure function."""

from collections.abc import Sequence
from typing import NamedTuple

from integrations.database.open_requests import OpenRequest
from integrations.slack.cards import Message
from integrations.slack.clicks import DETAILS, Choice
from integrations.slack.controls import button
from integrations.slack.text import Json, code, context, moment, section

MOST_LISTED = 45
"""Requests of one message; Slack takes 50 blocks."""
LONGEST = 11_000
"""Characters of all requests; Slack takes about 13,000 over all blocks."""
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
    """List requests in their order, as many as Slack takes, and say how many more there are."""
    heading = f"Reminder: {_how_many(len(entries))} for you."
    listed = [_entry(each) for each in _fitting(entries)]
    rest = len(entries) - len(listed)
    more = [context(f"…and {rest} more; `undersigned pending` lists them all.")] if rest else []
    return Message(text=heading, blocks=(section(f":bell: *{heading}*"), *listed, *more))


def _how_many(number: int) -> str:
    return "one sign-off waits" if number == 1 else f"{number} sign-offs wait"


def _fitting(entries: Sequence[Entry]) -> Sequence[Entry]:
    room = LONGEST
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
