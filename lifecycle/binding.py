"""What a sign-off binds to: its revision, and what changed between two of them."""

from functools import lru_cache

from lifecycle.basis import remembered_by_basis
from lifecycle.canonical import digest_of, short
from lifecycle.conditions import Outcome
from lifecycle.definition import SignoffRule, StageRule
from lifecycle.evidence import counted, identity_of, judged
from lifecycle.memory import remembered
from lifecycle.state import Basis

UNRESOLVED = "unresolved"
_ASKED = Outcome(is_true=True)


def bound_names(
    state: Basis, stage: StageRule, rule: SignoffRule
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the artifacts and the evidence that a sign-off binds to, by name."""
    if rule.binds is None:
        return tuple(state.artifacts), stage.evidence
    artifacts: dict[str, None] = {}
    evidence: dict[str, None] = {}
    for item in rule.binds:
        group, _, name = item.partition(".")
        if group == "evidence":
            evidence.update(dict.fromkeys([name] if name else stage.evidence))
        elif group in {"artifact", "artifacts"}:
            artifacts.update(dict.fromkeys([name] if name else state.artifacts))
    return tuple(artifacts), tuple(evidence)


@remembered_by_basis
def binding(state: Basis, stage: StageRule, rule: SignoffRule) -> dict[str, str]:
    """Give everything that a sign-off binds to, each with a label and what identifies it."""
    artifacts, evidence = bound_names(state, stage, rule)
    bound = {"statement": _digest_of_text(rule.statement)}
    for name in artifacts:
        artifact = state.artifacts.get(name)
        bound[f"artifact {name}"] = (artifact.digest if artifact else None) or UNRESOLVED
    for name in evidence:
        bound[f"evidence {name}"] = identity_of(counted(state, name))
    if rule.when is not None:
        bound |= _inputs(state, rule.when)
    return bound


@lru_cache(maxsize=1024)
def _digest_of_text(text: str) -> str:
    """Name a statement, which thousands of versions share."""
    return digest_of(text)


def _inputs(state: Basis, condition: str) -> dict[str, str]:
    """Give the inputs of a condition that decided whether the role is asked."""
    roster = state.roster
    inputs = {
        "rule": condition,
        "model risk": (roster.risk if roster else None) or "none",
        "model layer": (roster.layer if roster else None) or "none",
    }
    if "evidence" in condition:
        known = {name: identity_of(counted(state, name)) for name in sorted(state.evidence)}
        inputs["evidence that the rule reads"] = digest_of(known)
    return inputs


def revision(state: Basis, role: str, bound: dict[str, str]) -> str:
    """Name what a decision is about: the digest of all that the role binds to."""
    return _revision(state.model, state.version, role, tuple(bound.items()))


@lru_cache(maxsize=32)
def _revision(model: str, version: str, role: str, bound: tuple[tuple[str, str], ...]) -> str:
    """Name the same binding once: every check of an open or approved request asks for it."""
    return digest_of({"model": model, "version": version, "role": role, "binds": dict(bound)})


def is_asked(state: Basis, rule: SignoffRule) -> Outcome:
    """Say whether a role is asked; a condition that fails to evaluate asks."""
    if rule.when is None:
        return _ASKED
    outcome = judged(state, rule.when, None)
    return Outcome(is_true=True, error=outcome.error) if outcome.error else outcome


def asked_rules(state: Basis, stage: StageRule) -> tuple[SignoffRule, ...]:
    """Give the sign-offs that a stage asks for as things are."""
    return _asked_rules(state, stage) if _depends(stage) else stage.signoffs


def deciding_rules(state: Basis, stage: StageRule) -> tuple[SignoffRule, ...]:
    """Give those of the sign-offs that a stage needs; others only advise."""
    return _deciding_rules(state, stage) if _depends(stage) else _deciding(stage)


@remembered
def _depends(stage: StageRule) -> bool:
    """Say whether it depends on anything which sign-offs a stage asks for."""
    return any(rule.when is not None for rule in stage.signoffs)


@remembered
def _deciding(stage: StageRule) -> tuple[SignoffRule, ...]:
    return tuple(rule for rule in stage.signoffs if not rule.advisory)


@remembered_by_basis
def _asked_rules(state: Basis, stage: StageRule) -> tuple[SignoffRule, ...]:
    return tuple(rule for rule in stage.signoffs if is_asked(state, rule).is_true)


@remembered_by_basis
def _deciding_rules(state: Basis, stage: StageRule) -> tuple[SignoffRule, ...]:
    return tuple(rule for rule in asked_rules(state, stage) if not rule.advisory)


@remembered_by_basis
def unresolved(state: Basis, stage: StageRule) -> tuple[str, ...]:
    """Give the artifacts without digest that a stage's sign-offs bind to."""
    names: dict[str, None] = {}
    for rule in asked_rules(state, stage):
        names.update(dict.fromkeys(bound_names(state, stage, rule)[0]))
    if not stage.signoffs:
        names = dict.fromkeys(state.artifacts)
    return tuple(n for n in names if n not in state.artifacts or not state.artifacts[n].digest)


def changes(before: dict[str, str], now: dict[str, str]) -> tuple[str, ...]:
    """Say in sentences what differs between two bindings."""
    sentences = []
    for label in dict.fromkeys([*before, *now]):
        old, new = before.get(label), now.get(label)
        if old != new:
            sentences.append(_change(label, old, new))
    return tuple(sentences)


def _change(label: str, old: str | None, new: str | None) -> str:
    if old is None or old in {"missing", UNRESOLVED}:
        return f"{label} is new."
    if new is None or new in {"missing", UNRESOLVED}:
        return f"{label} is gone."
    if label.startswith("artifact"):
        return f"{label} changed from {short(old)} to {short(new)}."
    if label.startswith("model"):
        return f"{label} changed from {old} to {new}."
    return f"{label} changed."
