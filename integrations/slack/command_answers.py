"""What `/undersigned` answers: pure functions from what was read to text that only one reads."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from integrations.database.person_overview import PersonOverview, Requested
from integrations.slack.command_text import COMMAND, USAGE
from integrations.slack.home_parts import away_lines, listed
from integrations.slack.text import code, escape, inline, lines, moment
from lifecycle.roster import Away
from lifecycle.view import Explanation, StageView, VersionView

LONGEST_SUMMARY = 300


def usage(sentence: str = "") -> str:
    """Say how the command is written, after what was wrong."""
    said = [escape(f"• `{COMMAND} {words}`: {what}") for words, what in USAGE.items()]
    return "\n".join([*([inline(sentence, 400)] if sentence else []), *said])


def pending_answer(found: PersonOverview, now: datetime, home: str) -> str:
    """List what waits for a person, in the home tab's order, with the way to decide it."""
    if not found.total:
        return "Nothing waits for you."
    waits = "One sign-off waits" if found.total == 1 else f"{found.total} sign-offs wait"
    said = [_request(one, now) for one in found.requests]
    return f"*{waits} for you.* Decide on {home}.\n{listed(said, found.total)}"


def _request(one: Requested, now: datetime) -> str:
    due = "no deadline"
    if one.due:
        due = f"overdue since {moment(one.due)}" if one.due < now else f"due {moment(one.due)}"
    what = f"{code(one.model)} version {code(one.version)} as {code(one.role)}"
    return f"• {what}, stage {code(one.stage)}, round {one.round} · {due}"


def versions_answer(model: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Say where a model's newest versions are, each in one sentence."""
    if not rows:
        return f"No version of {code(model)} is registered."
    said = [
        f"• {code(row['version'])} ({_state(row['status'])}): "
        f"{inline(row['summary'], LONGEST_SUMMARY)}"
        for row in rows
    ]
    return f"*{code(model)}*, the newest first:\n{listed(said, len(said))}"


def version_answer(view: VersionView) -> str:
    """Say where a version is, what it waits for and what happens next, as `explain` does."""
    head = f"*{code(view.model)} version {code(view.version)}*: {_state(view.status)}"
    stages = [line for stage in view.stages for line in _stage(stage)]
    said = [head, *_explained(view.explanation), *stages]
    return lines(said, 2_800)


def _stage(stage: StageView) -> Iterator[str]:
    again = f", round {stage.round}" if stage.round > 1 else ""
    yield f"• {code(stage.name)}: {_state(stage.status)}{again}"


def _explained(explanation: Explanation) -> Iterator[str]:
    yield inline(explanation.summary, 600)
    for one in explanation.waiting:
        if one.why and one.why != explanation.summary:
            due = f" (due {moment(one.due)})" if one.due else ""
            yield f"{inline(one.why, LONGEST_SUMMARY)}{due}"
    if explanation.upcoming:
        upcoming = explanation.upcoming
        yield f"Next, {moment(upcoming.at)}: {inline(upcoming.what, LONGEST_SUMMARY)}"


def away_answer(away: Sequence[Away], names: Mapping[str, str]) -> str:
    """Say when somebody is away."""
    return "\n".join(away_lines(away, names))


def owned_answer(model: str, role: str) -> str:
    """Say that a role is taken over."""
    return f"You are {code(role)} of {code(model)} now."


def linked_answer(person: str) -> str:
    """Say whose an account is now."""
    return (
        f"This Slack account is confirmed as {code(person)}'s: what you do here counts as theirs."
    )


def _state(status: str) -> str:
    return str(status).replace("_", " ")
