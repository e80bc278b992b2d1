"""When evidence is met: about these bytes, from an allowed source, passed, young enough."""

from datetime import datetime
from typing import Any, NamedTuple

from lifecycle.basis import remembered_by_basis
from lifecycle.calendars import after
from lifecycle.canonical import canonical, digest_of, short
from lifecycle.commands import Refused
from lifecycle.conditions import Outcome, evaluate, written_in
from lifecycle.definition import EvidenceRule, StageRule
from lifecycle.fact_values import Evidence
from lifecycle.finding_entries import MOST_FINDINGS, entries
from lifecycle.memory import remembered
from lifecycle.roster import Roster
from lifecycle.state import Basis, VersionState
from lifecycle.values import LARGEST_VALUE

MOST_NAMES = 64
MOST_SUBJECTS = 4
"""How many subjects' results are kept for one name; older ones stay in the ledger."""
LARGEST_EVIDENCE = 96 * 1024
"""Bytes of JSON that all results about the current bytes may have together."""
LARGEST_OTHERS = 48 * 1024
"""Bytes of JSON that are kept of results about other bytes; the oldest go first."""


_NO_RULE = EvidenceRule()


class EvidenceStanding(NamedTuple):
    """Whether a piece of evidence is met, and the sentence that says why."""

    name: str
    is_met: bool
    why: str
    evidence: Evidence | None = None
    expires_at: datetime | None = None


def counted(state: Basis, name: str) -> Evidence | None:
    """Give the newest result of a name that is about the current bytes."""
    return _counted(state).get(name)


@remembered_by_basis
def _counted(state: Basis) -> dict[str, Evidence]:
    """Give what counts of every name, where anything does."""
    digests = state.digests
    found = ((name, newest_about(digests, kept)) for name, kept in state.evidence.items())
    return {name: evidence for name, evidence in found if evidence is not None}


def newest_about(digests: tuple[str, ...], kept: tuple[Evidence, ...]) -> Evidence | None:
    """Give the newest of the results of a name that is about some bytes."""
    for evidence in kept:
        if evidence.subject in digests:
            return evidence
    return None


def identity_of(evidence: Evidence | None) -> str:
    """Give what a signature binds of a result: the same result again is the same."""
    return "missing" if evidence is None else _identity(evidence)


@remembered
def _identity(evidence: Evidence) -> str:
    return digest_of(
        {
            "subject": evidence.subject,
            "verdict": evidence.verdict,
            "digest": evidence.digest,
            "value": evidence.value,
            "source": evidence.source,
        }
    )


def standing_of(state: Basis, name: str, now: datetime) -> EvidenceStanding:
    """Judge one named piece of evidence at one instant."""
    found = while_young(state, name)
    if not found.is_met or found.expires_at is None or found.expires_at > now:
        return found
    why = f"{name} is older than {_rule(state, name).max_age}; run it again."
    return found._replace(is_met=False, why=why)


@remembered_by_basis
def while_young(state: Basis, name: str) -> EvidenceStanding:
    """Judge a piece of evidence as long as it is not too old."""
    rule = _rule(state, name)
    evidence = counted(state, name)
    if evidence is None:
        return EvidenceStanding(name=name, is_met=False, why=_why_missing(state, name, rule))
    expires_at = after(evidence.time, rule.max_age, state.working) if rule.max_age else None
    why = objection(state, name, evidence)
    return EvidenceStanding(
        name=name, is_met=not why, why=why or "passed", evidence=evidence, expires_at=expires_at
    )


def rule_of(state: Basis, name: str) -> EvidenceRule | None:
    """Give what the lifecycle says of evidence of a name; None when it doesn't name it."""
    return state.lifecycle.evidence.get(name) if state.lifecycle else None


def _rule(state: Basis, name: str) -> EvidenceRule:
    rules = state.lifecycle.evidence if state.lifecycle else {}
    return rules.get(name, _NO_RULE)


def _why_missing(state: Basis, name: str, rule: EvidenceRule) -> str:
    source = f" from {' or '.join(rule.sources)}" if rule.sources else ""
    others = state.evidence.get(name, ())
    if others:
        about = short(others[0].subject)
        return f"{name}{source} is about other bytes ({about}); run it for the current ones."
    return f"{name}{source} has not arrived."


@remembered_by_basis
def objection(state: Basis, name: str, evidence: Evidence) -> str:
    """Say what is wrong with a result whatever its age; empty when nothing is."""
    rule = _rule(state, name)
    if rule.sources and evidence.source not in rule.sources:
        return f"{name} came from {evidence.source}; only {' or '.join(rule.sources)} counts."
    if evidence.verdict != "pass":
        return f"{name} failed; see its report."
    if rule.findings and (problem := _unread(state, evidence)):
        return f"{name} {problem}."
    if rule.require is None:
        return ""
    outcome = judged(state, rule.require, evidence)
    if outcome.error:
        return f"{name} could not be judged by `{rule.require}`: {outcome.error}."
    return "" if outcome.is_true else f"{name} does not meet `{rule.require}`."


