"""What a command leads to: facts, or a refusal. Everything is decided here, by the rules alone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, assert_never

from lifecycle.calendars import WorkingTime, needs_resolving
from lifecycle.commands import (
    AnyCommand,
    Attach,
    ChangeArtifact,
    Decide,
    ObserveDeployment,
    Prepare,
    RaiseAlert,
    Refused,
    Register,
    RequestReview,
    ResolveAlert,
    Retire,
    Supersede,
    Tick,
)
from lifecycle.deadlines import act_on_time
from lifecycle.deciding import decide_signoff
from lifecycle.evidence import check_bounds
from lifecycle.evolve import was_seen
from lifecycle.fact_values import Artifact, Evidence
from lifecycle.facts import (
    AnyFact,
    ArtifactChanged,
    CalendarResolved,
    DeploymentObserved,
    EvidenceAttached,
    LifecyclePinned,
    NothingChanged,
    ReviewRequested,
    RosterRead,
    VersionRegistered,
    VersionRetired,
    VersionSuperseded,
)
from lifecycle.reopening import raise_alert, resolve_alert
from lifecycle.settle import settle
from lifecycle.standing import renew_lapsed
from lifecycle.state import VersionState
from lifecycle.story import Story

CLOCK_SKEW = timedelta(minutes=10)
"""How far ahead of ours a sender's clock may be."""


def decide(state: VersionState, command: AnyCommand, now: datetime) -> tuple[AnyFact, ...]:
    """Give the facts that a command leads to, in order.

    A command whose id was taken before leads to none. Raises Refused, with a sentence for whoever
    asked, when the rules don't allow it; then nothing has happened.
    """
    if was_seen(state, command.id):
        return ()
    story = Story(state, now, command.id)
    _check_may_act(state, command)
    _handle(story, command)
    settle(story)
    if not story.facts and command.id:
        story.add(NothingChanged(**story.stamp, command=command.kind, by=command.by))
    return tuple(story.facts)


def _check_may_act(state: VersionState, command: AnyCommand) -> None:
    if isinstance(command, (Register, Prepare, Tick, Decide)):
        return
    if state.registered_at is None:
        raise Refused(
            "unknown-version",
            f"{state.model} {state.version} is not registered; register it first.",
        )
    if state.is_closed:
        raise Refused("closed", state.closed_why or "This version's story has ended.")


def _handle(story: Story, command: AnyCommand) -> None:
    match command:
        case Decide():
            decide_signoff(story, command)
        case Tick():
            settle(story)
            act_on_time(story)
        case Register():
            _register(story, command)
        case Prepare():
            _prepare(story, command)
        case Attach():
            _attach(story, command)
        case ChangeArtifact():
            _change_artifact(story, command)
        case RaiseAlert():
            raise_alert(story, command)
        case ResolveAlert():
            resolve_alert(story, command)
        case RequestReview() | ObserveDeployment() | Retire() | Supersede():
            _SIMPLE[type(command)](story, command)
        case _:
            assert_never(command)


def _register(story: Story, command: Register) -> None:
    state = story.state
    artifacts = tuple(Artifact.model_validate(a.model_dump()) for a in command.artifacts)
    if len({a.name for a in artifacts}) != len(artifacts):
        raise Refused("invalid-artifacts", "Two artifacts have one name; name each once.")
    if state.registered_at is None:
        story.add(
            VersionRegistered(
                **story.stamp,
                model=command.model,
                version=command.version,
                artifacts=artifacts,
                producers=command.producers,
                by=command.by,
            )
        )
        return
    _check_same(state, command, artifacts)
    if command.producers and not state.producers:
        story.add(
            VersionRegistered(
                **story.stamp,
                model=state.model,
                version=state.version,
                artifacts=tuple(state.artifacts.values()),
                producers=command.producers,
                by=command.by,
            )
        )


