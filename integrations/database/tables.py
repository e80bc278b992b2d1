"""The ledger and its projections; the journals are beside, in `journals`.

Rows are read and written through Core, as these classes' tables.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

INSTANT = DateTime(timezone=True)
NEVER = "'infinity'::timestamptz"
"""Sorts after every due instant, for what is never due."""


def _texts() -> Column[list[str]]:
    return Column(ARRAY(Text), nullable=False)


def _json() -> Column[Any]:
    return Column(JSONB, nullable=False)


class Fact(SQLModel, table=True):
    """One entry of a chain, append-only; `body` is the exact text that was hashed."""

    subject: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    hash: str
    body: str
    recorded_at: datetime = Field(
        sa_column=Column(INSTANT, nullable=False, server_default=func.now())
    )
    number: int = Field(
        sa_column=Column(BigInteger, Identity(always=True), unique=True, nullable=False)
    )


class Version(SQLModel, table=True):
    """A model version as of `sequence` facts; `doc` is its VersionView."""

    __table_args__ = (
        Index("version_digests", "digests", postgresql_using="gin"),
        Index("version_newest", "registered_at", "model", "version"),
        Index("version_open", "model", "registered_at", postgresql_where=text("is_open")),
        Index("version_overridden", "model", "version",
              postgresql_where=text("jsonb_array_length(doc -> 'overrides') > 0")),
        Index("version_producers", "producers", postgresql_using="gin",
              postgresql_where=text("is_open")),
    )  # fmt: skip

    model: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    status: str
    is_open: bool
    lifecycle: str
    risk: str | None = None
    layer: str | None = None
    digests: list[str] = Field(sa_column=_texts())
    producers: list[str] = Field(sa_column=_texts())
    registered_at: datetime | None = Field(sa_type=INSTANT)
    next_deadline: datetime | None = Field(sa_type=INSTANT)
    summary: str
    doc: dict[str, Any] = Field(sa_column=_json())


class Stage(SQLModel, table=True):
    """A stage of a version in its current round."""

    model: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    stage: str = Field(primary_key=True)
    position: int
    status: str
    round: int
    since: datetime | None = Field(sa_type=INSTANT)
    due: datetime | None = Field(sa_type=INSTANT)
    evidence_due: datetime | None = Field(sa_type=INSTANT)
    is_late: bool
    accountable: str | None = None
    valid_until: datetime | None = Field(sa_type=INSTANT)


_PENDING = text("status = 'pending'")
_ENDED = text("status <> 'pending'")
_DUE = text(f"coalesce(due, {NEVER})")


class Signoff(SQLModel, table=True):
    """One role's request in one round, of every round there was; `doc` is its SignoffView."""

    __table_args__ = (
        Index("signoff_version", "model", "version"),
        Index("signoff_pending_due", _DUE, "id", postgresql_where=_PENDING),
        Index("signoff_pending_asked", "asked_at", "id", postgresql_where=_PENDING),
        Index("signoff_pending_model", "model", _DUE, "id", postgresql_where=_PENDING),
        Index("signoff_pending_role", "role", _DUE, "id", postgresql_where=_PENDING),
        Index("signoff_pending_stage", "stage", _DUE, "id", postgresql_where=_PENDING),
        Index("signoff_pending_people", "can_decide", postgresql_using="gin",
              postgresql_where=_PENDING),
        Index("signoff_pending_managers", "managers", postgresql_using="gin",
              postgresql_where=_PENDING),
        Index("signoff_ended_due", "status", _DUE, "id", postgresql_where=_ENDED),
        Index("signoff_ended_asked", "status", "asked_at", "id", postgresql_where=_ENDED),
        Index("signoff_deciders", "deciders", postgresql_using="gin"),
        Index("signoff_decided", "decided_at", postgresql_where=text("decided_at IS NOT NULL")),
    )  # fmt: skip

    id: str = Field(primary_key=True)
    model: str
    version: str
    stage: str
    round: int
    role: str
    status: str
    risk: str | None = None
    asked_at: datetime = Field(sa_type=INSTANT)
    due: datetime | None = Field(sa_type=INSTANT)
    decided_at: datetime | None = Field(sa_type=INSTANT)
    can_decide: list[str] = Field(sa_column=_texts())
    managers: list[str] = Field(sa_column=_texts())
    deciders: list[str] = Field(sa_column=_texts())
    doc: dict[str, Any] = Field(sa_column=_json())


