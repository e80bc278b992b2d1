"""What somebody types behind `/undersigned`, read."""

import html
import re
import shlex
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from integrations.working_time import minute_of
from lifecycle.roster import EARLIEST, LATEST

COMMAND = "/undersigned"
LONGEST = 1_000
"""Characters of a command that are read; every name in it is at most a hundred."""

USAGE = {
    "pending": "what waits for you",
    "status MODEL [VERSION]": "where a model's versions are, or what one of them waits for",
    "own MODEL ROLE": "take over a role that is offered to you",
    "away": "when you are away",
    "away FROM UNTIL [@DELEGATE]": (
        "say when you are away, from a date or time until you are back, and who answers meanwhile,"
        " as `away 2026-08-03 2026-08-24 @ben` or `away 2026-08-03T13:00 2026-08-04`"
    ),
    "away off": "you are not away at all",
    "link CODE": "confirm this account as yours, by a code from `undersigned slack link`",
    "help": "this list",
}

_MENTION = re.compile(r"<@([UW][A-Z0-9]{1,20})(?:\|[^>]*)?>")
_LABELLED = re.compile(r"<[^<>|]*\|([^<>]*)>")
_BARE = re.compile(r"<([^<>|]*)>")
_QUOTES = str.maketrans({"\u201c": '"', "\u201d": '"', "\u201e": '"'})
_ACCOUNT = re.compile(r"@([UW][A-Z0-9]{1,20})\Z")


class BadUsage(ValueError):  # noqa: N818 - it is the answer that the person gets
    """What was typed can't be used; its text is the sentence."""


class Typed(NamedTuple):
    """A verb and what stands behind it."""

    verb: str
    rest: tuple[str, ...] = ()


class Delegate(NamedTuple):
    """Who stands in: an account that was mentioned, or a person's id."""

    account: str = ""
    person: str = ""


def typed(text: str) -> Typed:
    """Split a command as Slack sends it, escaped, into words; raises BadUsage."""
    if len(text) > LONGEST:
        raise BadUsage(f"That is too long; at most {LONGEST} characters are read.")
    plain = _MENTION.sub(r"@\1", text)
    plain = _BARE.sub(r"\1", _LABELLED.sub(r"\1", plain))
    try:
        words = shlex.split(html.unescape(plain).translate(_QUOTES))
    except ValueError as error:
        raise BadUsage("A quotation mark has no counterpart.") from error
    return Typed(words[0].lower(), tuple(words[1:])) if words else Typed("help")


def exactly(words: Typed, least: int, most: int) -> tuple[str, ...]:
    """Give the words behind a verb; raises BadUsage when they are too few or too many."""
    if not least <= len(words.rest) <= most:
        usage = max((line for line in USAGE if line.split()[0] == words.verb), key=len)
        raise BadUsage(f"Write {COMMAND} {usage}; a name with spaces goes in quotation marks.")
    return words.rest


def moment_of(word: str, zone: ZoneInfo) -> datetime:
    """Read a date (its first moment) or a time, as local where no zone is written."""
    try:
        found = datetime.fromisoformat(word)
    except ValueError as error:
        raise BadUsage(
            f"{word[:40]!r} is no date; write it as 2026-08-03 or 2026-08-03T13:00."
        ) from error
    if found.tzinfo:
        return found
    if not EARLIEST <= found.year <= LATEST:
        raise BadUsage(f"Write a year from {EARLIEST} to {LATEST}.")
    # A time that the clock skips is the moment of the change, as everywhere.
    minute = minute_of(found.date(), found.time(), zone)
    return datetime.fromtimestamp(minute * 60, UTC)


def delegate_of(word: str) -> Delegate:
    """Read who stands in, as `@ben` is sent by Slack, or as a person's id."""
    account = _ACCOUNT.match(word)
    return Delegate(account=account[1]) if account else Delegate(person=word.removeprefix("@"))
