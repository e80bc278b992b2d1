"""What is wrong or doubtful about the deadlines, the calendar and the trust of a lifecycle."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

from lifecycle.definition import Lifecycle
from lifecycle.durations import Duration, Share
from lifecycle.finding import Finding, Path, error, warning
from lifecycle.lint_sides import side_durations
from lifecycle.lint_trust import trust_durations

_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_DAY = timedelta(days=1)
_SHORT = timedelta(hours=1)


def time_findings(
    lifecycle: Lifecycle, knows_zone: Callable[[str], bool] | None
) -> Iterator[Finding]:
    """Check every duration, the calendar and the trust."""
    yield from _calendar(lifecycle, knows_zone)
    for path, duration in _durations(lifecycle):
        yield from _business(lifecycle, path, duration)
        if duration.plain(_DAY) < _SHORT:
            yield warning(path, f"{duration} is very short for people; use an hour or more.")
    if lifecycle.reopenings is not None and (quiet := lifecycle.reopenings.quiet) is not None:
        yield from _business(lifecycle, ("reopenings", "quiet"), quiet)
    yield from _trust(lifecycle)
    yield from _validity(lifecycle)
    yield from _loops(lifecycle)


def _business(lifecycle: Lifecycle, path: Path, duration: Duration) -> Iterator[Finding]:
    if duration.is_business and lifecycle.calendar is None:
        yield error(path, f"{duration} needs working hours; add a `calendar`, or use plain time.")


def _durations(lifecycle: Lifecycle) -> Iterator[tuple[Path, Duration]]:
    for path, value in _lengths(lifecycle):
        if isinstance(value, Duration):
            yield path, value


def _lengths(lifecycle: Lifecycle) -> Iterator[tuple[Path, Duration | Share | None]]:
    for name, rule in lifecycle.evidence.items():
        yield ("evidence", name, "max_age"), rule.max_age
    for name, steps in lifecycle.escalations.items():
        for index, step in enumerate(steps):
            yield ("escalations", name, index, "after"), step.after
    for index, stage in enumerate(lifecycle.stages):
        yield ("stages", index, "evidence_due"), stage.evidence_due
        yield ("stages", index, "due"), stage.due
    if lifecycle.trust is not None:
        yield ("trust", "valid_for"), lifecycle.trust.valid_for
        yield ("trust", "renew_before"), lifecycle.trust.renew_before
    yield from trust_durations(lifecycle)
    yield from side_durations(lifecycle)


def _calendar(lifecycle: Lifecycle, knows_zone: Callable[[str], bool] | None) -> Iterator[Finding]:
    calendar = lifecycle.calendar
    if calendar is None:
        return
    is_known = knows_zone(calendar.zone) if knows_zone else _ZONE.fullmatch(calendar.zone)
    if not is_known:
        yield error(
            ("calendar", "zone"),
            f"{calendar.zone} is no time zone; write one as Europe/Paris.",
        )
    opens, _, closes = calendar.hours.partition("-")
    if closes <= opens:
        yield error(
            ("calendar", "hours"),
            f"{calendar.hours} ends before it starts; write the earlier time first.",
        )
    if not calendar.weekdays:
        yield error(
            ("calendar", "weekdays"), "There is no working day; name one, or leave `weekdays` out."
        )


def _trust(lifecycle: Lifecycle) -> Iterator[Finding]:
    """Compare lengths with a business day counted as a day, the least that it takes."""
    trust = lifecycle.trust
    if trust is None:
        return
    valid = trust.valid_for.plain(_DAY)
    if trust.renew_before is not None and trust.renew_before.plain(_DAY) >= valid:
        yield error(
            ("trust", "renew_before"),
            f"{trust.renew_before} is not shorter than {trust.valid_for}, for which an approval "
            "stands; make it shorter.",
        )
    for index, stage in enumerate(lifecycle.stages):
        if stage.due is not None and stage.due.plain(_DAY) > valid:
            yield error(
                ("stages", index, "due"),
                f"Owners have {stage.due}, longer than the {trust.valid_for} for which an "
                "approval stands; shorten it.",
            )


def _validity(lifecycle: Lifecycle) -> Iterator[Finding]:
    """Compare what people owe beside the stages, and renewals, with how long approvals stand."""
    trust = lifecycle.trust
    if trust is None:
        return
    review = lifecycle.override.review if lifecycle.override is not None else None
    if review is not None and review.due.plain(_DAY) > trust.valid_for.plain(_DAY):
        yield error(
            ("override", "review", "due"),
            f"{review.role} has {review.due} to review an override, longer than the "
            f"{trust.valid_for} for which an approval stands; shorten it.",
        )
    for index, stage in enumerate(lifecycle.stages):
        is_renewed = trust.renew is None or stage.name in trust.renew
        if stage.due is None or trust.renew_before is None or not is_renewed:
            continue
        if stage.due.plain(_DAY) > trust.renew_before.plain(_DAY):
            yield warning(
                ("stages", index, "due"),
                f"Owners have {stage.due} and renewal is asked only {trust.renew_before} before "
                "an approval lapses; lengthen `renew_before` or shorten this.",
            )


def _loops(lifecycle: Lifecycle) -> Iterator[Finding]:
    """Find evidence that grows too old while owners may still take their time.

    A stage whose evidence is too old collects it anew and asks again, with a new deadline.
    """
    for index, stage in enumerate(lifecycle.stages):
        for place, name in enumerate(stage.evidence if stage.signoffs else ()):
            rule = lifecycle.evidence.get(name)
            if rule is None or rule.max_age is None or stage.due is None:
                continue
            if rule.max_age.plain(_DAY) <= stage.due.plain(_DAY):
                yield warning(
                    ("stages", index, "evidence", place),
                    f"{name} is too old after {rule.max_age} and owners have {stage.due}, so "
                    f"{stage.name} may ask again and again; let `max_age` be longer than `due`.",
                )
