"""What is wrong or doubtful about findings, overrides and freezes."""

from collections.abc import Iterator
from datetime import timedelta

from lifecycle.definition import Lifecycle
from lifecycle.durations import Duration
from lifecycle.finding import Finding, Path, error, listed, warning

LONG_FREEZE = timedelta(days=92)
"""A quarter; what is frozen for longer is hardly meant to be."""


def side_findings(lifecycle: Lifecycle) -> Iterator[Finding]:
    """Check who accepts findings, who overrides, who reviews that, and how long is frozen."""
    yield from _findings(lifecycle)
    yield from _override(lifecycle)
    yield from _freezes(lifecycle)


def side_durations(lifecycle: Lifecycle) -> Iterator[tuple[Path, Duration | None]]:
    """Give every duration that findings, overrides and reopenings say, and where."""
    if lifecycle.findings is not None:
        yield ("findings", "due"), lifecycle.findings.due
    if lifecycle.override is not None:
        yield ("override", "at_most"), lifecycle.override.at_most
        yield ("override", "review", "due"), lifecycle.override.review.due
    if lifecycle.reopenings is not None:
        yield ("reopenings", "within"), lifecycle.reopenings.within


def _role(lifecycle: Lifecycle, role: str, path: Path) -> Iterator[Finding]:
    if role not in lifecycle.roles:
        yield error(
            path,
            f"There is no role {role}; declare it under `roles` or choose from "
            f"{listed(lifecycle.roles)}.",
        )


def _findings(lifecycle: Lifecycle) -> Iterator[Finding]:
    rule = lifecycle.findings
    opening = [name for name, one in lifecycle.evidence.items() if one.findings]
    if rule is None:
        for name in opening:
            yield warning(
                ("evidence", name, "findings"),
                f"{name} opens findings and nothing says which of them block; add `findings`.",
            )
        return
    if not rule.blocks:
        yield warning(("findings", "blocks"), "No finding blocks anything; name a severity.")
    if rule.accepted_by is not None:
        yield from _role(lifecycle, rule.accepted_by, ("findings", "accepted_by"))


def _override(lifecycle: Lifecycle) -> Iterator[Finding]:
    rule = lifecycle.override
    if rule is None:
        return
    for index, role in enumerate(rule.roles):
        yield from _role(lifecycle, role, ("override", "roles", index))
    yield from _role(lifecycle, rule.review.role, ("override", "review", "role"))
    if set(rule.roles) == {rule.review.role}:
        yield warning(
            ("override", "review", "role"),
            f"Only {rule.review.role} may override, and reviews it too; let another role review.",
        )


def _freezes(lifecycle: Lifecycle) -> Iterator[Finding]:
    for index, freeze in enumerate(lifecycle.freezes):
        path: Path = ("freezes", index)
        length = freeze.until - freeze.starts
        if length > LONG_FREEZE:
            yield warning(
                path,
                f"{freeze.name} keeps gates closed for {length.days} days; shorten it unless "
                "that is meant.",
            )
