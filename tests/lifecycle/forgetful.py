"""Deciding by what is remembered about a state, held against deciding without any memory."""

from datetime import datetime
from typing import NamedTuple

from lifecycle.commands import AnyCommand, Refused
from lifecycle.decide import decide
from lifecycle.facts import AnyFact
from lifecycle.state import VersionState


class Outcome(NamedTuple):
    """What a command leads to, so that two outcomes compare."""

    facts: tuple[AnyFact, ...] = ()
    refused: tuple[str, str] | None = None


def decided(state: VersionState, command: AnyCommand, now: datetime) -> tuple[AnyFact, ...]:
    """Decide, and assert that a copy of the state, of which nothing is remembered, gives the same.

    Raises Refused as the rules do.
    """
    anew, found = (_outcome(one, command, now) for one in (state.model_copy(), state))
    assert found == anew, f"{found} by memory, {anew} without"
    return decide(state, command, now) if found.refused else found.facts


def _outcome(state: VersionState, command: AnyCommand, now: datetime) -> Outcome:
    try:
        return Outcome(decide(state, command, now))
    except Refused as refused:
        return Outcome(refused=(refused.code, refused.reason))
