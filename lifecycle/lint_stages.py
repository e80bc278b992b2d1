"""What is wrong or doubtful about the stages of a lifecycle."""

from collections.abc import Iterator

from lifecycle.conditions import evaluate, mentioned, problem_of
from lifecycle.definition import Lifecycle, SignoffRule, StageRule
from lifecycle.durations import Share
from lifecycle.finding import Finding, Path, error, listed, warning
from lifecycle.side_stages import RESERVED

_FORMS = "evidence, evidence.NAME, artifacts or artifact.NAME"


def stage_findings(lifecycle: Lifecycle) -> Iterator[Finding]:
    """Check every stage, and that their needs form no circle."""
    known = tuple(stage.name for stage in lifecycle.stages)
    for index, stage in enumerate(lifecycle.stages):
        path: Path = ("stages", index)
        if stage.name in known[:index]:
            yield error(
                (*path, "name"), f"Two stages are called {stage.name}; give one another name."
            )
        if stage.name.startswith(RESERVED):
            yield error(
                (*path, "name"),
                f"Names that begin with {RESERVED[0]} or {RESERVED[1]} are taken for reviews of "
                "overrides and findings; give the stage another name.",
            )
        yield from _needs(stage, known, path)
        yield from _independence(lifecycle, stage, known, path)
        yield from _rules_alone(stage, path)
        yield from _people(lifecycle, stage, path)
        yield from _evidence(lifecycle, stage, path)
        yield from _send_back(lifecycle, stage, known, path)
        for place, signoff in enumerate(stage.signoffs):
            yield from _signoff(lifecycle, stage, signoff, (*path, "signoffs", place))
    yield from _circles(lifecycle)


def _needs(stage: StageRule, known: tuple[str, ...], path: Path) -> Iterator[Finding]:
    for place, name in enumerate(stage.needs or ()):
        if name not in known:
            yield error(
                (*path, "needs", place),
                f"There is no stage {name}, so {stage.name} never starts; choose from "
                f"{listed(known)}.",
            )


def never_starting(lifecycle: Lifecycle) -> frozenset[str]:
    """Give the stages that need each other in a circle, or one that there isn't."""
    rules = {stage.name: stage for stage in lifecycle.stages}
    return frozenset(
        name
        for name, stage in rules.items()
        if _circle(rules, name) or any(need not in rules for need in stage.needs or ())
    )


def _circles(lifecycle: Lifecycle) -> Iterator[Finding]:
    """Name each circle once, at the first of its stages."""
    rules = {stage.name: stage for stage in lifecycle.stages}
    seen: set[frozenset[str]] = set()
    for index, stage in enumerate(lifecycle.stages):
        circle = _circle(rules, stage.name)
        if circle and frozenset(circle) not in seen:
            seen.add(frozenset(circle))
            way = " → ".join((*circle, circle[0]))
            yield error(
                ("stages", index, "needs"),
                f"These stages need each other and never start: {way}; take one need away.",
            )


def _circle(rules: dict[str, StageRule], start: str) -> tuple[str, ...]:
    """Give the shortest way from a stage over its needs back to itself, or nothing."""
    ways: list[tuple[str, ...]] = [(start,)]
    visited: set[str] = set()
    for way in ways:
        for name in rules[way[-1]].needs or ():
            if name == start:
                return way
            if name in rules and name not in visited:
                visited.add(name)
                ways.append((*way, name))
    return ()


def _independence(
    lifecycle: Lifecycle, stage: StageRule, known: tuple[str, ...], path: Path
) -> Iterator[Finding]:
    """Check that whoever may not sign here has signed before, so that it is known who that is."""
    earlier = tuple(name for name in lifecycle.needs_of(stage.name) if name != stage.name)
    for place, name in enumerate(stage.independent_of):
        here = (*path, "independent_of", place)
        if name not in known:
            yield error(here, f"There is no stage {name}; choose from {listed(earlier)}.")
        elif name not in earlier:
            yield error(
                here,
                f"{stage.name} does not need {name}, whose signers may be others by then; choose "
                f"from {listed(earlier)}, or add {name} to its needs.",
            )
        elif not lifecycle.stage(name).signoffs:
            yield warning(here, f"Nobody signs at {name}, so this keeps nobody out; take it away.")


def _rules_alone(stage: StageRule, path: Path) -> Iterator[Finding]:
    """Find stages that can be approved with nobody asked and nothing looked at."""
    if stage.evidence or any(rule.when is None and not rule.advisory for rule in stage.signoffs):
        return
    if not stage.signoffs:
        yield warning(
            path,
            f"{stage.name} asks nobody and looks at no evidence, so it approves itself; add "
            "`evidence` or `signoffs`.",
        )
    elif all(rule.when is not None for rule in stage.signoffs):
        yield warning(
            (*path, "signoffs"),
            f"Every sign-off of {stage.name} has a `when`: where none is true the stage approves "
            "itself; add `evidence`, or a sign-off that is always asked.",
        )