class Waiting(SQLModel, table=True):
    """One thing that an open version waits for."""

    __table_args__ = (Index("waiting_who", "kind", "who"),)

    model: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    kind: str
    who: str
    name: str
    stage: str
    role: str | None = None
    since: datetime = Field(sa_type=INSTANT)
    due: datetime | None = Field(sa_type=INSTANT)
    why: str


class Lifecycle(SQLModel, table=True):
    """A definition that was applied; one of each name is current."""

    __table_args__ = (
        Index("lifecycle_current", "name", unique=True, postgresql_where=text("is_current")),
    )

    name: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    is_current: bool
    definition: dict[str, Any] = Field(sa_column=_json())
    applied_at: datetime = Field(sa_type=INSTANT)
    applied_by: str


class Person(SQLModel, table=True):
    """A person or machine; `number` is that of the newest fact that concerns them."""

    __table_args__ = (
        Index("person_manager", "manager"),
        Index("person_delegates", "delegates", postgresql_using="gin"),
    )

    id: str = Field(primary_key=True)
    manager: str | None = None
    delegates: list[str] = Field(sa_column=_texts())
    """Who stands in for them in one of their away periods."""
    file: dict[str, Any] = Field(sa_column=_json())
    given_by: dict[str, Any] = Field(sa_column=_json())
    number: int = Field(sa_type=BigInteger)


class PersonIdentity(SQLModel, table=True):
    """Whose an identity is: nobody shares one."""

    __tablename__ = "identity"
    __table_args__ = (Index("identity_person", "person"),)

    identity: str = Field(primary_key=True)
    person: str
    origin: str
    """`file`, `slack` or `key`."""


class Model(SQLModel, table=True):
    """A model as its facts left it; `number` is that of the newest of them."""

    name: str = Field(primary_key=True)
    file: dict[str, Any] = Field(sa_column=_json())
    given_by: dict[str, Any] = Field(sa_column=_json())
    number: int = Field(sa_type=BigInteger)


class Group(SQLModel, table=True):
    """A group as its facts left it."""

    __tablename__ = "people_group"

    name: str = Field(primary_key=True)
    file: dict[str, Any] = Field(sa_column=_json())
    given_by: dict[str, Any] = Field(sa_column=_json())
    number: int = Field(sa_type=BigInteger)


class Rotation(SQLModel, table=True):
    """A rotation as its facts left it."""

    name: str = Field(primary_key=True)
    file: dict[str, Any] = Field(sa_column=_json())
    given_by: dict[str, Any] = Field(sa_column=_json())
    number: int = Field(sa_type=BigInteger)


class CrewMember(SQLModel, table=True):
    """Who is in a group, or may be on call in a rotation."""

    __tablename__ = "crew_member"
    __table_args__ = (Index("crew_member_person", "person"),)

    crew: str = Field(primary_key=True)
    """As owners name it: `group:risk-team`, `rotation:ml-oncall`."""
    person: str = Field(primary_key=True)


class Handover(SQLModel, table=True):
    """A role that was offered to somebody, and what became of the offer."""

    __table_args__ = (
        Index("handover_open", "model", "role", "giver", unique=True,
              postgresql_where=text("status = 'open'")),
        Index("handover_receiver", "receiver"),
    )  # fmt: skip

    model: str = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    role: str
    giver: str
    receiver: str
    offered_by: str
    note: str
    status: str
    offered_at: datetime = Field(sa_type=INSTANT)
    ended_at: datetime | None = Field(sa_type=INSTANT)
    reason: str


class ModelOwner(SQLModel, table=True):
    """What holds a role for a model: a person, `group:…`, `rotation:…` or `manager of …`."""

    __tablename__ = "model_owner"
    __table_args__ = (Index("model_owner_person", "person"),)

    model: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    person: str = Field(primary_key=True)


class ModelAlias(SQLModel, table=True):
    """Which model another system means by a name."""

    __tablename__ = "model_alias"

    source: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    model: str = Field(index=True)


class ApiKey(SQLModel, table=True):
    """An API key; its secret is nowhere."""

    __tablename__ = "api_key"

    id: str = Field(primary_key=True)
    secret_hash: str
    scopes: list[str] = Field(sa_column=_texts())
    person: str | None = None
    models: list[str] = Field(sa_column=_texts())
    events: list[str] = Field(sa_column=_texts())
    sources: list[str] = Field(sa_column=_texts())
    created_at: datetime = Field(sa_type=INSTANT)
    created_by: str
    expires_at: datetime | None = Field(sa_type=INSTANT)
    revoked_at: datetime | None = Field(sa_type=INSTANT)
