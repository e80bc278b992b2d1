"""The lines of the home tab's lists."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from integrations.database.person_overview import Decided, Delegated, Offered, OwnedModel, Report
from integrations.slack.text import code, inline, lines, moment
from lifecycle.roster import Away

LONGEST = 2_700
"""Characters of one list; Slack takes 3,000 in a section."""
MOST_ROLES = 600
"""Characters of one model's roles."""
MOST_PERIODS = 5

_DID = {"approve": "approved", "request_changes": "requested changes"}
_STANDS = {
    "pending": "others are waited for",
    "approved": "approved",
    "changes_requested": "changes requested",
    "void": "void since",
}


def listed(said: Sequence[str], in_all: int) -> str:
    """Join the lines that fit, and say how many of all are left out."""
    taken = fitting(said)
    rest = in_all - taken
    return "\n".join([*said[:taken], *([f"…and {rest} more"] if rest > 0 else [])])


def fitting(said: Sequence[str]) -> int:
    """Say how many lines fit a section."""
    room = LONGEST
    for count, one in enumerate(said):
        room -= len(one) + 1
        if room < 0:
            return count
    return len(said)


def delegated_lines(delegated: Iterable[Delegated]) -> list[str]:
    """Say who may answer in somebody's place, and until when."""
    return [_delegated(one) for one in delegated]


def _delegated(one: Delegated) -> str:
    until = f" until {moment(one.given.until)}" if one.given.until else ""
    due = f", due {moment(one.due)}" if one.due else ""
    return (
        f"• {code(one.model)} version {code(one.version)} as {code(one.role)}{due}: "
        f"{inline(one.given.to_name, 80)} may answer{until}"
    )


def owned_lines(owned: Iterable[OwnedModel]) -> list[str]:
    """Say which roles somebody holds for which models, and through what."""
    return [f"• {code(one.model)}: {_roles(one)}" for one in owned]


def _roles(one: OwnedModel) -> str:
    roles = (
        code(each.role) + (f" (through {code(each.through)})" if each.through else "")
        for each in one.roles
    )
    return lines(roles, MOST_ROLES).replace("\n", ", ")


def offered_lines(offered: Iterable[Offered]) -> list[str]:
    """Say which roles are offered, and how they are taken."""
    return [
        f"• {code(one.role)} of {code(one.model)}, by {inline(one.giver, 100)}: "
        f"take it with {code(f'/undersigned own {one.model} {one.role}', 300)}"
        for one in offered
    ]


def report_lines(reports: Iterable[Report], now: datetime) -> list[str]:
    """Say how much waits for each of a manager's people."""
    return [_report(one, now) for one in reports]


def _report(one: Report, now: datetime) -> str:
    late = f", {one.overdue} overdue" if one.overdue else ""
    due = f"; the first was due {moment(one.due)}" if one.due and one.due < now else ""
    if one.due and one.due >= now:
        due = f"; the first is due {moment(one.due)}"
    return f"• {inline(one.name, 80)}: {one.waiting} waiting{late}{due}"


def decided_lines(decided: Iterable[Decided]) -> list[str]:
    """Say what somebody decided lately, and where it stands."""
    return [
        f"• {code(one.model)} version {code(one.version)} as {code(one.role)}: you "
        f"{_DID.get(one.decision, 'answered')}, {moment(one.at)} ({_STANDS[one.status]})"
        for one in decided
    ]


def away_lines(away: Sequence[Away], names: Mapping[str, str]) -> list[str]:
    """Say when somebody is away and who stands in."""
    if not away:
        return ["You are not away."]
    coming = sorted(away, key=lambda one: one.starts)
    said = [away_line(one, names) for one in coming[:MOST_PERIODS]]
    rest = len(coming) - MOST_PERIODS
    return [*said, *([f"…and {rest} more"] if rest > 0 else [])]


def away_line(one: Away, names: Mapping[str, str]) -> str:
    """Say one time away."""
    who = inline(names.get(one.delegate, one.delegate), 80) if one.delegate else "nobody"
    return f"• {moment(one.starts)} to {moment(one.until)}: {who} answers in your place"
