"""Names in sentences: of people, and of a version's stage."""

from lifecycle.state import VersionState


def title_of(state: VersionState, stage: str) -> str:
    """Name a version's stage at the head of a notice."""
    return f"{state.model} {state.version}, stage {stage}"


def called(state: VersionState, people: tuple[str, ...]) -> str:
    """Join people's names for a sentence."""
    return joined(tuple(state.roster.called(p) if state.roster else p for p in people))


def joined(names: tuple[str, ...]) -> str:
    """Join names for a sentence."""
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


def verb(people: tuple[str, ...]) -> str:
    """Give the verb that goes with people's names."""
    return "are" if len(people) > 1 else "is"
