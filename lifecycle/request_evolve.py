"""The part of the fold that concerns whole requests: withdrawn, moved, queued."""

from collections.abc import Callable
from typing import Any

from lifecycle.round_evolve import closed
from lifecycle.state import Stage, VersionState, VersionStatus
from lifecycle.trust_facts import RequestWithdrawn


def _withdrawn(state: VersionState, fact: RequestWithdrawn) -> dict[str, Any]:
    """End every open round; what stands approved stays written, for when it goes on."""
    name = fact.person or fact.by
    who = state.roster.called(name) if state.roster else name
    reason = f": {fact.reason}" if fact.reason else ""
    why = f"{who} withdrew the request for review{reason}".rstrip(".") + "."
    return {
        "status": VersionStatus.WITHDRAWN,
        "closed_why": why,
        "stages": closed(state, fact, why),
    }


STAGE_CHANGES: dict[type[Any], Callable[[Stage, Any], Stage]] = {}
VERSION_CHANGES: dict[type[Any], Callable[[VersionState, Any], dict[str, Any]]] = {
    RequestWithdrawn: _withdrawn,
}
