"""The tables that are first-hand: what came in, what was answered, what was posted."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Identity, Index, Text, text
from sqlmodel import Field, SQLModel

from integrations.database.tables import INSTANT


class Event(SQLModel, table=True):
    """An event as it came in, and what became of it; `body` is JSON."""

    __table_args__ = (
        Index("event_unclaimed", "model", "version", "position",
              postgresql_where=text("status = 'unclaimed'")),
        Index("event_unsent", "received_at", postgresql_where=text("status = 'received'")),
        Index("event_unapplied", "model", "version",
              postgresql_where=text("status IN ('received', 'accepted')")),
    )  # fmt: skip

    event_id: str = Field(primary_key=True)
    principal: str
    source: str
    id: str
    type: str
    body_digest: str
    model: str | None = None
    version: str | None = None
    body: str = Field(sa_type=Text)
    received_at: datetime = Field(sa_type=INSTANT)
    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    status: str
    why: str
    sequence: int = Field(sa_type=BigInteger)


class Idempotency(SQLModel, table=True):
    """An Idempotency-Key and the answer that a repeat gets; `body` is JSON."""

    __table_args__ = (Index("idempotency_created", "created_at"),)

    principal: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    body_digest: str
    status: int | None = None
    body: str | None = None
    created_at: datetime = Field(sa_type=INSTANT)


class SlackMessage(SQLModel, table=True):
    """One copy of a message in Slack."""

    __tablename__ = "slack_message"

    request_id: str = Field(primary_key=True)
    copy_of: str = Field(primary_key=True)
    channel: str | None = None
    ts: str | None = None
    thread_ts: str | None = None
    content_hash: str
    state: str
    error: str
    sent_at: datetime | None = Field(sa_type=INSTANT)
