"""What a command would lead to, in sentences, before anybody gives it."""

from collections.abc import Iterator
from datetime import datetime

from lifecycle.commands import AnyCommand, Migrate
from lifecycle.decide import decide
from lifecycle.definition import Lifecycle
from lifecycle.evolve import evolve
from lifecycle.fact_values import Vote
from lifecycle.facts import AnyFact, VersionApproved, VersionReopened
from lifecycle.finding import Finding
from lifecycle.lint import lint
from lifecycle.notices import called
from lifecycle.stage_facts import OwnersAsked, SignoffRevised, StageReopened, StageUnowned
from lifecycle.state import Stage, VersionState
from lifecycle.trust_facts import LifecycleMigrated
from lifecycle.values import Frozen


class Foreseen(Frozen):
    """What would happen at once."""

    facts: tuple[str, ...] = ()
    """The kinds of the facts, in order."""
    sentences: tuple[str, ...] = ()
    """For people: what is asked again and why, and which approvals stay."""


def foresee(state: VersionState, command: AnyCommand, now: datetime) -> Foreseen:
    """Say what a command would lead to as things are; raises Refused as the command would."""
    if isinstance(command, Migrate):
        command = command.model_copy(update={"problems": problems_of(command.definition)})
    facts = decide(state, command, now)
    sentences: list[str] = []
    after = state
    for fact in facts:
        before, after = after, evolve(after, fact)
        sentences += _said(before, after, fact)
    sentences += _staying(state, after)
    return Foreseen(
        facts=tuple(fact.kind for fact in facts), sentences=tuple(dict.fromkeys(sentences))
    )


def difference(state: VersionState, definition: Lifecycle, now: datetime) -> tuple[str, ...]:
    """Say what moving a version to a definition would ask again, and what would stay.

    Raises Refused when it can't be moved there.
    """
    command = Migrate(definition=definition, scopes=("admin",))
    return foresee(state, command, now).sentences


def problems_of(definition: Lifecycle) -> tuple[str, ...]:
    """Give what keeps a definition from being followed, in sentences."""
    return tuple(_problem(one) for one in lint(definition) if one.severity == "error")


def _problem(finding: Finding) -> str:
    return f"{'.'.join(map(str, finding.path))}: {finding.message}"


def _said(before: VersionState, after: VersionState, fact: AnyFact) -> Iterator[str]:
    match fact:
        case LifecycleMigrated():
            yield from _stages(before, after)
        case StageReopened():
            yield f"{fact.stage} begins round {fact.round}: {fact.why}"
        case OwnersAsked():
            for one in fact.signoffs:
                asked = tuple(p for p in one.asked if p not in {v.person for v in one.kept})
                yield from _kept(after, fact.stage, one.role, one.kept)
                if len(one.kept) < one.needed:
                    people = called(after, asked) or "Nobody"
                    yield f"{people} would be asked to sign {fact.stage} as {one.role}."
        case SignoffRevised():
            changed = " ".join(fact.changed)
            yield f"{fact.role} of {fact.stage} is asked about something else now: {changed}"
        case StageUnowned():
            yield f"{fact.stage} would stand still: {fact.why}"
        case VersionReopened():
            yield f"The version would be in review again: {fact.why}"
        case VersionApproved():
            yield "The version would be approved."
        case _:
            return


def _stages(before: VersionState, after: VersionState) -> Iterator[str]:
    for name in after.stages:
        if name not in before.stages:
            yield f"{name} is new."
    for name, stage in before.stages.items():
        if name not in after.stages:
            counted = "; its approval counts no longer" if stage.standing is not None else ""
            yield f"{name} is gone{counted}."


def _kept(state: VersionState, stage: str, role: str, votes: tuple[Vote, ...]) -> Iterator[str]:
    if votes:
        people = called(state, tuple(vote.person for vote in votes))
        what = "approvals" if len(votes) > 1 else "approval"
        yield f"The {what} of {people} as {role} of {stage} would stay."


def _staying(before: VersionState, after: VersionState) -> Iterator[str]:
    """Say which approvals are untouched: those of stages that stand, and of rounds that go on."""
    for name, stage in after.stages.items():
        known = before.stages.get(name)
        if known is None or known.round != stage.round:
            continue
        if stage.standing is not None:
            yield _standing(after, stage)
        else:
            for role, signoff in stage.signoffs.items():
                yield from _kept(after, name, role, signoff.votes)


def _standing(state: VersionState, stage: Stage) -> str:
    approvals = stage.standing.approvals if stage.standing else ()
    people = tuple(dict.fromkeys(vote.person for one in approvals for vote in one.votes))
    return f"{stage.name} stays approved by {called(state, people) or 'rules alone'}."
