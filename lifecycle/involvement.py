"""Who did what about a version: made it, asked for its review, wrote its code, or signed."""

from collections.abc import Iterable
from typing import NamedTuple

from lifecycle.basis import remembered_by_basis
from lifecycle.bearing import is_apart, remembered_at
from lifecycle.fact_values import Vote
from lifecycle.roster import Roster
from lifecycle.side_stages import FINDING, OVERRIDE
from lifecycle.state import Basis, Stage, VersionState


def roster_of(state: Basis) -> Roster:
    """Give the people known, or nobody."""
    return state.roster or Roster(model=state.model)


def _known(state: Basis, names: tuple[str, ...]) -> tuple[str, ...]:
    """Give the ids of people, by whatever identity they are named; all of one person are one."""
    found = (roster_of(state).person(name) for name in names)
    return tuple(dict.fromkeys(member.id for member in found if member))


def _unknown(state: Basis, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if roster_of(state).person(name) is None)


def producers_of(state: Basis) -> tuple[str, ...]:
    """Give the ids of the known producers."""
    return _known(state, state.producers)


def requesters_of(state: Basis) -> tuple[str, ...]:
    """Give the ids of the people who asked for review, by whatever identity they did."""
    return _known(state, state.requesters)


def commit_authors_of(state: Basis) -> tuple[str, ...]:
    """Give the ids of the people who wrote the code, by whatever identity they did."""
    return _known(state, state.commit_authors)


def unknown_producers(state: Basis) -> tuple[str, ...]:
    """Give the producers' names that belong to no person and no declared machine."""
    return _unknown(state, state.producers)


@remembered_by_basis
def producers_problem(state: Basis) -> str | None:
    """Say what about producers and commit authors keeps owners from being asked, if anything."""
    lifecycle = state.lifecycle
    if lifecycle is None:
        return None
    if lifecycle.producers == "required" and not state.producers:
        return "No producer is named; register the version with its producers."
    unknown = unknown_producers(state) if lifecycle.producers == "required" else ()
    if unknown:
        return f"Producer {', '.join(unknown)} {_LINK}"
    return _authors_problem(state) if "commit_author" in lifecycle.separation.never else None


_LINK = (
    "is not known; link it: add it to the identities of a person, "
    "or of an entry with `machine: true`, in the people file."
)


def _authors_problem(state: Basis) -> str | None:
    """Say why it can't be judged who wrote the code, where the lifecycle excludes them."""
    is_required = state.lifecycle is not None and state.lifecycle.producers == "required"
    if is_required and not state.commit_authors:
        return "No commit author is named; register the version with its `commit_authors`."
    unknown = _unknown(state, state.commit_authors)
    return f"Commit author {', '.join(unknown)} {_LINK}" if unknown else None


class Involved(NamedTuple):
    """The ids of those who made a version, asked for its review, or signed before."""

    producers: tuple[str, ...] = ()
    requesters: tuple[str, ...] = ()
    commit_authors: tuple[str, ...] = ()
    signers: dict[str, str] = {}
    """For each signer of a stage that this one is independent of, that stage."""
    later_signers: dict[str, str] = {}
    """For each signer of what stands of a stage that is independent of this one, that stage."""
    beside: dict[str, str] = {}
    """For each person whose own deed a side stage is about, why they don't sign it."""


def involved(state: Basis, stage: str) -> Involved:
    """Find once, for all people of a stage, who has done what about the version."""
    return _with_signers(state, stage) if is_apart(state, stage) else _beside(state, stage)


@remembered_at(lambda stage: stage)
def _with_signers(state: Basis, stage: str) -> Involved:
    if not isinstance(state, VersionState):
        raise TypeError("who may sign here depends on who signed elsewhere")
    signers, later = _signers(state, stage), _later_signers(state, stage)
    return _beside(state, stage)._replace(signers=signers, later_signers=later)


@remembered_by_basis
def _beside(state: Basis, stage: str) -> Involved:
    """Find who is involved beside those who signed other stages."""
    return Involved(
        producers=producers_of(state),
        requesters=requesters_of(state),
        commit_authors=commit_authors_of(state),
        beside=_whose_deed(state, stage),
    )


def _whose_deed(state: Basis, stage: str) -> dict[str, str]:
    """Give whose deed a side stage is about: who overrode, or who asked for a risk's acceptance."""
    override = state.overrides.get(stage.removeprefix(OVERRIDE))
    if stage.startswith(OVERRIDE) and override is not None:
        why = "You overrode this gate; somebody else reviews it."
        return dict.fromkeys(_known(state, (override.person,)), why)
    finding = state.findings.get(stage.removeprefix(FINDING))
    if stage.startswith(FINDING) and finding is not None:
        why = "You asked for this acceptance; whoever asks does not sign."
        return dict.fromkeys(_known(state, (finding.acceptance_by,)), why)
    return {}


def _signers(state: VersionState, stage: str) -> dict[str, str]:
    """Give who signed the stages that a stage is independent of, and whom they stood in for.

    Both what stands and the open round count, and of the open round every vote on what is asked
    now, whether or not it counts there: who signed knows the matter.
    """
    rules = state.lifecycle.stages if state.lifecycle else ()
    rule = next((one for one in rules if one.name == stage), None)
    signers: dict[str, str] = {}
    for name in rule.independent_of if rule else ():
        if name != stage and name in state.stages:
            signers |= dict.fromkeys(_signers_of(state.stages[name]), name)
    return signers


def _later_signers(state: VersionState, stage: str) -> dict[str, str]:
    """Give who signed what stands of the stages that are independent of a stage.

    A stage may be reopened while what was built on it stands: it stays independent only when those
    who signed there don't sign here now. Votes of their open rounds are judged there.
    """
    signers: dict[str, str] = {}
    for rule in state.lifecycle.stages if state.lifecycle else ():
        later = state.stages.get(rule.name)
        if stage in rule.independent_of and rule.name != stage and later is not None:
            signers |= dict.fromkeys(_people_of(_standing_votes(later)), rule.name)
    return signers


def _standing_votes(stage: Stage) -> tuple[Vote, ...]:
    approvals = stage.standing.approvals if stage.standing else ()
    return tuple(vote for approval in approvals for vote in approval.votes)


def _people_of(votes: Iterable[Vote]) -> tuple[str, ...]:
    """Give who voted and in whose place, each once."""
    return tuple(dict.fromkeys(p for v in votes for p in (v.person, v.on_behalf_of) if p))


def _signers_of(stage: Stage) -> tuple[str, ...]:
    asked = (v for s in stage.signoffs.values() for v in s.votes if v.revision == s.revision)
    return _people_of((*_standing_votes(stage), *asked))
