"""Turning what is on record of a version into a script that any lifecycle can be tried with."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from api.simulation.script import Input, Reply, Script
from lifecycle.commands import (
    AnyCommand,
    ArtifactGiven,
    Attach,
    ChangeArtifact,
    ObserveDeployment,
    Prepare,
    RaiseAlert,
    Register,
    RequestReview,
    ResolveAlert,
    Retire,
    Supersede,
)
from lifecycle.fact_values import Alert
from lifecycle.facts import (
    AlertRaised,
    AlertResolved,
    AnyFact,
    ArtifactChanged,
    DeploymentObserved,
    EvidenceAttached,
    ReviewRequested,
    RosterRead,
    VersionRegistered,
    VersionRetired,
    VersionSuperseded,
)
from lifecycle.roster import Roster
from lifecycle.signoff_facts import Dissented, SignoffOpened
from lifecycle.stage_facts import ChangesRequested, EscalationAsked, OwnersAsked, SignedOff

FOLLOWED = timedelta(days=30)
"""How long a version is followed past its record, since other rules may take longer."""


def _register(fact: VersionRegistered) -> AnyCommand:
    return Register(
        by=fact.by,
        model=fact.model,
        version=fact.version,
        artifacts=tuple(
            ArtifactGiven(name=a.name, uri=a.uri, digest=a.digest) for a in fact.artifacts
        ),
        producers=fact.producers,
        commit_authors=fact.commit_authors,
    )


def _attach(fact: EvidenceAttached) -> AnyCommand:
    one = fact.evidence
    return Attach(
        by=one.by,
        name=one.name,
        subject=one.subject,
        verdict=one.verdict,
        digest=one.digest,
        uri=one.uri,
        value=one.value,
        time=one.time,
        source=one.source,
        event_id=one.id,
    )


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert.kind,
        "severity": alert.severity,
        "summary": alert.summary,
        "uri": alert.uri,
        "source": alert.source or "record",
        "event_id": alert.id,
    }


_COMMANDS: dict[type[Any], Callable[[Any], AnyCommand]] = {
    VersionRegistered: _register,
    EvidenceAttached: _attach,
    ReviewRequested: lambda fact: RequestReview(
        by=fact.by, person=fact.person, effective_at=fact.effective_at
    ),
    ArtifactChanged: lambda fact: ChangeArtifact(
        by=fact.by, artifact=fact.artifact, digest=fact.digest
    ),
    DeploymentObserved: lambda fact: ObserveDeployment(
        by=fact.by, digest=fact.digest, environment=fact.environment
    ),
    AlertRaised: lambda fact: RaiseAlert(**_alert(fact.alert)),
    AlertResolved: lambda fact: ResolveAlert(**_alert(fact.alert)),
    VersionRetired: lambda fact: Retire(by=fact.by, reason=fact.reason),
    VersionSuperseded: lambda fact: Supersede(by_version=fact.by_version),
    RosterRead: lambda fact: Prepare(roster=fact.roster),
}
"""What came from outside. What the rules concluded is left out: they conclude anew."""


def script_of(model: str, version: str, facts: Iterable[AnyFact]) -> Script | None:
    """Give the script of a version on record; None when it was never registered with people."""
    inputs: list[Input] = []
    replies: list[Reply] = []
    asked_at: dict[tuple[str, str], datetime] = {}
    roster: Roster | None = None
    for fact in facts:
        make = _COMMANDS.get(type(fact))
        if isinstance(fact, RosterRead) and roster is None:
            roster = fact.roster
        elif make is not None:
            inputs.append(Input(fact.at, make(fact)))
        _note_asking(asked_at, fact)
        reply = _reply(fact, asked_at)
        if reply is not None:
            replies.append(reply)
    if not inputs or roster is None:
        return None
    until = max([inputs[-1].at, *(reply.at for reply in replies)]) + FOLLOWED
    return Script(model, version, inputs[0].at, until, roster, tuple(inputs), tuple(replies))


def _note_asking(asked_at: dict[tuple[str, str], datetime], fact: AnyFact) -> None:
    match fact:
        case OwnersAsked():
            asked_at.update({(fact.stage, one.role): fact.at for one in fact.signoffs})
        case SignoffOpened():
            asked_at[fact.stage, fact.role] = fact.at
        case EscalationAsked():
            asked_at.update({(fact.stage, role): fact.at for role in fact.roles})
        case _:
            pass


def _reply(fact: AnyFact, asked_at: dict[tuple[str, str], datetime]) -> Reply | None:
    if not isinstance(fact, SignedOff | ChangesRequested | Dissented):
        return None
    since = asked_at.get((fact.stage, fact.role), fact.at)
    return Reply(
        stage=fact.stage,
        role=fact.role,
        person=fact.person,
        after=max(fact.at - since, timedelta(0)),
        approves=isinstance(fact, SignedOff),
        comment=fact.comment,
        at=fact.at,
    )
