"""CloudEvents and what their `data` says, by type."""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
)

from api.schemas import Sent
from api.schemas_versions import RegistrationSent
from lifecycle.canonical import canonical
from lifecycle.values import (
    LARGEST_VALUE,
    Comment,
    Digest,
    Instant,
    JsonObject,
    Label,
    Name,
    SentInstant,
    Uri,
    VersionName,
)

Attribute = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"),
]


class CloudEvent(BaseModel):
    """An event as CloudEvents 1.0 describes it; extension attributes are let through."""

    model_config = ConfigDict(extra="allow", frozen=True)

    specversion: Literal["1.0"]
    id: Attribute
    source: Attribute
    type: Attribute
    time: AwareDatetime | None = None
    subject: Attribute | None = None
    datacontenttype: Annotated[
        str, StringConstraints(pattern=r"^application/([a-z0-9.+-]+\+)?json( *;.*)?$")
    ] = "application/json"
    data: dict[str, Any]

    def content(self) -> dict[str, Any]:
        """Give what makes two deliveries the same; tracing extensions differ between them."""
        return self.model_dump(
            mode="json", include={"id", "source", "type", "time", "subject", "data"}
        )


def _small(value: dict[str, Any]) -> dict[str, Any]:
    if len(canonical(value)) > LARGEST_VALUE:
        raise ValueError(f"more than {LARGEST_VALUE // 1024} KiB; send its digest and `uri`")
    return value


class About(Sent):
    """The base of `data`: the version that an event is about."""

    model: Label
    """The model, by its name here or the one that the source knows it by."""
    version: VersionName


class VersionRegistered(RegistrationSent, About):
    """`undersigned.version.registered`."""


class ReviewRequested(About):
    """`undersigned.review.requested`."""

    effective_at: SentInstant | None = None
    """No gate opens sooner, whatever is approved."""


class EvidenceAttached(About):
    """`undersigned.evidence.attached`."""

    name: Name
    verdict: Literal["pass", "fail"]
    subject: Digest
    digest: Digest
    uri: Uri | None = None
    value: Annotated[JsonObject, AfterValidator(_small)] = {}


class ArtifactChanged(About):
    """`undersigned.artifact.changed`."""

    artifact: Name | None = None
    digest: Digest


class DeploymentObserved(About):
    """`undersigned.deployment.observed`; without version, every version of these bytes."""

    version: VersionName | None = None  # type: ignore[assignment]  # the one type that may leave it out
    digest: Digest
    environment: Label


class AlertAbout(About):
    """The base of `data` of alerts."""

    kind: Label
    id: Label | None = None
    """The alert's own id, the same when it is resolved; without it the event's."""
    severity: Label | None = None
    summary: Comment = ""
    uri: Uri | None = None


class AlertRaised(AlertAbout):
    """`undersigned.alert.raised`."""


class AlertResolved(AlertAbout):
    """`undersigned.alert.resolved`."""


class VersionRetired(About):
    """`undersigned.version.retired`."""

    reason: Comment = ""


REGISTERED = "undersigned.version.registered"
REQUESTED = "undersigned.review.requested"
TYPES: dict[str, type[About]] = {
    REGISTERED: VersionRegistered,
    REQUESTED: ReviewRequested,
    "undersigned.evidence.attached": EvidenceAttached,
    "undersigned.artifact.changed": ArtifactChanged,
    "undersigned.deployment.observed": DeploymentObserved,
    "undersigned.alert.raised": AlertRaised,
    "undersigned.alert.resolved": AlertResolved,
    "undersigned.version.retired": VersionRetired,
}


class EventTaken(BaseModel):
    """What became of one event of a request."""

    id: str
    """Its id here, for `GET /v1/events/{id}`."""
    status: Literal["accepted", "duplicate", "unclaimed", "late", "refused", "conflict"]
    why: str = ""


class EventsTaken(BaseModel):
    """What became of each event, in the order of the request."""

    items: list[EventTaken]


class EventShown(BaseModel):
    """What became of an event."""

    id: str
    source: str
    event: str = Field(description="The event's own id.")
    type: str
    model: str | None
    version: str | None
    received_at: Instant
    status: str
    why: str
    sequence: int