def _unread(state: Basis, evidence: Evidence) -> str:
    """Say why what a result reports as findings is not all taken in."""
    reported = entries(evidence.value)
    if isinstance(reported, str):
        return reported
    known = {one.entry for one in state.findings.values() if one.evidence == evidence.name}
    if all(entry.id in known for entry in reported):
        return ""
    is_full = sum(one.closed_at is None for one in state.findings.values()) >= MOST_FINDINGS
    return f"reports more than the {MOST_FINDINGS} findings that may be open" if is_full else ""


def variables(state: Basis, condition: str) -> dict[str, Any]:
    """Give what a condition sees of a version, as far as it names it."""
    return {name: _SEEN[name](state) for name in written_in(condition) if name in _SEEN}


def _model_seen(state: Basis) -> dict[str, Any]:
    roster = state.roster or Roster(model=state.model)
    return {"name": state.model, "risk": roster.risk, "layer": roster.layer}


def _version_seen(state: Basis) -> dict[str, Any]:
    return {"name": state.version, "status": str(state.status)}


def _evidence_seen(state: Basis) -> dict[str, Any]:
    return {
        e.name: {"verdict": e.verdict, "value": e.value, "source": e.source, "uri": e.uri}
        for e in _counted(state).values()
    }


_SEEN = {"model": _model_seen, "version": _version_seen, "evidence": _evidence_seen}


@remembered_by_basis
def judged(state: Basis, condition: str, about: Evidence | None) -> Outcome:
    """Evaluate a condition over a version, and the `value` of one of its results."""
    known = variables(state, condition)
    return evaluate(condition, known | {"value": about.value} if about else known)


def expiry_of(state: Basis, stage: StageRule) -> datetime | None:
    """Give the first instant at which a stage's evidence becomes too old."""
    instants = []
    for name in stage.evidence:
        rule, evidence = _rule(state, name), counted(state, name)
        if rule.max_age is not None and evidence is not None:
            instants.append(after(evidence.time, rule.max_age, state.working))
    return min(instants, default=None)


def check_bounds(state: VersionState, result: Evidence) -> None:
    """Refuse evidence past what one version may carry."""
    size = len(canonical(result.value))
    if size > LARGEST_VALUE:
        raise Refused(
            "evidence-too-large",
            f"The value of {result.name} has {size} bytes; {LARGEST_VALUE} are allowed. "
            "Put the report behind `uri` and send only what conditions read.",
        )
    if result.name not in state.evidence and len(state.evidence) >= MOST_NAMES:
        raise Refused(
            "too-much-evidence",
            f"This version has {MOST_NAMES} named pieces of evidence already; "
            "attach under one of those names.",
        )
    results = with_result(state, result)
    if result.subject in state.digests and _weight(results, state.digests) > LARGEST_EVIDENCE:
        raise Refused(
            "too-much-evidence",
            f"The evidence of this version would pass {LARGEST_EVIDENCE} bytes; "
            "put reports behind `uri`.",
        )


@remembered
def with_result(state: VersionState, new: Evidence) -> dict[str, tuple[Evidence, ...]]:
    """Give a version's evidence with one more result; what no rule names is kept in brief."""
    is_named = state.lifecycle is None or new.name in state.lifecycle.evidence
    kept = new if is_named else new.model_copy(update={"value": {}, "uri": None})
    merged_ = merged(state.evidence.get(new.name, ()), kept)
    results = {**state.evidence, new.name: trimmed(merged_, state.digests)}
    return _without_oldest(results, state.digests)


def _weight(results: dict[str, tuple[Evidence, ...]], digests: tuple[str, ...]) -> int:
    return sum(_size(e) for kept in results.values() for e in kept if e.subject in digests)


@remembered
def _size(evidence: Evidence) -> int:
    return len(evidence.model_dump_json())


def _without_oldest(
    results: dict[str, tuple[Evidence, ...]], digests: tuple[str, ...]
) -> dict[str, tuple[Evidence, ...]]:
    """Let go of the oldest results about other bytes past what a version may carry."""
    others = [e for kept in results.values() for e in kept if e.subject not in digests]
    left, gone = LARGEST_OTHERS, []
    for evidence in sorted(others, key=_order, reverse=True):
        left -= _size(evidence)
        if left < 0:
            gone.append(evidence)
    if not gone:
        return results
    return {name: tuple(e for e in kept if e not in gone) for name, kept in results.items()}


def merged(kept: tuple[Evidence, ...], new: Evidence) -> tuple[Evidence, ...]:
    """Add a result: the newest by (time, source, id) of each subject stays, newest first."""
    same = [e for e in kept if e.subject == new.subject]
    newest = max([*same, new], key=_order)
    others = [e for e in kept if e.subject != new.subject]
    ordered = sorted([newest, *others], key=_order, reverse=True)
    return tuple(ordered)


def trimmed(kept: tuple[Evidence, ...], digests: tuple[str, ...]) -> tuple[Evidence, ...]:
    """Keep results about the current bytes, and the newest few about others."""
    current = [e for e in kept if e.subject in digests]
    others = [e for e in kept if e.subject not in digests][:MOST_SUBJECTS]
    return tuple(sorted([*current, *others], key=_order, reverse=True))


def _order(evidence: Evidence) -> tuple[datetime, str, str]:
    return (evidence.time, evidence.source, evidence.id)
