"""What routes are handed: the composition of the process, and who calls."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Protocol, TypeAlias

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncEngine

from api.auth import KeyRing, Principal, Scope, unauthenticated
from api.confirmations import Confirmations
from api.database import Database
from api.slack_home_team import HomeTeam
from integrations.settings import Settings
from lifecycle.commands import AnyCommand
from workflows.messages import Answer, Envelope, GateQuestion, GateReply, Preview

Probe: TypeAlias = Callable[[], Awaitable[None]]
"""Returns when a component answers; raises when it does not."""


class Gateway(Protocol):
    """The way to the workflows, one per model version; `api.lifecycles` has the real one."""

    async def ask(
        self,
        model: str,
        version: str,
        command: AnyCommand,
        *,
        update_id: str,
        start: bool = False,
    ) -> Answer:
        """Send a command and wait for what became of it.

        Raises Refused, VersionClosed, UnknownVersion, OutcomeUnknown, NothingSent.
        """

    async def tell(
        self, model: str, version: str, envelope: Envelope, *, start: bool = False
    ) -> None:
        """Send a message, durable on return; raises VersionClosed, UnknownVersion, NothingSent."""

    async def gate(self, model: str, version: str, question: GateQuestion) -> GateReply:
        """Ask a gate; raises CannotTell, VersionClosed, UnknownVersion."""

    async def preview(
        self, model: str, version: str, command: AnyCommand, *, now: datetime
    ) -> Preview:
        """Ask what a command would lead to; raises Refused, CannotTell, UnknownVersion."""

    async def roster_changed(self, model: str, versions: Iterable[str], number: int) -> None:
        """Tell versions that people or roles changed; raises NothingSent."""


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)  # noqa: TID251 - the API's own clock; the rules get it as an argument


@dataclass(frozen=True)
class Composition:
    """Everything that the API of one process is made of."""

    engine: AsyncEngine
    lifecycles: Gateway
    settings: Settings
    clock: Callable[[], datetime] = utc_now
    probes: Mapping[str, Probe] = field(default_factory=dict)
    """What `/readyz` asks beside the database, by name: `temporal`, `worker`, …"""
    slack_home: HomeTeam = field(default_factory=HomeTeam)

    database: Database = field(init=False)
    keys: KeyRing = field(init=False)
    confirmations: Confirmations = field(init=False)

    def __post_init__(self) -> None:
        database = Database(self.engine)
        object.__setattr__(self, "database", database)
        object.__setattr__(self, "keys", KeyRing(database, self.clock))
        object.__setattr__(self, "confirmations", Confirmations())


def composition_of(request: Request) -> Composition:
    """Give the composition that the application was created with."""
    composition: Composition = request.app.state.composition
    return composition


Composed: TypeAlias = Annotated[Composition, Depends(composition_of)]

_bearer = HTTPBearer(bearerFormat="und_<id>_<secret>", description="An API key.", auto_error=False)
Credentials: TypeAlias = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]

IdempotencyKey: TypeAlias = Annotated[
    str | None,
    Header(
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="A name of your own for this write: a repeat of it with the same body gives"
        " the same answer and does nothing more; with another body it is 422.",
    ),
]


class Allowed:
    """Lets a request in by its key and one of the scopes."""

    def __init__(self, *scopes: Scope, while_away: bool = False) -> None:
        self._scopes = scopes
        self._while_away = while_away

    async def __call__(self, composition: Composed, credentials: Credentials) -> Principal:
        """Verify the key; raises Unauthenticated, Forbidden, DatabaseUnreachable."""
        if credentials is None:
            raise unauthenticated("The request has no API key.")
        principal = await composition.keys.verify(
            credentials.credentials, while_away=self._while_away
        )
        principal.require(*self._scopes)
        return principal


Admin: TypeAlias = Annotated[Principal, Depends(Allowed("admin"))]
Manager: TypeAlias = Annotated[Principal, Depends(Allowed("manager"))]
KeyReader: TypeAlias = Annotated[Principal, Depends(Allowed("admin", "auditor"))]
PeopleReader: TypeAlias = Annotated[Principal, Depends(Allowed("manager", "auditor", "admin"))]
Reader: TypeAlias = Annotated[
    Principal, Depends(Allowed("manager", "auditor", "admin", "owner", "pipeline"))
]
Pipeline: TypeAlias = Annotated[Principal, Depends(Allowed("pipeline"))]
Registrar: TypeAlias = Annotated[Principal, Depends(Allowed("pipeline", "manager"))]
Requester: TypeAlias = Annotated[Principal, Depends(Allowed("pipeline", "manager", "owner"))]
Decider: TypeAlias = Annotated[Principal, Depends(Allowed("owner", while_away=True))]
Deployer: TypeAlias = Annotated[
    Principal,
    Depends(Allowed("gate", "manager", "auditor", "admin", "owner", "pipeline", while_away=True)),
]
RESPONSIBLE = Allowed("manager", "owner", while_away=True)
"""Whoever the rules may let act on a version; they judge the person."""
PARTICIPANT = Allowed("pipeline", "manager", "owner", while_away=True)
"""Likewise, where a pipeline may too."""
