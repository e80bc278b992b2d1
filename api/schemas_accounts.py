"""What is sent to and answered by the routes of people's Slack accounts."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas import Sent
from lifecycle.values import Instant, Name

Enterprise = Annotated[str, StringConstraints(pattern=r"^E[A-Z0-9]{1,30}$")]


class AccountSent(Sent):
    """An account to confirm."""

    enterprise: Enterprise | None = Field(
        None, description="The Enterprise Grid organisation, where there is one."
    )


class LinkWritten(BaseModel):
    """A Slack account that is confirmed as a person's."""

    person: str
    team: str
    user: str
    changed: bool
    """False when it was theirs before."""


class CodeMade(BaseModel):
    """A code, shown this once."""

    code: str
    """To be sent as `/undersigned link CODE` from the account."""
    person: str
    expires_at: Instant


class LinkListed(BaseModel):
    """A Slack account and the person that it is, or is proposed to be."""

    person: str
    name: str
    """The person's, as described."""
    state: Literal["proposed", "confirmed"]
    barred: Literal["", "deactivated", "guest", "bot", "foreign"]
    """Why Slack says that it may not decide, whoever confirmed it; empty: nothing is known."""
    how: Literal["email", "admin", "code", "sso"]
    """How it was confirmed; `email` for a proposal."""
    enterprise: str | None
    team: str
    user: str
    slack_name: str
    """As Slack showed the account when it was proposed; its owner may choose it freely."""
    email: str
    """The address that it was proposed by."""
    by: str
    at: Instant


class LinksAsked(BaseModel):
    """Which accounts to list."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["proposed", "confirmed"] | None = None
    person: Name | None = None
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=2000)
