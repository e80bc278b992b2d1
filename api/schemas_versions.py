"""What is sent to and answered by the routes of versions and sign-offs."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.schemas import Sent
from lifecycle.commands import ArtifactGiven, ConditionGiven
from lifecycle.state import SignoffStatus, VersionStatus
from lifecycle.values import (
    Comment,
    Digest,
    Instant,
    Label,
    Name,
    Sentence,
    SentInstant,
    Uri,
    VersionName,
    later,
)
from lifecycle.view import GateAnswer, VersionView


class ArtifactSent(Sent):
    """An artifact to register; without digest it is `unresolved`."""

    name: Name = "model"
    uri: Uri
    digest: Digest | None = None


class OneArtifactSent(Sent):
    """The only artifact of a version."""

    uri: Uri
    digest: Digest | None = None


class RegistrationSent(Sent):
    """The bytes of a version and who made them."""

    version: VersionName
    artifacts: Annotated[tuple[ArtifactSent, ...], Field(max_length=8)] | None = None
    artifact: OneArtifactSent | None = None
    producers: Annotated[tuple[Label, ...], Field(max_length=50)] = ()
    commit_authors: Annotated[tuple[Label, ...], Field(max_length=200)] = later(())
    """Who wrote the code that made it, by any identity, as `git:ana-r`."""

    @model_validator(mode="after")
    def _one_way(self) -> "RegistrationSent":
        if (self.artifact is None) == (not self.artifacts):
            raise ValueError("give `artifact` or at least one of `artifacts`")
        names = [one.name for one in self.artifacts or ()]
        if len(set(names)) != len(names):
            raise ValueError("two artifacts have one name; name each once")
        return self

    @property
    def given(self) -> tuple[ArtifactGiven, ...]:
        """The artifacts as the rules take them."""
        sent = [self.artifact] if self.artifact else list(self.artifacts or ())
        return tuple(ArtifactGiven.model_validate(one.model_dump()) for one in sent)


class NewVersion(RegistrationSent):
    """A version to register."""


class ReviewRequest(Sent):
    """Asks for review; the requester is who called."""

    effective_at: SentInstant | None = later(None)
    """No gate opens sooner, whatever is approved."""


class ConditionSent(Sent):
    """What must be done by a date, or the approval lapses."""

    text: Sentence
    due: SentInstant


class DecisionSent(Sent):
    """An owner's answer to a sign-off."""

    decision: Literal["approve", "request_changes"]
    revision: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    """The revision that was looked at; on another one the decision is refused."""
    comment: Comment = ""
    send_back_to: Name | None = None
    """Where `request_changes` sends it, where there is a choice."""
    reasons: Annotated[tuple[Name, ...], Field(max_length=20)] = later(())
    """Names of the reasons that the lifecycle lists."""
    conditions: Annotated[tuple[ConditionSent, ...], Field(max_length=10)] = later(())
    """What an approval is conditional on."""

    @property
    def conditions_given(self) -> tuple[ConditionGiven, ...]:
        """The conditions as the rules take them."""
        return tuple(ConditionGiven.model_validate(one.model_dump()) for one in self.conditions)


class VersionTold(BaseModel):
    """A version after what was asked for."""

    sequence: int
    """How many facts it is the fold of; `at_least=<model>/<version>:<sequence>` waits for it."""
    recorded: bool
    """False only while the database is away; nothing is lost then."""
    changed: bool
    """False: the same was taken before."""
    view: VersionView


class VersionListed(BaseModel):
    """A version in a list."""

    model: str
    version: str
    status: VersionStatus
    sequence: int
    lifecycle: str
    risk: str | None
    layer: str | None
    digests: list[str]
    registered_at: Instant
    summary: str
    next_deadline: Instant | None


class GateShown(GateAnswer):
    """Whether these bytes may pass this door."""

    certain: bool
    """False: nobody could tell, and that is a no; ask again."""


class SignoffFilter(BaseModel):
    """Which sign-offs, in which order."""

    model_config = ConfigDict(extra="forbid")

    status: SignoffStatus = SignoffStatus.PENDING
    owner: Name | None = Field(None, description="Those where this person can still decide.")
    role: Name | None = None
    model: Name | None = None
    stage: Name | None = None
    manager: Name | None = Field(None, description="Those that this person's reports can decide.")
    risk: Literal["low", "medium", "high", "critical"] | None = None
    overdue: bool | None = None
    due_before: Instant | None = None
    sort: Literal["due", "-age"] = "due"
