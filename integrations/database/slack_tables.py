"""People's Slack accounts, and the codes by which they confirm their own."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from integrations.database.tables import INSTANT


class SlackAccount(SQLModel, table=True):
    """Whose a Slack account is, or is proposed to be: one account a person in each team."""

    __tablename__ = "slack_account"
    __table_args__ = (
        Index("slack_account_person", "person", "team", unique=True),
        Index("slack_account_enterprise", "enterprise", "user_id"),
    )

    team: str = Field(primary_key=True)
    user_id: str = Field(primary_key=True)
    enterprise: str | None = None
    person: str
    how: str
    """`email` for a proposal; `admin`, `code` or `sso` for what is confirmed."""
    is_confirmed: bool
    email: str
    """The address that it was proposed by."""
    name: str
    """As Slack showed the account when it was proposed."""
    linked_by: str
    linked_at: datetime = Field(sa_type=INSTANT)
    barred: str
    """Why Slack says that it may not decide; empty where nothing is known against it."""


class SlackCode(SQLModel, table=True):
    """The one code that a person may confirm an account with now; a journal, not made of facts."""

    __tablename__ = "slack_code"

    person: str = Field(primary_key=True)
    code_hash: str = Field(unique=True)
    key: str
    """The id of the API key that it was made with."""
    expires_at: datetime = Field(sa_type=INSTANT)


class SlackTries(SQLModel, table=True):
    """How many wrong codes an account sent; a journal, too."""

    __tablename__ = "slack_tries"

    team: str = Field(primary_key=True)
    user_id: str = Field(primary_key=True)
    wrong: int
    last_at: datetime | None = Field(sa_type=INSTANT)


class SlackCheck(SQLModel, table=True):
    """When Slack last said what an account is; a journal: only what changed is a fact."""

    __tablename__ = "slack_check"

    team: str = Field(primary_key=True)
    user_id: str = Field(primary_key=True)
    barred: str
    checked_at: datetime = Field(sa_type=INSTANT)
