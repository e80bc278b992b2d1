"""The message that tells a manager each week what their people are waited for: a pure function."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from integrations.database.manager_week import Awaited, ManagerWeek, Standing, Unreached
from integrations.slack.cards import Message
from integrations.slack.home_parts import report_lines
from integrations.slack.text import Json, code, context, inline, lines, moment, section

LONGEST_LIST = 2_200
"""Characters of a list; Slack takes 3,000 in a section, and about 13,000 over all blocks."""
LONGEST_ERROR = 80

_STANDS = {"held": "held", "unowned": "nobody owns it"}


def weekly_digest(found: ManagerWeek, now: datetime, cards: Mapping[str, str]) -> Message | None:
    """Say what waits for a manager's people, longest first; None when there is nothing.

    `cards` are the addresses of the requests' cards in the models' channels, by id.
    """
    if found.is_empty:
        return None
    heading = _heading(found)
    longest = [_awaited(one, now, cards.get(one.id)) for one in found.longest]
    standing = [_standing(one) for one in found.standing]
    unreached = [_unreached(one) for one in found.unreached]
    people = report_lines(found.reports, now)
    blocks = (
        section(f":calendar: *{heading}*"),
        *_list("By person", people, found.reports_in_all),
        *_list("Waiting longest", longest, found.waiting),
        *_list("Held, or without owners", standing, found.standing_in_all),
        *_list("Not reached in Slack", unreached, found.unreached_in_all),
        context(f"{_decided(found)} This app's Home tab shows your people at any time."),
    )
    return Message(text=f"This week: {heading}", blocks=blocks)


def _heading(found: ManagerWeek) -> str:
    if not found.waiting:
        return "Nothing waits for your people."
    waits = "One sign-off waits" if found.waiting == 1 else f"{found.waiting} sign-offs wait"
    late = f", {found.overdue} overdue" if found.overdue else ""
    return f"{waits} for your people{late}."


def _list(heading: str, said: Iterable[str], in_all: int) -> list[Json]:
    shown = list(said)
    if not shown:
        return []
    rest = f" ({len(shown)} of {in_all})" if in_all > len(shown) else ""
    return [section(f"*{heading}{rest}*\n{lines(shown, LONGEST_LIST)}")]


def _awaited(one: Awaited, now: datetime, card: str | None) -> str:
    named = ", ".join(inline(name, 40) for name in one.people)
    rest = one.people_in_all - len(one.people)
    due = "no deadline"
    if one.due is not None:
        due = f"{'overdue since' if one.due < now else 'due'} {moment(one.due)}"
    parts = [
        f"• {code(one.model)} version {code(one.version)} as {code(one.role)}",
        f"{named}{f' and {rest} more' if rest > 0 else ''}",
        f"since {moment(one.asked_at)}",
        due,
        *([f"<{card}|card>"] if card else []),
    ]
    return " · ".join(parts)


def _standing(one: Standing) -> str:
    since = f" since {moment(one.since)}" if one.since else ""
    return (
        f"• {code(one.model)} version {code(one.version)}, stage {code(one.stage)}: "
        f"{_STANDS.get(one.status, 'it stands')}{since}"
    )


def _unreached(one: Unreached) -> str:
    what = "one request" if one.requests == 1 else f"{one.requests} requests"
    return f"• {inline(one.name, 80)}: {what} ({inline(one.error, LONGEST_ERROR) or 'not sent'})"


def _decided(found: ManagerWeek) -> str:
    number = found.approved + found.changes_requested
    if not number:
        return "Your people decided nothing in the last seven days."
    median = f", half of them within {_span(found.median)}" if found.median is not None else ""
    return (
        f"In the last seven days your people approved {found.approved} and sent back "
        f"{found.changes_requested}{median}."
    )


def _span(seconds: float) -> str:
    hours = timedelta(seconds=seconds) / timedelta(hours=1)
    if hours < 1:
        return "an hour"
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
