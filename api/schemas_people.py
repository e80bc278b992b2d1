"""What is sent and answered about away periods, handovers, and owners who don't answer."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Sent, Warned
from integrations.database.owner_problems import OwnerProblem
from lifecycle.handover import Handover
from lifecycle.roster import Away
from lifecycle.values import Comment, Instant, Name


class AwaySent(Sent):
    """All periods in which a person is away; none: they are there."""

    away: Annotated[tuple[Away, ...], Field(max_length=100)]


class AwayShown(BaseModel):
    """A person's away periods."""

    id: str
    away: tuple[Away, ...]


class AwayPut(AwayShown):
    """Away periods as they were taken."""

    changed: bool
    warnings: list[Warned] = []


class OfferSent(Sent):
    """A role to be taken over."""

    role: Name
    to: Name
    giver: Name | None = Field(
        None, alias="from", description="Whose role it is; default: that of the key's person."
    )
    note: Comment = ""


class AnswerSent(Sent):
    """Why an offer is declined or taken back."""

    reason: Comment = ""


class HandoverShown(Handover):
    """A handover of a model's role."""

    model: str


class OwnedRole(BaseModel):
    """A role that an owner holds, and through what."""

    model: str
    role: str
    through: str = ""
    """The group, rotation or `manager of` that it comes through; empty: named in person."""


class OwnerListed(BaseModel):
    """An owner with whom something is wrong."""

    person: str
    name: str
    problems: list[OwnerProblem]
    models: int
    roles: list[OwnedRole]
    asked: int
    """How many requests went out to them within `days`."""
    answered: int
    last_answer: Instant | None = None
    open: int
    """How many requests they have not answered."""
    oldest: Instant | None = None


class OwnersAsked(BaseModel):
    """Which owners to list."""

    model_config = ConfigDict(extra="forbid")

    problem: OwnerProblem | None = Field(
        None,
        description="`left`: still named and gone; `unknown`: named and not described; `away`: away"
        " now and nobody stands in; `silent`: asked and never answering; `unreachable`: an"
        " open request did not reach them in Slack. Default: any of them.",
    )
    model: Name | None = None
    asked: int = Field(
        3, ge=1, le=1000, description="`silent`: asked so often within `days`, none answered."
    )
    days: int = Field(
        30, ge=1, le=3650, description="`silent`, too: open for longer, nothing answered meanwhile."
    )
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=2000)
