"""What each type of event asks for."""

from typing import Any

from api.schemas_events import (
    About,
    AlertAbout,
    AlertRaised,
    AlertResolved,
    ArtifactChanged,
    CloudEvent,
    DeploymentObserved,
    EvidenceAttached,
    ReviewRequested,
    VersionRegistered,
    VersionRetired,
)
from lifecycle.commands import (
    AnyCommand,
    Attach,
    ChangeArtifact,
    ObserveDeployment,
    RaiseAlert,
    Register,
    RequestReview,
    ResolveAlert,
    Retire,
)
from workflows.messages import Envelope


def command_for(event: CloudEvent, data: About, *, id_: str, by: str, model: str) -> AnyCommand:
    """Give the command that an event asks for; raises ValueError with a sentence."""
    known = {"id": id_, "by": by}
    match data:
        case VersionRegistered():
            return Register(
                **known,
                model=model,
                version=data.version,
                artifacts=data.given,
                producers=data.producers,
                commit_authors=data.commit_authors,
            )
        case ReviewRequested():
            return RequestReview(**known, effective_at=data.effective_at)
        case EvidenceAttached():
            return Attach(**known, **_evidence(event, data))
        case ArtifactChanged():
            return ChangeArtifact(**known, artifact=data.artifact, digest=data.digest)
        case DeploymentObserved():
            return ObserveDeployment(**known, digest=data.digest, environment=data.environment)
        case AlertRaised():
            return RaiseAlert(**known, **_alert(event, data))
        case AlertResolved():
            return ResolveAlert(**known, **_alert(event, data))
        case VersionRetired():
            return Retire(**known, reason=data.reason)
        case _:
            raise TypeError(f"{type(data).__name__} asks for nothing")


def _evidence(event: CloudEvent, data: EvidenceAttached) -> dict[str, Any]:
    if event.time is None:
        raise ValueError("evidence needs the attribute `time`: the newest of a name counts")
    fields = data.model_dump(exclude={"model", "version"})
    return {**fields, "time": event.time, "source": event.source, "event_id": event.id}


def _alert(event: CloudEvent, data: AlertAbout) -> dict[str, Any]:
    return {
        "alert": data.kind,
        **data.model_dump(include={"severity", "summary", "uri"}),
        "source": event.source,
        "event_id": event.id,
        "alert_id": data.id,
    }


def envelope_of(command: AnyCommand) -> Envelope:
    """Give the message that carries a command to a workflow."""
    body = command.model_dump(mode="json", exclude={"id", "by", "kind"})
    return Envelope(id=command.id, kind=command.kind, by=command.by, body=body)
