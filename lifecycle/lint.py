"""Whether a lifecycle can finish, and whether it says what its author hardly means."""

from collections.abc import Callable, Iterable, Iterator

from lifecycle.canonical import canonical
from lifecycle.conditions import evaluate, mentioned, problem_of
from lifecycle.definition import Lifecycle
from lifecycle.finding import Finding, Path, error, listed, warning
from lifecycle.lint_asking import asking_findings
from lifecycle.lint_escalations import escalation_findings
from lifecycle.lint_model import lint_model
from lifecycle.lint_requests import request_findings
from lifecycle.lint_sides import side_findings
from lifecycle.lint_stages import never_starting, stage_findings
from lifecycle.lint_times import time_findings
from lifecycle.lint_trust import trust_findings

__all__ = ["Finding", "lint", "lint_model"]

LARGEST_DEFINITION = 64 * 1024
"""Bytes of canonical content that a running version carries with it."""
RESERVED_TARGETS = ("owners", "manager", "accountable")
Check = Callable[[Lifecycle], Iterable[Finding]]


def lint(
    lifecycle: Lifecycle, *, knows_zone: Callable[[str], bool] | None = None
) -> tuple[Finding, ...]:
    """Check a definition; errors keep it from being applied.

    Time zones are data of the operating system, so whoever calls may pass `knows_zone`; without it
    only the form of a zone's name is checked.
    """
    found = [finding for check in _CHECKS for finding in check(lifecycle)]
    found += time_findings(lifecycle, knows_zone)
    return tuple(dict.fromkeys(found))


def _roles(lifecycle: Lifecycle) -> Iterator[Finding]:
    for index, role in enumerate(lifecycle.roles):
        path: Path = ("roles", index)
        if role in lifecycle.roles[:index]:
            yield error(path, f"The role {role} is declared twice; take one away.")
        if role in RESERVED_TARGETS:
            yield error(
                path, f"{role} has a meaning of its own in escalations; give the role another name."
            )
        elif role not in used_roles(lifecycle):
            yield warning(path, f"Nobody is asked as {role}; use the role or take it away.")


def used_roles(lifecycle: Lifecycle) -> dict[str, None]:
    """Give every role that something names, in order."""
    named: list[str | None] = []
    for stage in lifecycle.stages:
        named.append(stage.accountable)
        for signoff in stage.signoffs:
            named += [*signoff.roles, signoff.fallback]
    if lifecycle.findings is not None:
        named.append(lifecycle.findings.accepted_by)
    if lifecycle.override is not None:
        named += [*lifecycle.override.roles, lifecycle.override.review.role]
    for steps in lifecycle.escalations.values():
        named += [target for step in steps for target in (step.tell, step.ask)]
    for rule in lifecycle.reopen:
        named += rule.roles or ()
    return dict.fromkeys(name for name in named if name is not None)


def _separation(lifecycle: Lifecycle) -> Iterator[Finding]:
    for who in ("producer", "requester"):
        if who not in lifecycle.separation.never:
            yield warning(
                ("separation", "never"),
                f"A {who} may sign for their own version; add {who} unless that is meant.",
            )


def _evidence(lifecycle: Lifecycle) -> Iterator[Finding]:
    named = {name for stage in lifecycle.stages for name in stage.evidence}
    for name, rule in lifecycle.evidence.items():
        if rule.require is not None and (problem := problem_of(rule.require)):
            yield error(
                ("evidence", name, "require"),
                f"The condition does not parse, correct it: {problem}",
            )
        elif rule.require is not None and _is_never(rule.require):
            yield error(
                ("evidence", name, "require"),
                f"The condition asks about nothing and is never true, so {name} is never met; "
                "compare something of `value`.",
            )
        if name not in named:
            yield warning(
                ("evidence", name), f"No stage names {name}; name it at a stage or take it away."
            )


def _is_never(condition: str) -> bool:
    """Say whether a condition is not true whatever happens."""
    return not mentioned(condition) and not evaluate(condition, {}).is_true


def _gates(lifecycle: Lifecycle) -> Iterator[Finding]:
    known = tuple(stage.name for stage in lifecycle.stages)
    if not lifecycle.gates:
        yield warning(
            ("gates",), "There is no gate, so no deployment can be allowed; add one under `gates`."
        )
        return
    stuck = never_starting(lifecycle)
    for gate, stages in lifecycle.gates.items():
        if not stages:
            yield error(("gates", gate), f"{gate} names no stage and never opens; name one.")
        for index, stage in enumerate(stages):
            if stage not in known:
                yield error(
                    ("gates", gate, index),
                    f"There is no stage {stage}, so {gate} never opens; choose from "
                    f"{listed(known)}.",
                )
            elif blocked := [name for name in lifecycle.needs_of(stage) if name in stuck]:
                yield error(
                    ("gates", gate, index),
                    f"{gate} never opens: {stage} needs {blocked[0]}, which never starts; correct "
                    f"the needs of {blocked[0]}.",
                )
    yield from _stages_without_gate(lifecycle, known)


def _stages_without_gate(lifecycle: Lifecycle, known: tuple[str, ...]) -> Iterator[Finding]:
    asked = {name for stages in lifecycle.gates.values() for name in stages}
    needed = {name for stage in asked if stage in known for name in lifecycle.needs_of(stage)}
    for index, stage in enumerate(known):
        if stage not in needed:
            yield warning(
                ("stages", index, "name"),
                f"No gate needs {stage}; add it to one, or to the needs of a stage that has one.",
            )


def _reopen(lifecycle: Lifecycle) -> Iterator[Finding]:
    stages = {stage.name: stage for stage in lifecycle.stages}
    for index, rule in enumerate(lifecycle.reopen):
        path: Path = ("reopen", index)
        if rule.when is not None and (problem := problem_of(rule.when)):
            yield error((*path, "when"), f"The condition does not parse, correct it: {problem}")
        if rule.stage not in stages:
            yield error(
                (*path, "stage"),
                f"There is no stage {rule.stage} to reopen; choose from {listed(tuple(stages))}.",
            )
            continue
        asked = tuple(signoff.role for signoff in stages[rule.stage].signoffs)
        if not asked:
            yield warning(
                (*path, "stage"),
                f"{rule.stage} asks nobody, so it is approved again at once; reopen a stage "
                "with sign-offs.",
            )
        for place, role in enumerate(rule.roles or ()):
            if role not in asked:
                yield error(
                    (*path, "roles", place),
                    f"{rule.stage} does not ask {role}; choose from {listed(asked)}.",
                )


def _renewal(lifecycle: Lifecycle) -> Iterator[Finding]:
    known = tuple(stage.name for stage in lifecycle.stages)
    for index, name in enumerate(lifecycle.trust.renew or () if lifecycle.trust else ()):
        if name not in known:
            yield error(
                ("trust", "renew", index),
                f"There is no stage {name} to renew; choose from {listed(known)}.",
            )


def _size(lifecycle: Lifecycle) -> Iterator[Finding]:
    size = len(canonical(lifecycle.content()))
    if size > LARGEST_DEFINITION:
        yield error(
            (),
            f"The definition has {size} bytes and {LARGEST_DEFINITION} are allowed; "
            "shorten it or split it into several lifecycles.",
        )


_CHECKS: tuple[Check, ...] = (
    _roles, _separation, _evidence, escalation_findings, stage_findings, _gates, _reopen, _renewal,
    _size, trust_findings, asking_findings, side_findings, request_findings,
)  # fmt: skip
