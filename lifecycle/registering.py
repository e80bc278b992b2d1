"""Making a version known: its bytes, its producers, the authors of its code."""

from lifecycle.commands import Refused, Register
from lifecycle.fact_values import Artifact
from lifecycle.facts import VersionRegistered
from lifecycle.state import VersionState
from lifecycle.story import Story


def register(story: Story, command: Register) -> None:
    """Take a registration; a second one may name what the first left out. Raises Refused."""
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
                commit_authors=command.commit_authors,
            )
        )
        return
    _check_same(state, command, artifacts)
    names_producers = bool(command.producers and not state.producers)
    if names_producers or (command.commit_authors and not state.commit_authors):
        story.add(
            VersionRegistered(
                **story.stamp,
                model=state.model,
                version=state.version,
                artifacts=tuple(state.artifacts.values()),
                producers=command.producers or state.producers,
                by=command.by,
                commit_authors=command.commit_authors,
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
    if (
        state.commit_authors
        and command.commit_authors
        and sorted(command.commit_authors) != sorted(state.commit_authors)
    ):
        raise Refused(
            "already-registered",
            f"{state.model} {state.version} is registered with other commit authors: "
            f"{', '.join(state.commit_authors)}.",
        )
