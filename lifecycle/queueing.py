"""Words about versions that queue before a stage that takes one at a time."""

from lifecycle.state import Stage, VersionState
from lifecycle.values import Instant
from lifecycle.view import Waiting


def is_queued(stage: Stage) -> bool:
    """Say whether a version has a place before a stage, and not the turn."""
    return bool(stage.ticket) and not stage.has_turn


def queue_sentence(version: str, behind: tuple[str, ...]) -> str:
    """Say who is in a stage, and who comes then."""
    if not behind:
        return "It asks for its turn; one version at a time is in this stage."
    first, *others = behind
    if not others:
        return f"Version {first} is in this stage; {version} is next."
    return f"Version {first} is in this stage; {', then '.join([*others, version])}."


def queue_waiting(state: VersionState, stage: Stage, since: Instant) -> tuple[Waiting, ...]:
    """Say for which version this one waits."""
    ahead = stage.behind[0] if stage.behind else stage.name
    why = queue_sentence(state.version, stage.behind)
    return (Waiting(kind="version", who=ahead, name=ahead, stage=stage.name, since=since, why=why),)
