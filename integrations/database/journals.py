"""The tables that are first-hand: what came in, what was answered, what was posted."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
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
    __table_args__ = (Index("slack_message_place", "ts", "channel"),)

    request_id: str = Field(primary_key=True)
    copy_of: str = Field(primary_key=True)
    channel: str | None = None
    ts: str | None = None
    thread_ts: str | None = None
    content_hash: str
    state: str
    error: str
    workspace: str
    """Where the channel is; empty for messages of before there could be several."""
    sent_at: datetime | None = Field(sa_type=INSTANT)


class SlackInstallation(SQLModel, table=True):
    """A Slack workspace that the app was installed in; the token is sealed, or forgotten."""

    __tablename__ = "slack_installation"

    id: str = Field(primary_key=True)
    """The team's id, or the enterprise's where it is installed for a whole organisation."""
    enterprise: str | None = None
    name: str
    url: str
    app: str
    bot_user: str
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    sealed_token: str | None = None
    state: str
    """`installed`, or why it ended: `asked`, `app_uninstalled`, `tokens_revoked`."""
    revision: int = Field(sa_type=BigInteger)
    """Grows with each installation, so that whoever holds a token knows that it is old."""
    first_installed_at: datetime = Field(sa_type=INSTANT)
    installed_at: datetime = Field(sa_type=INSTANT)
    installed_by: str
    ended_at: datetime | None = Field(sa_type=INSTANT)


class SlackInstallLink(SQLModel, table=True):
    """An administrator's leave to install the app once; only hashes of what is secret."""

    __tablename__ = "slack_install_link"

    ticket_hash: str = Field(primary_key=True)
    state_hash: str | None = Field(default=None, unique=True)
    """Of the state that Slack sends back; none before the link is opened."""
    by: str
    expires_at: datetime = Field(sa_type=INSTANT)


class SlackToken(SQLModel, table=True):
    """Whether Slack accepts the app's token in a workspace; one row for the whole installation."""

    __tablename__ = "slack_token"

    team: str = Field(primary_key=True)
    lost_since: datetime | None = Field(sa_type=INSTANT)
    code: str
    probed_at: datetime | None = Field(sa_type=INSTANT)
    of_settings: bool
    """Whether the settings' own token was for it when Slack last accepted that."""


class MailMessage(SQLModel, table=True):
    """A request that went by e-mail to one person."""

    __tablename__ = "mail_message"

    signoff: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    address: str
    message_id: str
    state: str
    error: str
    sent_at: datetime | None = Field(sa_type=INSTANT)
