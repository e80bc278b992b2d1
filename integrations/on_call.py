"""Who is on call when: a rotation's local handovers as recorded instants.

Zone rules are known here and not in the core, as with working time.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

from integrations.working_time import minute_of, zone_of
from lifecycle.calendars import EPOCH
from lifecycle.roster import RotationFile, Shift


def shifts(file: RotationFile, since: datetime, until: datetime) -> tuple[Shift, ...]:
    """Give the shifts that touch a span, with overrides cut in; the later written override wins.

    Handovers are at the same local time whatever the season, to the minute. Raises UnknownCalendar
    for a zone that the tables don't have.
    """
    found = tuple(one for one in _regular(file, since, until) if one.until > since)
    for other in file.overrides:
        if other.until > since and other.starts < until:
            cut = Shift(
                starts=other.starts.astimezone(UTC),
                until=other.until.astimezone(UTC),
                person=other.person,
            )
            found = (*_around(found, cut), cut)
    return tuple(sorted(found, key=lambda shift: shift.starts))


def _regular(file: RotationFile, since: datetime, until: datetime) -> Iterator[Shift]:
    zone, length = zone_of(file.zone), timedelta(weeks=file.weeks)

    def handover(turn: int) -> datetime:
        local = file.starts + turn * length
        return EPOCH + timedelta(minutes=minute_of(local.date(), local.time(), zone))

    gone = (since.replace(tzinfo=None) - file.starts) // length
    for turn in count(max(gone - 1, 0)):  # one earlier: zones are less than a week apart
        starts = handover(turn)
        if starts >= until:
            return
        person = file.people[turn % len(file.people)]
        yield Shift(starts=starts, until=handover(turn + 1), person=person)


def _around(known: tuple[Shift, ...], cut: Shift) -> Iterator[Shift]:
    """Give what is left of shifts when another takes its span out of them."""
    for shift in known:
        if shift.until <= cut.starts or shift.starts >= cut.until:
            yield shift
            continue
        if shift.starts < cut.starts:
            yield shift.model_copy(update={"until": cut.starts})
        if shift.until > cut.until:
            yield shift.model_copy(update={"starts": cut.until})
