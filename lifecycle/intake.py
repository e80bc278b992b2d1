"""What pipelines report: evidence and other bytes."""

from datetime import timedelta

from lifecycle.attaching import sender
from lifecycle.commands import Attach, ChangeArtifact, Refused
from lifecycle.evidence import check_bounds
from lifecycle.fact_values import Evidence, Via
from lifecycle.facts import ArtifactChanged, EvidenceAttached
from lifecycle.story import Story

CLOCK_SKEW = timedelta(minutes=10)
"""How far ahead of ours a sender's clock may be."""


def attach(story: Story, command: Attach) -> None:
    """Take evidence in; raises Refused past what a version may carry or a person may attach."""
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
        by=sender(story.state, command),
    )
    check_bounds(story.state, evidence)
    story.add(EvidenceAttached(**story.stamp, evidence=evidence, via=_via(command)))


def _via(command: Attach) -> Via:
    """Say through what a person spoke; of a pipeline its key says enough."""
    return command.via if command.via.slack_user else Via()


def change_artifact(story: Story, command: ChangeArtifact) -> None:
    """Take other bytes in; raises Refused for an artifact that there is not."""
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
