"""The home tab: a pure function from what was read of a person to blocks."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from integrations.database.person_overview import PersonOverview, Requested
from integrations.slack.clicks import Choice
from integrations.slack.controls import button, deciding
from integrations.slack.home_lists import DELEGATED, OWNED, REPORTS
from integrations.slack.home_parts import (
    away_lines,
    decided_lines,
    delegated_lines,
    fitting,
    listed,
    offered_lines,
    owned_lines,
    report_lines,
)
from integrations.slack.text import Json, code, context, inline, lines, one_line, section
from lifecycle.values import Frozen

MOST_REQUESTS = 30
"""Requests of one page; Slack takes 100 blocks, and each request is two."""
MOST_BYTES = 180_000
"""Bytes of one page's requests; Slack takes 250 kB for a view."""
MOST_SAID = 5

MORE = "home_more"
MORE_FIRST = "home_more_first"
HOME_AWAY = "home_away"
HOME_THERE = "home_there"
HOME_ALL = "home_all"

_RECORDING = ":hourglass_flowing_sand: Recording…"


class Mark(Frozen):
    """A click on the home tab whose outcome the lists may not show yet."""

    signoff: str
    model: str
    version: str
    role: str
    refusal: str = ""
    """Why it was refused; empty while it is being recorded."""


def home_view(
    found: PersonOverview, now: datetime, marks: Mapping[str, Mark] | None = None
) -> Json:
    """Show a person what waits for them, each to be decided there, and all that is theirs."""
    marked = marks or {}
    blocks = [section(f"*{_heading(found)}*"), *_refusals(found, marked)]
    listed, taken = _requests(found.requests, now, marked)
    blocks += [*listed, *_pager(found, taken)]
    blocks += _part(
        "Delegated by you", delegated_lines(found.delegated), found.delegated_in_all, DELEGATED
    )
    if found.is_manager:
        waiting = report_lines(found.reports, now) or ["Nobody of your people is waited for."]
        blocks += _part(
            "What waits for your people", waiting, max(found.reports_in_all, 1), REPORTS
        )
    blocks += _part("Roles offered to you", offered_lines(found.offered), len(found.offered))
    blocks += _part("What you own", owned_lines(found.owned), found.owned_in_all, OWNED)
    blocks += [*_away(found)]
    blocks += _part("Your recent decisions", decided_lines(found.decided), len(found.decided))
    start = found.requests[0].place if found.requests else 0
    return {"type": "home", "private_metadata": json.dumps({"start": start}), "blocks": blocks}


def stranger_view(sentence: str) -> Json:
    """Show somebody whom nobody knows what to do."""
    heading = section("*Undersigned doesn't know you yet*")
    return {"type": "home", "blocks": [heading, section(inline(sentence, 1_000))]}


def statement_in(blocks: Iterable[Json], block_id: str) -> str | None:
    """Read the statement of a request's buttons back out of a home tab that Slack sends."""
    wanted = block_id.replace("decide", "statement", 1)
    for block in blocks:
        if block.get("block_id") == wanted and block.get("type") == "rich_text":
            quotes = [one for one in block["elements"] if one.get("type") == "rich_text_quote"]
            parts = [part for one in quotes for part in one.get("elements", [])]
            return "".join(str(part.get("text", "")) for part in parts)
    return None


def start_of(view: Json) -> int:
    """Read which page a home tab showed."""
    try:
        start = json.loads(view.get("private_metadata") or "{}").get("start", 0)
    except (ValueError, AttributeError):
        return 0
    return start if isinstance(start, int) and start >= 0 else 0


def _heading(found: PersonOverview) -> str:
    if not found.total:
        return "Nothing waits for you."
    waits = "One sign-off waits" if found.total == 1 else f"{found.total} sign-offs wait"
    late = f", {found.overdue} overdue" if found.overdue else ""
    return f"{waits} for you{late}."


def _refusals(found: PersonOverview, marked: Mapping[str, Mark]) -> list[Json]:
    """Say why answers to requests that are listed no more were not taken."""
    shown = {one.id for one in found.requests}
    said = [
        f":no_entry: {code(one.model)} version {code(one.version)} as {code(one.role)}:"
        f" {inline(one.refusal, 400)}"
        for one in marked.values()
        if one.refusal and one.signoff not in shown
    ]
    return [section(lines(said[-MOST_SAID:], 2_800))] if said else []


def _requests(
    requests: Sequence[Requested], now: datetime, marked: Mapping[str, Mark]
) -> tuple[list[Json], int]:
    """Show as many as Slack takes, and say how many those are."""
    blocks: list[Json] = []
    room = MOST_BYTES
    for count, one in enumerate(requests[:MOST_REQUESTS]):
        mark = marked.get(one.id)
        new = [_request(one, now, mark), _acts(one, mark)]
        room -= len(json.dumps(new))
        if room < 0 and count:
            return blocks, count
        blocks += new
    return blocks, min(len(requests), MOST_REQUESTS)


