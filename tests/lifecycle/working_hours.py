"""Working times of the people in the tests of reminders and pauses."""

from datetime import datetime

from integrations.working_time import resolve
from lifecycle.calendars import WorkingTime
from lifecycle.definition import Calendar
from lifecycle.roster import Roster
from tests.lifecycle.definitions import roster
from tests.lifecycle.world import START


def hours(text: str, zone: str = "UTC", now: datetime = START) -> WorkingTime:
    """Give a calendar of these hours, Monday to Friday."""
    return resolve(Calendar(zone=zone, hours=text), now)


def people(**calendars: WorkingTime) -> Roster:
    """Give the usual roster in which some people have hours of their own."""
    usual = roster()
    members = {
        name: one.model_copy(update={"calendar": name if name in calendars else ""})
        for name, one in usual.people.items()
    }
    return usual.model_copy(update={"people": members, "calendars": calendars})
