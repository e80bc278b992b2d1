from datetime import datetime
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.pages import Page
from lifecycle.state import SignoffStatus
from lifecycle.values import Frozen, Instant


class SignoffQuery(Frozen):
    """Which sign-offs are asked for, in which order."""

    status: SignoffStatus = SignoffStatus.PENDING
    owner: str | None = None
    """Only those where this person can still decide."""
    role: str | None = None
    model: str | None = None
    stage: str | None = None
    manager: str | None = None
    """Only those where somebody who can still decide has this manager."""
    risk: str | None = None
    overdue: bool | None = None
    due_before: Instant | None = None
    sort: Literal["due", "-age"] = "due"
    limit: int = 50
    cursor: str | None = None
    visible_models: tuple[str, ...] | None = None
    """Names or globs (`fraud-*`) of the models that the reader may see; None: all."""


async def list_signoffs(connection: AsyncConnection, query: SignoffQuery, now: datetime) -> Page:
    """List sign-offs (SignoffView as JSON); raises ValueError for a bad cursor or limit."""
    raise NotImplementedError


WaitingBy = Literal["owner", "role", "stage", "manager", "pipeline"]


class WaitingRow(Frozen):
    """What is waited for from one owner, role, stage, manager's people or pipeline."""

    key: str
    name: str
    """As written in a sentence."""
    count: int
    """Sign-offs, or evidence, waited for."""
    oldest: Instant
    overdue: int
    p50: float | None = None
    """Seconds from asking to deciding, of sign-offs decided in the last 90 days."""
    p90: float | None = None
    versions_blocked: int


async def waiting_by(
    connection: AsyncConnection,
    by: WaitingBy,
    now: datetime,
    visible_models: tuple[str, ...] | None = None,
) -> list[WaitingRow]:
    """Say where versions wait, the longest list first."""
    raise NotImplementedError
