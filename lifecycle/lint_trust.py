"""What is wrong or doubtful about trust by risk, and about what reopens a stage."""

from collections.abc import Iterator
from datetime import timedelta

from lifecycle.definition import Lifecycle
from lifecycle.durations import Duration
from lifecycle.finding import Finding, Path, error, listed, warning

_DAY = timedelta(days=1)


def trust_findings(lifecycle: Lifecycle) -> Iterator[Finding]:
    """Check the tiers of trust and the waits of reopenings."""
    yield from _tiers(lifecycle)
    yield from _waits(lifecycle)
    yield from _freezes(lifecycle)


def trust_durations(lifecycle: Lifecycle) -> Iterator[tuple[Path, Duration | None]]:
    """Give every duration that trust by risk and reopenings say, and where."""
    for risk, tier in (lifecycle.trust.by_risk if lifecycle.trust else {}).items():
        yield ("trust", "by_risk", risk, "valid_for"), tier.valid_for
        yield ("trust", "by_risk", risk, "renew_before"), tier.renew_before
    for index, rule in enumerate(lifecycle.reopen):
        yield ("reopen", index, "firing_for"), rule.firing_for


def _tiers(lifecycle: Lifecycle) -> Iterator[Finding]:
    """Compare lengths with a business day counted as a day, the least that it takes."""
    trust = lifecycle.trust
    for risk in trust.by_risk if trust else ():
        tier = trust.tier(risk) if trust else None
        if tier is None:
            continue
        valid = tier.valid_for.plain(_DAY)
        path: Path = ("trust", "by_risk", risk)
        if tier.renew_before is not None and tier.renew_before.plain(_DAY) >= valid:
            yield error(
                path,
                f"{tier.renew_before} is not shorter than {tier.valid_for}, for which an approval "
                f"of a model of {risk} risk stands; make it shorter.",
            )
        for stage in lifecycle.stages:
            if stage.due is not None and stage.due.plain(_DAY) > valid:
                yield error(
                    path,
                    f"Owners of {stage.name} have {stage.due}, longer than the {tier.valid_for} "
                    f"for which an approval of a model of {risk} risk stands; shorten it.",
                )


def _waits(lifecycle: Lifecycle) -> Iterator[Finding]:
    for index, rule in enumerate(lifecycle.reopen):
        if rule.firing_for is not None and rule.event != "alert.raised":
            yield error(
                ("reopen", index, "firing_for"),
                f"{rule.event} fires for no time; take `firing_for` away.",
            )


def _freezes(lifecycle: Lifecycle) -> Iterator[Finding]:
    for index, freeze in enumerate(lifecycle.freezes):
        for place, gate in enumerate(freeze.gates):
            if gate not in lifecycle.gates:
                yield error(
                    ("freezes", index, "gates", place),
                    f"There is no gate {gate}; choose from {listed(tuple(lifecycle.gates))}.",
                )
        if freeze in lifecycle.freezes[:index]:
            yield warning(("freezes", index), f"{freeze.name} is listed twice; take one away.")
