"""The message that tells an owner each morning what waits for them: a pure function."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from integrations.database.person_overview import PersonOverview, Requested
from integrations.slack.cards import Message
from integrations.slack.clicks import DETAILS, Choice
from integrations.slack.controls import button
from integrations.slack.home_parts import delegated_lines, offered_lines
from integrations.slack.text import Json, code, context, inline, lines, moment, section

MOST_LISTED = 36
"""Requests of one message; Slack takes 50 blocks."""
LONGEST = 7_500
"""Characters of all requests; Slack takes about 13,000 over all blocks."""
LONGEST_LIST = 1_400
BUTTON = 20
"""Characters that a request's button takes."""
SOON = timedelta(days=3)

HOME = "Each can be answered on its card, and all of them on this app's Home tab."


def daily_digest(
    found: PersonOverview,
    now: datetime,
    cards: Mapping[str, str],
    reminded: Collection[str] = (),
) -> Message | None:
    """Say what waits for a person, late ones first; None when nothing does.

    `cards` are the addresses of the requests' cards, and `reminded` the requests of which a
    lifecycle reminds them today, by id.
    """
    if not found.total and not found.delegated:
        return None
    heading = _heading(found)
    listed = _fitting(found.requests, now, cards, reminded)
    blocks: list[Json] = [section(f":sunrise: *{heading}*")]
    for name, requests in _groups(listed, now):
        blocks.append(section(f"*{name}*"))
        blocks += [_entry(one, now, cards, reminded) for one in requests]
    rest = found.total - len(listed)
    more = f"…and {rest} more. " if rest > 0 else ""
    if found.total:
        blocks.append(context(f"{more}{HOME}"))
    blocks += _list("Delegated by you, not answered yet", found.delegated_in_all, found)
    if found.offered:
        said = lines(offered_lines(found.offered), LONGEST_LIST)
        blocks.append(section(f"*Roles offered to you*\n{said}"))
    return Message(text=f"Today: {heading}", blocks=tuple(blocks))


def _heading(found: PersonOverview) -> str:
    if not found.total:
        return "Nothing waits for you; some of what you delegated does."
    waits = "One sign-off waits" if found.total == 1 else f"{found.total} sign-offs wait"
    late = f", {found.overdue} overdue" if found.overdue else ""
    return f"{waits} for you{late}."


def _fitting(
    requests: Sequence[Requested],
    now: datetime,
    cards: Mapping[str, str],
    reminded: Collection[str],
) -> Sequence[Requested]:
    room = LONGEST
    for count, one in enumerate(requests[:MOST_LISTED]):
        room -= len(_line(one, now, cards, reminded)) + BUTTON
        if room < 0:
            return requests[:count]
    return requests[:MOST_LISTED]


def _groups(requests: Sequence[Requested], now: datetime) -> list[tuple[str, list[Requested]]]:
    """Part requests by how soon they are due; within, they stay in their order."""
    groups: dict[str, list[Requested]] = {"Overdue": [], "Due in the next days": [], "Later": []}
    for one in requests:
        name = "Later"
        if one.due is not None and one.due < now + SOON:
            name = "Overdue" if one.due < now else "Due in the next days"
        groups[name].append(one)
    return [(name, found) for name, found in groups.items() if found]


def _entry(
    one: Requested, now: datetime, cards: Mapping[str, str], reminded: Collection[str]
) -> Json:
    value = Choice(signoff=one.id, revision=one.revision).value()
    label = f"Details of {one.role}: {one.model} {one.version}"
    details = button("Details", DETAILS, value, label)
    return {**section(_line(one, now, cards, reminded)), "accessory": details}


def _line(
    one: Requested, now: datetime, cards: Mapping[str, str], reminded: Collection[str]
) -> str:
    link = cards.get(one.id)
    parts = [
        f"{code(one.model)} version {code(one.version)}",
        f"stage {code(one.stage)}, round {one.round}",
        f"as {code(one.role)}",
        _due(one, now),
        *([f"blocks {one.blocks} {'stage' if one.blocks == 1 else 'stages'}"] * bool(one.blocks)),
        *([":bell: reminder"] if one.id in reminded else []),
        *([_next(one)] if one.upcoming else []),
        *([f"<{link}|answer on the card>"] if link else []),
    ]
    return " · ".join(parts)


def _due(one: Requested, now: datetime) -> str:
    if one.due is None:
        return "no deadline"
    return f"{'overdue since' if one.due < now else 'due'} {moment(one.due)}"


def _next(one: Requested) -> str:
    if one.upcoming is None:
        return ""
    return f"next, {moment(one.upcoming.at)}: {inline(one.upcoming.what, 100)}"


def _list(heading: str, in_all: int, found: PersonOverview) -> list[Json]:
    if not found.delegated:
        return []
    said = lines(delegated_lines(found.delegated), LONGEST_LIST)
    rest = in_all - len(found.delegated)
    more = f"\n…of {in_all} in all" if rest > 0 else ""
    return [section(f"*{heading}*\n{said}{more}")]
