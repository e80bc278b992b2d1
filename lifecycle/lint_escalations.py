"""What is wrong or doubtful about the escalations of a lifecycle."""

from collections.abc import Iterator
from datetime import timedelta

from lifecycle.clocks import action_of
from lifecycle.definition import EscalationStep, Lifecycle, StageRule
from lifecycle.durations import Duration, Share
from lifecycle.finding import Finding, Path, error, listed, warning

_DAY = timedelta(days=1)
_ENDS = ("hold", "return", "expire")
"""Actions after which the round is over, and no step of it is left."""


def escalation_findings(lifecycle: Lifecycle) -> Iterator[Finding]:
    """Check every chain, and what uses it."""
    for name, steps in lifecycle.escalations.items():
        path: Path = ("escalations", name)
        if not steps:
            yield error(path, f"{name} has no steps; add one or take the chain away.")
        elif all(step.remind for step in steps):
            yield warning(
                path,
                f"{name} reaches nobody but the owners, so that their silence may last for ever; "
                "tell or ask somebody else as well.",
            )
        if name not in _used(lifecycle):
            yield warning(
                path, f"Nothing escalates by {name}; name it under `escalate` or take it away."
            )
        for index, step in enumerate(steps):
            yield from _target(lifecycle, step, (*path, index))
            yield from _nobody_new(lifecycle, name, step, (*path, index, "ask"))
            yield from _return(lifecycle, name, step, (*path, index))
        yield from _never(lifecycle, name, steps)
    yield from _side_stages(lifecycle)


def _target(lifecycle: Lifecycle, step: EscalationStep, path: Path) -> Iterator[Finding]:
    """Check that roles exist; people, groups and rotations are known where models are checked."""
    allowed = ("manager", "accountable", *lifecycle.roles)
    for action, target in (("tell", step.tell), ("ask", step.ask)):
        if target is None or target.startswith("#") or ":" in target or target in allowed:
            continue
        yield error(
            (*path, action),
            f"{target} is nobody to {action}; name manager, accountable or a role: "
            f"{listed(lifecycle.roles)}.",
        )


def _users(lifecycle: Lifecycle, chain: str) -> tuple[StageRule, ...]:
    return tuple(stage for stage in lifecycle.stages if stage.escalate == chain)


def _used(lifecycle: Lifecycle) -> set[str | None]:
    """Give the chains that a stage, a finding or an override goes by."""
    sides = [lifecycle.findings, lifecycle.override.review if lifecycle.override else None]
    used = {stage.escalate for stage in lifecycle.stages}
    return used | {side.escalate for side in sides if side is not None}


def _nobody_new(
    lifecycle: Lifecycle, chain: str, step: EscalationStep, path: Path
) -> Iterator[Finding]:
    """Find a step that asks the very people who are silent."""
    for stage in _users(lifecycle, chain):
        asked = stage.accountable if step.ask == "accountable" else step.ask
        if asked and stage.signoffs and all(one.roles == (asked,) for one in stage.signoffs):
            yield warning(
                path,
                f"At {stage.name} {asked} is asked already, so this step asks nobody new; name "
                "somebody else, or give the stage another escalation.",
            )


def _return(
    lifecycle: Lifecycle, chain: str, step: EscalationStep, path: Path
) -> Iterator[Finding]:
    if step.return_to is None:
        return
    here, known = (*path, "return_to"), tuple(stage.name for stage in lifecycle.stages)
    if step.return_to not in known:
        yield error(
            here, f"There is no stage {step.return_to} to return to; choose from {listed(known)}."
        )
        return
    for stage in _users(lifecycle, chain):
        allowed = lifecycle.needs_of(stage.name)
        if step.return_to not in allowed:
            yield error(
                here,
                f"{stage.name} does not need {step.return_to}, so it can't go back there; choose "
                f"from {listed(allowed)}, or give {stage.name} another escalation.",
            )


def _never(
    lifecycle: Lifecycle, chain: str, steps: tuple[EscalationStep, ...]
) -> Iterator[Finding]:
    """Find steps that come after one which ends the round, wherever the chain is used."""
    dues = tuple(dict.fromkeys(stage.due for stage in _users(lifecycle, chain))) or (None,)
    for index, step in enumerate(steps):
        for place, end in enumerate(steps):
            action = action_of(end)[0]
            if index == place or action not in _ENDS:
                continue
            if all(_is_later(step, end, due, is_below=index > place) for due in dues):
                yield warning(
                    ("escalations", chain, index, "after"),
                    f"This step never comes: at {end.after} the round is over ({action}); put it "
                    "before, or take it away.",
                )
                break


def _is_later(
    step: EscalationStep, end: EscalationStep, due: Duration | None, *, is_below: bool
) -> bool:
    """Say whether a step comes after another; False where that depends on the calendar."""
    one, other = _length(step.after, due), _length(end.after, due)
    if one is None or other is None or one[0] != other[0]:
        return False
    return one[1] > other[1] or (one[1] == other[1] and is_below)


def _length(after: Share | Duration, due: Duration | None) -> tuple[str, float] | None:
    """Give a length that may be compared with others of the same kind of time."""
    if isinstance(after, Duration):
        return ("business" if after.is_business else "plain"), after.plain(_DAY) / _DAY
    if due is None:
        return "share", float(after.percent)
    kind = "business" if due.is_business else "plain"
    return kind, due.plain(_DAY) / _DAY * after.percent / 100


def _side_stages(lifecycle: Lifecycle) -> Iterator[Finding]:
    """Check the chains of what is no stage of the file: reviews and risk acceptances."""
    review = lifecycle.override.review if lifecycle.override else None
    uses: list[tuple[Path, str, str | None, Duration | None]] = []
    if review is not None:
        path: Path = ("override", "review", "escalate")
        uses.append((path, "a review of an override", review.escalate, review.due))
    if lifecycle.findings is not None:
        path = ("findings", "escalate")
        found = lifecycle.findings
        uses.append((path, "an acceptance of a risk", found.escalate, found.due))
    for path, what, chain, due in uses:
        if chain is None:
            continue
        if chain not in lifecycle.escalations:
            known = listed(tuple(lifecycle.escalations))
            yield error(path, f"There is no escalation {chain}; choose from {known}.")
        steps = lifecycle.escalations.get(chain, ())
        if any(step.return_to for step in steps):
            yield error(
                path,
                f"{chain} sends back to a stage, and {what} has none; use another escalation.",
            )
        if due is None and any(isinstance(step.after, Share) for step in steps):
            yield error(
                path,
                f"{chain} has steps at a share of `due`, and {what} has none; add `due`, or give "
                "the steps a time of their own.",
            )