def _check_same(state: VersionState, command: Register, artifacts: tuple[Artifact, ...]) -> None:
    known = {a.name: a.uri for a in state.artifacts.values()}
    if known != {a.name: a.uri for a in artifacts} or any(
        a.digest and a.digest != state.artifacts[a.name].digest for a in artifacts
    ):
        raise Refused(
            "already-registered",
            f"{state.model} {state.version} is registered with other artifacts; "
            "report changed bytes as undersigned.artifact.changed.",
        )
    if (
        state.producers
        and command.producers
        and sorted(command.producers) != sorted(state.producers)
    ):
        raise Refused(
            "already-registered",
            f"{state.model} {state.version} is registered with other producers: "
            f"{', '.join(state.producers)}.",
        )


def _prepare(story: Story, command: Prepare) -> None:
    state = story.state
    if command.definition is not None and state.lifecycle is None:
        definition = command.definition
        story.add(LifecyclePinned(**story.stamp, digest=definition.digest, definition=definition))
    if command.working is not None and _is_news(state, command.working, story.now):
        story.add(CalendarResolved(**story.stamp, working=command.working))
    roster = command.roster
    if roster is None or (state.roster is not None and roster.number < state.roster.number):
        return
    if state.roster is None or roster.model_copy(update={"number": 0}) != state.roster.model_copy(
        update={"number": 0}
    ):
        story.add(RosterRead(**story.stamp, roster=roster))


def _is_news(state: VersionState, working: WorkingTime, now: datetime) -> bool:
    known = state.working
    return known is None or known.calendar != working.calendar or needs_resolving(known, now)


def _request(story: Story, command: RequestReview) -> None:
    story.add(ReviewRequested(**story.stamp, by=command.by, person=command.person))
    renew_lapsed(story)


def _attach(story: Story, command: Attach) -> None:
    if command.time > story.now + CLOCK_SKEW:
        raise Refused(
            "time-ahead",
            f"The time of {command.name} lies in the future; check the sender's clock.",
        )
    evidence = Evidence(
        name=command.name,
        subject=command.subject,
        verdict=command.verdict,
        digest=command.digest,
        uri=command.uri,
        value=command.value,
        time=command.time,
        source=command.source,
        id=command.event_id,
        by=command.by,
    )
    check_bounds(story.state, evidence)
    story.add(EvidenceAttached(**story.stamp, evidence=evidence))


def _change_artifact(story: Story, command: ChangeArtifact) -> None:
    artifacts = story.state.artifacts
    name = command.artifact
    if name is None:
        if len(artifacts) != 1:
            raise Refused("unknown-artifact", f"Name the artifact: {' or '.join(artifacts)}.")
        name = next(iter(artifacts))
    if name not in artifacts:
        raise Refused(
            "unknown-artifact", f"There is no artifact {name}; there is {', '.join(artifacts)}."
        )
    before = artifacts[name].digest
    if before != command.digest:
        story.add(
            ArtifactChanged(
                **story.stamp, artifact=name, digest=command.digest, before=before, by=command.by
            )
        )


def _observe(story: Story, command: ObserveDeployment) -> None:
    story.add(
        DeploymentObserved(
            **story.stamp, digest=command.digest, environment=command.environment, by=command.by
        )
    )


def _retire(story: Story, command: Retire) -> None:
    story.add(VersionRetired(**story.stamp, reason=command.reason, by=command.by))


def _supersede(story: Story, command: Supersede) -> None:
    state = story.state
    is_open = state.status == "in_review"
    is_deployed = any(digest in state.digests for digest in state.deployments.values())
    if is_open and not is_deployed and state.lifecycle is not None and state.lifecycle.supersede:
        story.add(VersionSuperseded(**story.stamp, by_version=command.by_version))


_SIMPLE: dict[type[Any], Callable[[Story, Any], None]] = {
    RequestReview: _request,
    ObserveDeployment: _observe,
    Retire: _retire,
    Supersede: _supersede,
}
