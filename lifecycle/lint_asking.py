"""What is wrong or doubtful about who is asked at a stage, and about what answers mean."""

from collections.abc import Iterator

from lifecycle.definition import Lifecycle, SignoffRule, StageRule
from lifecycle.finding import Finding, Path, error, listed, warning


def asking_findings(lifecycle: Lifecycle) -> Iterator[Finding]:
    """Check who is asked, in which order, by whom in turn and with what effect."""
    for index, stage in enumerate(lifecycle.stages):
        path: Path = ("stages", index)
        for place, rule in enumerate(stage.signoffs):
            here: Path = (*path, "signoffs", place)
            yield from _roles(lifecycle, rule, here)
            yield from _order(stage, rule, here)
            yield from _advice(rule, here)
            yield from _assignment(rule, here)
        if stage.signoffs and all(rule.advisory for rule in stage.signoffs):
            yield error(
                (*path, "signoffs"),
                f"Every sign-off of {stage.name} only advises, so nobody decides; take `advisory` "
                "away from one, or ask nobody.",
            )
        yield from _circle(stage, path)


def _roles(lifecycle: Lifecycle, rule: SignoffRule, path: Path) -> Iterator[Finding]:
    for place, role in enumerate(rule.any_of):
        here = (*path, "any_of", place)
        if role not in lifecycle.roles:
            yield error(
                here,
                f"There is no role {role}; declare it under `roles` or choose from "
                f"{listed(lifecycle.roles)}.",
            )
        if role in rule.any_of[:place]:
            yield error(here, f"{role} stands in `any_of` twice; take one away.")
    if len(rule.any_of) == 1:
        yield warning((*path, "any_of"), f"`any_of` has one role; write `role: {rule.any_of[0]}`.")
    if rule.any_of and rule.role in lifecycle.roles and rule.role not in rule.any_of:
        yield error(
            (*path, "role"),
            f"{rule.role} is a role of its own that may not sign here; give the request of "
            f"{listed(rule.any_of)} another name.",
        )
    if rule.fallback is None:
        return
    if rule.fallback not in lifecycle.roles:
        yield error(
            (*path, "fallback"),
            f"There is no role {rule.fallback}; choose from {listed(lifecycle.roles)}.",
        )
    elif rule.fallback in rule.roles:
        yield error(
            (*path, "fallback"),
            f"{rule.fallback} is asked already and can't stand in for itself; name another role.",
        )


def _order(stage: StageRule, rule: SignoffRule, path: Path) -> Iterator[Finding]:
    others = tuple(one.role for one in stage.signoffs if one.role != rule.role)
    advising = {one.role for one in stage.signoffs if one.advisory}
    for place, role in enumerate(rule.after):
        here = (*path, "after", place)
        if role not in others:
            yield error(
                here,
                f"{stage.name} does not ask {role}, so {rule.role} can't come after it; choose "
                f"from {listed(others)}.",
            )
        elif role in advising:
            yield error(here, f"{role} only advises and may never answer; don't wait for it.")


def _circle(stage: StageRule, path: Path) -> Iterator[Finding]:
    """Find sign-offs that wait for each other, by asking again and again who can be asked."""
    left = {rule.role: set(rule.after) for rule in stage.signoffs}
    while ready := [role for role, before in left.items() if not before & left.keys()]:
        for role in ready:
            del left[role]
    if left:
        yield error(
            (*path, "signoffs"),
            f"{listed(tuple(left))} wait for each other and are never asked; take one `after` "
            "away.",
        )


def _advice(rule: SignoffRule, path: Path) -> Iterator[Finding]:
    if rule.advisory and rule.changes_quorum > 1:
        yield warning(
            (*path, "changes_quorum"),
            f"{rule.role} only advises and never sends back; take `changes_quorum` away.",
        )


def _assignment(rule: SignoffRule, path: Path) -> Iterator[Finding]:
    if rule.assign is None:
        return
    if rule.quorum == "all":
        yield warning(
            (*path, "assign"),
            f"Everybody must sign as {rule.role}, so everybody is asked; take `assign` away.",
        )
    elif isinstance(rule.quorum, int) and rule.assign.count < rule.quorum:
        yield warning(
            (*path, "assign"),
            f"{rule.quorum} must sign as {rule.role}, so {rule.quorum} are asked, not "
            f"{rule.assign.count}; raise the number.",
        )
