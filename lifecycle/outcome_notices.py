"""What those who made a version, or asked for its review, are told of what became of it."""

from lifecycle.facts import AnyFact, VersionApproved, VersionSuperseded
from lifecycle.involvement import producers_of, requesters_of
from lifecycle.naming import called, joined
from lifecycle.state import Notice, Stage, VersionState
from lifecycle.trust_facts import RequestWithdrawn


def concerned(state: VersionState) -> tuple[str, ...]:
    """Give the people who made a version or asked for its review; a machine reads nothing."""
    people = dict.fromkeys([*producers_of(state), *requesters_of(state)])
    known = state.roster.people if state.roster else {}
    return tuple(one for one in people if one in known and not known[one].machine)


def outcome_notice(after: VersionState, fact: AnyFact) -> Notice | None:
    """Give the notice of an outcome, for those who wait for it and did not bring it about."""
    written = _written(after, fact) if type(fact) in _SAID else None
    if written is None:
        return None
    kind, text, speaker = written
    people = tuple(one for one in concerned(after) if one != speaker)
    return Notice(
        id=str(after.sequence),
        kind=kind,
        stage="",
        round=0,
        people=people,
        text=f"{after.model} {after.version}: {text}",
        at=fact.at,
    )


def _written(after: VersionState, fact: AnyFact) -> tuple[str, str, str] | None:
    """Give kind, sentence and who already knows."""
    match fact:
        case VersionApproved():
            by = (_approved(after, stage) for stage in after.stages.values() if stage.standing)
            return "approved", f"it is approved. {'; '.join(by)}.", ""
        case VersionSuperseded():
            return "superseded", after.closed_why, ""
        case RequestWithdrawn():
            return "withdrawn", after.closed_why, fact.person or ""
        case _:
            return None


def _approved(state: VersionState, stage: Stage) -> str:
    """Say who approved a stage, and that somebody had objected, if so."""
    standing = stage.standing
    votes = [vote for one in standing.approvals for vote in one.votes] if standing else []
    people = tuple(dict.fromkeys(vote.person for vote in votes))
    said = f"{stage.name} by {called(state, people)}" if people else f"{stage.name} by the rules"
    objected = tuple(dict.fromkeys(d.person for d in standing.dissents)) if standing else ()
    names = joined(tuple(called(state, (one,)) for one in objected))
    return f"{said} ({names} had asked for changes)" if objected else said


_SAID = {VersionApproved, VersionSuperseded, RequestWithdrawn}