def _people(lifecycle: Lifecycle, stage: StageRule, path: Path) -> Iterator[Finding]:
    if stage.accountable is None:
        yield error(
            (*path, "accountable"),
            f"{stage.name} asks nobody; say which role answers for it under `accountable`.",
        )
    elif stage.accountable not in lifecycle.roles:
        yield error(
            (*path, "accountable"),
            f"There is no role {stage.accountable}; declare it under `roles` or choose from "
            f"{listed(lifecycle.roles)}.",
        )
    if stage.escalate is not None and stage.escalate not in lifecycle.escalations:
        yield error(
            (*path, "escalate"),
            f"There is no escalation {stage.escalate}; choose from "
            f"{listed(tuple(lifecycle.escalations))}.",
        )
    if not stage.signoffs:
        return
    if stage.due is None:
        yield warning(
            path, f"{stage.name} has no `due`, so nobody is late there; say how long owners have."
        )
        steps = lifecycle.escalations.get(stage.escalate or "", ())
        if any(isinstance(step.after, Share) for step in steps):
            yield error(
                (*path, "escalate"),
                f"{stage.escalate} has steps at a share of `due`, and {stage.name} has none; "
                "add `due`, or give the steps a time of their own.",
            )


def _evidence(lifecycle: Lifecycle, stage: StageRule, path: Path) -> Iterator[Finding]:
    for place, name in enumerate(stage.evidence):
        here = (*path, "evidence", place)
        if name not in lifecycle.evidence:
            yield error(
                here,
                f"There is no evidence {name}; declare it under `evidence` or choose from "
                f"{listed(tuple(lifecycle.evidence))}.",
            )
        if name in stage.evidence[:place]:
            yield error(here, f"{stage.name} names {name} twice; take one away.")


def _send_back(
    lifecycle: Lifecycle, stage: StageRule, known: tuple[str, ...], path: Path
) -> Iterator[Finding]:
    allowed = lifecycle.needs_of(stage.name)
    for place, name in enumerate(stage.send_back_to):
        here = (*path, "send_back_to", place)
        if name not in known:
            yield error(here, f"There is no stage {name}; choose from {listed(allowed)}.")
        elif name not in allowed:
            yield error(
                here,
                f"{stage.name} does not need {name}, so it can't go back there; choose from "
                f"{listed(allowed)}.",
            )


def _signoff(
    lifecycle: Lifecycle, stage: StageRule, rule: SignoffRule, path: Path
) -> Iterator[Finding]:
    if not rule.any_of and rule.role not in lifecycle.roles:
        yield error(
            (*path, "role"),
            f"There is no role {rule.role}; declare it under `roles` or choose from "
            f"{listed(lifecycle.roles)}.",
        )
    if rule.role in [one.role for one in stage.signoffs[: int(path[-1])]]:
        yield error(
            (*path, "role"),
            f"{stage.name} asks {rule.role} twice; use `quorum` for more people of one role.",
        )
    if rule.when is not None and (problem := problem_of(rule.when)):
        yield error((*path, "when"), f"The condition does not parse, correct it: {problem}")
    elif rule.when is not None and not mentioned(rule.when):
        is_true = evaluate(rule.when, {}).is_true
        yield warning(
            (*path, "when"),
            f"The condition asks about nothing, so {rule.role} is "
            f"{'always' if is_true else 'never'} asked; compare something of `model`, `version` "
            "or `evidence`, or take it away.",
        )
    if rule.assign is not None and rule.changes_quorum > rule.assign.count:
        yield warning(
            (*path, "changes_quorum"),
            f"{rule.assign.count} are asked as {rule.role} and {rule.changes_quorum} must request "
            "changes, so owners who weren't asked would have to; lower `changes_quorum` or assign "
            "more.",
        )
    yield from _binds(lifecycle, stage, rule, path)


def _binds(
    lifecycle: Lifecycle, stage: StageRule, rule: SignoffRule, path: Path
) -> Iterator[Finding]:
    if rule.binds is not None and not rule.binds:
        yield error(
            (*path, "binds"),
            f"What {rule.role} signs binds to nothing and would stand for any bytes; name what "
            f"it is about: {_FORMS}.",
        )
    upstream = set(lifecycle.needs_of(stage.name))
    collected = {name for s in lifecycle.stages if s.name in upstream for name in s.evidence}
    for place, item in enumerate(rule.binds or ()):
        here = (*path, "binds", place)
        group, dot, name = item.partition(".")
        if group not in {"evidence", "artifact", "artifacts"} or bool(dot) != bool(name):
            yield error(here, f"{item} is nothing to bind to; write {_FORMS}.")
        elif group == "artifact" and not name:
            yield error(here, f"Say which artifact, as artifact.model, or write {_FORMS}.")
        elif group == "evidence" and name and name not in lifecycle.evidence:
            yield error(here, f"There is no evidence {name}; declare it under `evidence`.")
        elif group == "evidence" and name and name not in collected:
            yield error(
                here,
                f"Neither {stage.name} nor a stage it needs collects {name}; add it to their "
                "`evidence`.",
            )
