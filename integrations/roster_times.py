"""When the people of a roster work, are away and on call, as instants."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from integrations.on_call import shifts
from integrations.working_time import UnknownCalendar, resolve_span
from lifecycle.calendars import WorkingTime
from lifecycle.canonical import digest_of
from lifecycle.definition import Calendar, Lifecycle
from lifecycle.roster import Absence, PersonFile, RotationFile, Shift
from lifecycle.values import Frozen, Instant

BEHIND = timedelta(days=7)
"""Before the month begins: who was on call some days ago may matter still."""
SPAN = timedelta(days=105)
"""From then on; at least 67 days lie ahead of every day of the month."""
MOST_CALENDARS = 16
"""Different working times that a version carries; the rarest follow the lifecycle's calendar."""
MOST_ABSENCES = 20


class Times(Frozen):
    """Shifts, working times, and whose is which."""

    rotations: dict[str, tuple[Shift, ...]] = {}
    calendars: dict[str, WorkingTime] = {}
    calendar_of: dict[str, str] = {}
    until: Instant | None = None


def times_of(
    people: Mapping[str, PersonFile],
    rotations: Mapping[str, RotationFile],
    definition: Lifecycle | None,
    now: datetime | None,
) -> Times:
    """Resolve what people and rotations say, for the same span all through a month.

    Readings of one month agree, so that nothing changes where nobody changed anything.
    """
    if now is None:
        return Times()
    month = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    since = month - BEHIND
    on_call = {name: _shifts(file, since) for name, file in sorted(rotations.items())}
    base = definition.calendar if definition else None
    wanted = {id_: own for id_, file in people.items() if (own := _own_calendar(file, base))}
    resolved = _resolved(wanted, since)
    calendars = {_key(calendar): working for calendar, working in resolved}
    return Times(
        rotations=on_call,
        calendars=calendars,
        calendar_of={
            id_: key for id_, calendar in wanted.items() if (key := _key(calendar)) in calendars
        },
        until=since + SPAN if on_call or calendars else None,
    )


def _shifts(file: RotationFile, since: datetime) -> tuple[Shift, ...]:
    try:
        return shifts(file, since, since + SPAN)
    except UnknownCalendar:  # refused when it was put; these tables are older or newer
        return ()


def _own_calendar(file: PersonFile, base: Calendar | None) -> Calendar | None:
    """Give a person's working time where it differs from the lifecycle's, which fills the gaps."""
    said = {
        name: value
        for name in ("zone", "hours", "holidays")
        if (value := getattr(file, name)) is not None
    }
    if not said or (base is None and "zone" not in said):
        return None
    known = base.model_dump() if base else {}
    own = Calendar.model_validate({**known, **said})
    return None if own == base else own


def _resolved(
    wanted: Mapping[str, Calendar], since: datetime
) -> list[tuple[Calendar, WorkingTime]]:
    found = []
    # The order of the people decides between calendars that as many have.
    for calendar, _ in Counter(wanted.values()).most_common(MOST_CALENDARS):
        try:
            found.append((calendar, resolve_span(calendar, since, SPAN)))
        except UnknownCalendar:  # as above: the lifecycle's stands in
            continue
    return found


def _key(calendar: Calendar) -> str:
    """Name a calendar in few characters: every person of it carries the name."""
    return digest_of(calendar.model_dump(mode="json")).removeprefix("sha256:")[:12]


def absences_of(file: PersonFile, now: datetime | None) -> tuple[Absence, ...]:
    """Give the away periods that have not ended, the earliest first."""
    left = sorted(
        (one for one in file.away if now is None or one.until > now), key=lambda one: one.starts
    )
    return tuple(
        Absence(
            starts=one.starts.astimezone(UTC),
            until=one.until.astimezone(UTC),
            delegate=one.delegate,
        )
        for one in left[:MOST_ABSENCES]
    )
