"""What a version tells others: derived from its facts, so that nobody has to remember to."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lifecycle.facts import (
    AnyFact,
    VersionReopened,
    VersionRetired,
    VersionSuperseded,
)
from lifecycle.recording import version_subject
from lifecycle.state import VersionState, VersionStatus
from lifecycle.trust_facts import RequestWithdrawn, TrustSuspended
from lifecycle.values import Frozen


class Errand(Frozen):
    """Something to tell; the same id is the same errand, however often it is run."""

    id: str
    model: str
    version: str


class BaseVoidedErrand(Errand):
    """Models that are built on this one lose a base that was approved."""

    kind: Literal["base"] = "base"
    why: str


class LaneErrand(Errand):
    """The version asks for its turn in a stage that takes one at a time, or gives it back."""

    kind: Literal["lane"] = "lane"
    stage: str
    what: Literal["join", "leave"]
    ticket: int
    """Which of the version's places it is about; a later one has a higher number."""


AnyErrand = Annotated[BaseVoidedErrand | LaneErrand, Field(discriminator="kind")]


def errands_of(before: VersionState, after: VersionState, fact: AnyFact) -> tuple[AnyErrand, ...]:
    """Give the errands that a fact leads to, in order."""
    return (*_base(before, after, fact), *_lanes(before, after))


def _id(state: VersionState, what: str) -> str:
    return f"{version_subject(state.model, state.version)}:{state.sequence}:{what}"


def is_trusted(state: VersionState) -> bool:
    """Say whether what is built on this version may rely on it."""
    return state.status == VersionStatus.APPROVED and not state.suspended_why


def _base(before: VersionState, after: VersionState, fact: AnyFact) -> Iterator[AnyErrand]:
    """Tell the models built on this one when its approval no longer stands."""
    if is_trusted(before) and not is_trusted(after):
        yield BaseVoidedErrand(
            id=_id(after, "base"), model=after.model, version=after.version, why=_why(after, fact)
        )


def _why(state: VersionState, fact: AnyFact) -> str:
    match fact:
        case VersionReopened() | TrustSuspended():
            return fact.why
        case VersionRetired() | VersionSuperseded() | RequestWithdrawn():
            return state.closed_why
        case _:
            return f"It is {state.status} now."


def _lanes(before: VersionState, after: VersionState) -> Iterator[AnyErrand]:
    """Ask for a turn, and give it back: when the stage is approved or nobody reviews it any more.

    A version that is sent back keeps its place: it would be overtaken for each change that is
    requested, and reviewers would go back and forth between versions.
    """
    if before.stages is after.stages:
        return
    for name, stage in after.stages.items():
        known = before.stages.get(name)
        was = known.ticket if known is not None else 0
        if stage.ticket != was:
            if was:
                yield _lane(after, name, "leave", was)
            if stage.ticket:
                yield _lane(after, name, "join", stage.ticket)
    for name, stage in before.stages.items():
        if stage.ticket and name not in after.stages:
            yield _lane(after, name, "leave", stage.ticket)


def _lane(
    state: VersionState, stage: str, what: Literal["join", "leave"], ticket: int
) -> LaneErrand:
    return LaneErrand(
        id=_id(state, f"{what}:{stage}"),
        model=state.model,
        version=state.version,
        stage=stage,
        what=what,
        ticket=ticket,
    )
