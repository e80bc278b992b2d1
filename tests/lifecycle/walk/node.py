"""One place in the walk: a state, the hour, and what an independent witness has seen."""

import re
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from lifecycle.commands import (
    AnyCommand,
    Migrate,
    OpenFinding,
    OverrideGate,
    Prepare,
    RaiseAlert,
    Refused,
    Retire,
    Supersede,
    VoidBase,
    WithdrawRequest,
)
from lifecycle.decide import decide
from lifecycle.evolve import evolve
from lifecycle.facts import DeploymentObserved, NothingChanged
from lifecycle.state import VersionState
from tests.lifecycle.walk.witness import Witness

_VOTE = {"comment": True, "via": True, "at": True, "round": True}
_SIGNOFF: dict[str, Any] = {
    "asked_at": True, "decided_at": True, "why": True, "before": True, "statement": True,
    "round": True, "refusal": True, "acknowledged": True, "snoozed": True,
    "votes": {"__all__": _VOTE}, "dissents": {"__all__": {"comment": True, "at": True}},
}  # fmt: skip
_SIGNOFFS = {"__all__": _SIGNOFF}
_STANDING: dict[str, Any] = {
    "round": True, "at": True,
    "approvals": {"__all__": {"statement": True, "votes": {"__all__": _VOTE}}},
}  # fmt: skip
_IRRELEVANT: Any = {
    "format": True, "sequence": True, "as_of": True, "seen": True, "notices": True,
    "lifecycle": True, "roster": True, "working": True,
    "registered_at": True, "registered_by": True, "requested_by": True, "closed_why": True,
    "deployments": True, "numbered": True, "suspended_why": True,
    "evidence": {"__all__": {"__all__": {"time": True, "id": True, "by": True}}},
    "stages": {
        "__all__": {
            "since": True, "why": True, "history": True, "last_signed": True, "round": True,
            "questions": {
                "__all__": {
                    "at": True, "answered_at": True, "round": True, "person": True, "role": True,
                    "text": True, "answered_by": True,
                }
            },
            "signoffs": _SIGNOFFS, "earlier": _SIGNOFFS, "standing": _STANDING,
        }
    },
}  # fmt: skip
_WITHOUT_EXTRAS: Any = {**_IRRELEVANT, "alerts": True, "findings": True}
"""What no rule of approval reads, or what differs only because of the way that led here.

Rounds are left out because only their order counts, and that the keys of a stage tell: whether the
open round was asked already.
"""
_REMINDER = re.compile(r'\{[^{}]*"action":"remind"[^{}]*\},?')
"""A planned reminder, which moves nobody's right."""
_INSTANT = re.compile(r'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)Z"')


SURPRISES = (
    Migrate, OpenFinding, OverrideGate, Prepare, RaiseAlert, Retire, Supersede, VoidBase,
    WithdrawRequest,
)  # fmt: skip
"""What comes from outside the round; a deep walk takes a few of them in one sequence."""


class Node(NamedTuple):
    """A state at an hour, with its witness."""

    state: VersionState
    now: datetime
    witness: Witness
    left: int | None = None
    """How many surprises may still come; None: any number."""

    def key(self) -> bytes:
        """Name what can still happen from here: two nodes of one key have the same future.

        Instants count as distances from now, so that a way with more hours in it meets others.
        """
        if self.state.is_closed:
            return b"closed"  # every command is refused from here on
        dumped = self.state.model_dump_json(exclude=self._irrelevant())

        def distance(match: re.Match[str]) -> str:
            instant = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
            return str((instant - self.now).total_seconds())

        again = [
            any(s.round == stage.round for s in stage.earlier.values())
            for stage in self.state.stages.values()
        ]
        dumped = _REMINDER.sub("", dumped)
        told = f"{_INSTANT.sub(distance, dumped)}{again}{self.witness.name()}{self.left}"
        return blake2b(told.encode(), digest_size=16).digest()

    def _irrelevant(self) -> Any:
        lifecycle = self.state.lifecycle
        # Without rules about them, findings block nothing and alerts reopen nothing.
        if lifecycle is not None and lifecycle.findings is None and not lifecycle.reopen:
            return _WITHOUT_EXTRAS
        return _IRRELEVANT

    def after(self, command: AnyCommand, now: datetime) -> "Node | None":
        """Take a command; None when it is refused, changes nothing, or is one surprise too many."""
        left = self.left
        if left is not None and isinstance(command, SURPRISES):
            left -= 1
            if left < 0:
                return None
        try:
            facts = decide(self.state, command, now)
        except Refused:
            return None
        if all(isinstance(fact, NothingChanged | DeploymentObserved) for fact in facts):
            return None  # nothing that a rule of approval reads is another
        state, witness = self.state, self.witness
        for fact in facts:
            state = evolve(state, fact)
            witness = witness.read(fact)
        witness.check(state)
        # A copy, since the core remembers answers about a state for as long as it lives.
        return Node(state.model_copy(), now, witness, left)
