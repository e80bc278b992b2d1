"""What is sent to and answered by the registry's routes. Requests refuse unknown fields."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from lifecycle.roster import GroupFile, ModelFile, PersonFile, RotationFile
from lifecycle.values import Instant

Item = TypeVar("Item")


class Sent(BaseModel):
    """The base of request bodies."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Listed(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next: str | None = None
    """The cursor of the next page; none: this is the last."""
    as_of: Instant


class Warned(BaseModel):
    """Something in a file that works and is probably not meant."""

    path: str = ""
    line: int | None = None
    column: int | None = None
    message: str


class LifecyclePut(BaseModel):
    """A definition as it was taken."""

    name: str
    digest: str
    warnings: list[Warned] = []


class LifecycleListed(BaseModel):
    """A current definition."""

    name: str
    digest: str
    applied_at: Instant
    applied_by: str


class LifecycleShown(BaseModel):
    """A definition with its content."""

    name: str
    digest: str
    definition: dict[str, Any]


class PersonShown(PersonFile):
    """A person."""

    id: str


class PersonPut(PersonShown):
    """A person as they were taken."""

    changed: bool
    """False: they were described so before."""
    warnings: list[Warned] = []


class GroupShown(GroupFile):
    """A group, and who made whom a member."""

    id: str
    given_by: dict[str, str] = {}


class GroupPut(GroupShown):
    """A group as it was taken."""

    changed: bool
    """False: it was described so before."""
    warnings: list[Warned] = []


class RotationShown(RotationFile):
    """A rotation, and who put whom in."""

    id: str
    given_by: dict[str, str] = {}


class RotationPut(RotationShown):
    """A rotation as it was taken."""

    changed: bool
    """False: it was described so before."""
    warnings: list[Warned] = []


class ModelShown(ModelFile):
    """A model, its owners, and who made them so; a pipeline's key sees no owners."""

    given_by: dict[str, dict[str, str]] = {}


class ModelPut(ModelShown):
    """A model as it was taken."""

    changed: bool
    """False: it was described so before."""
    warnings: list[Warned] = []


class FactShown(BaseModel):
    """One entry of an audit trail."""

    seq: int
    at: Instant
    kind: str
    hash: str
    """SHA-256 of the canonical JSON of `{subject, seq, prev, fact}`."""
    prev: str
    """The hash of the entry before."""
    subject: str
    fact: dict[str, Any]
    recorded_at: Instant
    withheld: list[str] = Field(default=[], description="Parts of the fact left out for this key.")


class Health(BaseModel):
    """That the process answers."""

    status: str = "ok"


class Readiness(BaseModel):
    """Whether the process can do its work, and what it misses."""

    status: str
    components: dict[str, str]
    """`ok`, or what is wrong, by component."""
    degraded: dict[str, str] = {}
    """What goes on with less: a Slack workspace whose token is lost, and since when."""