def _request(one: Requested, now: datetime, mark: Mark | None) -> Json:
    """Say what is asked, until when, and the statement, whole and exactly."""
    head = [
        _bold(f"{one_line(one.model)} {one_line(one.version)}"),
        _words(f" as {one_line(one.role)}, stage {one_line(one.stage)}, round {one.round}"),
        *_deadline(one, now),
        _words("".join(f" · {each}" for each in _traits(one))),
        *_snooze(one, now),
    ]
    parts = [_row(*head), {"type": "rich_text_quote", "elements": [_words(one.statement or "—")]}]
    if one.changed:
        changed = one_line("; ".join(one.changed[:MOST_SAID]), 300)
        parts.insert(1, _row(_words(f"Changed since you last approved: {changed}")))
    if one.upcoming:
        next_ = one_line(one.upcoming.what, 200)
        parts.append(_row(_words("Next, "), _date(one.upcoming.at), _words(f": {next_}")))
    if mark is not None and mark.refusal:
        parts.append(_row(_words(f"Not recorded: {one_line(mark.refusal, 400)}")))
    return {"type": "rich_text", "block_id": f"statement-{one.place}", "elements": parts}


def _traits(one: Requested) -> list[str]:
    met = one.evidence - one.unmet
    asked = one.asked
    return [
        *([f"risk {one_line(one.risk)}"] if one.risk else []),
        *([f"{one.approved} of {one.needed} approved"] if one.needed > 1 else []),
        *([f"evidence {met} of {one.evidence} met"] if one.evidence else []),
        *([f"{one.blocks} stages wait behind it"] if one.blocks > 1 else []),
        *(["one stage waits behind it"] if one.blocks == 1 else []),
        *([f"on behalf of {one_line(asked.on_behalf_of)}"] if asked and asked.on_behalf_of else []),
        *(["you are on it"] if asked and asked.has_acknowledged else []),
        *(["by escalation"] if asked and asked.right == "escalation" else []),
    ]


def _deadline(one: Requested, now: datetime) -> list[Json]:
    if one.due is None:
        return [_words(" · no deadline")]
    return [_words(" · overdue since " if one.due < now else " · due "), _date(one.due)]


def _snooze(one: Requested, now: datetime) -> list[Json]:
    until = one.asked.snoozed_until if one.asked else None
    return [_words(" · snoozed until "), _date(until)] if until and until > now else []


def _acts(one: Requested, mark: Mark | None) -> Json:
    is_recording = mark is not None and not mark.refusal
    return context(_RECORDING) if is_recording else _buttons(one)


def _buttons(one: Requested) -> Json:
    """Offer what the card offers; a place of its own names the block for its menu."""
    choice = Choice(
        signoff=one.id,
        revision=one.revision,
        send_back_to=one.send_back_to,
        reasons=one.reasons,
    )
    what = f"Sign-off by {one.role}: {one.model} {one.version}"
    block_id = f"decide-{one.place}"
    return deciding(what, choice, is_confirmed=one.is_confirmed, block_id=block_id)


def _pager(found: PersonOverview, taken: int) -> list[Json]:
    if not found.requests or taken >= found.total:
        return []
    first = found.requests[0].place
    after = first + taken
    elements = []
    if after < found.total:
        more = f"{found.total - after} more"
        elements.append(button(more, MORE, str(after), f"Show the next of {more}"))
    if first:
        elements.append(button("From the first", MORE_FIRST, "0", "Show the first requests"))
    where = context(f"{first + 1} to {after} of {found.total}")
    return [where, {"type": "actions", "block_id": "pages", "elements": elements}]


def _part(heading: str, said: Iterable[str], in_all: int, name: str = "") -> list[Json]:
    """Make one list that fits a section and says how many more there are, with a way to them."""
    shown = list(said)
    if not shown:
        return []
    block = section(f"*{heading}*\n{listed(shown, in_all)}")
    if name and in_all > fitting(shown):
        block["accessory"] = button("Show all", HOME_ALL, name, f"Show all: {heading}")
    return [{"type": "divider"}, block]


def _away(found: PersonOverview) -> list[Json]:
    elements = [button("Set a time away", HOME_AWAY, "away", "Say when you are away")]
    if found.away:
        elements.append(button("I am not away", HOME_THERE, "there", "Take your times away back"))
    return [
        {"type": "divider"},
        section("*When you are away*\n" + "\n".join(away_lines(found.away, found.names))),
        {"type": "actions", "block_id": "away", "elements": elements},
    ]


def _row(*elements: Json) -> Json:
    return {
        "type": "rich_text_section",
        "elements": [one for one in elements if one.get("text") != ""],
    }


def _words(text: str) -> Json:
    return {"type": "text", "text": text}


def _bold(text: str) -> Json:
    return {"type": "text", "text": text, "style": {"bold": True}}


def _date(at: datetime) -> Json:
    fallback = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return {
        "type": "date",
        "timestamp": int(at.timestamp()),
        "format": "{date_short_pretty} {time}",
        "fallback": fallback,
    }
