"""The part of the fold that concerns whole requests: withdrawn, moved, queued."""

from collections.abc import Callable
from typing import Any

from lifecycle.state import Stage, VersionState

STAGE_CHANGES: dict[type[Any], Callable[[Stage, Any], Stage]] = {}
VERSION_CHANGES: dict[type[Any], Callable[[VersionState, Any], dict[str, Any]]] = {}
