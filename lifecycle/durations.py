"""Lengths of time as people write them: `3 business days`, `12 hours`, `50%`."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic import model_serializer, model_validator

from lifecycle.values import Strict, Whole


class Unit(StrEnum):
    """Units that a lifecycle file may use; `business` ones follow its calendar."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    BUSINESS_HOURS = "business hours"
    BUSINESS_DAYS = "business days"


_LENGTH = {
    Unit.SECONDS: timedelta(seconds=1),
    Unit.MINUTES: timedelta(minutes=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.DAYS: timedelta(days=1),
    Unit.BUSINESS_HOURS: timedelta(hours=1),
}
_DURATION = re.compile(r"([1-9][0-9]{0,5}) (business )?(second|minute|hour|day)s?")
_SHARE = re.compile(r"([1-9][0-9]{0,3})%")
_LONGEST = timedelta(days=3660)


class Duration(Strict):
    """A whole number of one unit, at most ten years."""

    amount: Whole
    unit: Unit

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = _DURATION.fullmatch(value.strip())
        unit = f"{match[2] or ''}{match[3]}s" if match else ""
        if match is None or unit not in list(Unit):
            raise ValueError(f"{value!r} is not a duration; write for example `3 business days`")
        return {"amount": int(match[1]), "unit": unit}

    @model_validator(mode="after")
    def _bounded(self) -> "Duration":
        if self.amount < 1 or self.plain(timedelta(days=1)) > _LONGEST:
            raise ValueError(f"{self} is out of range; use from one second to ten years")
        return self

    @model_serializer
    def _text(self) -> str:
        return str(self)

    def __str__(self) -> str:
        unit = self.unit.removesuffix("s") if self.amount == 1 else self.unit
        return f"{self.amount} {unit}"

    @property
    def is_business(self) -> bool:
        """Whether only working time counts."""
        return self.unit in {Unit.BUSINESS_HOURS, Unit.BUSINESS_DAYS}

    def plain(self, working_day: timedelta) -> timedelta:
        """Give the length in hours that count; a business day is as long as `working_day`."""
        return self.amount * _LENGTH.get(self.unit, working_day)


class Share(Strict):
    """A share of a stage's `due`, in percent; more than 100 lies after it."""

    percent: Whole

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = _SHARE.fullmatch(value.strip())
        if match is None:
            raise ValueError(f"{value!r} is not a share; write for example `50%`")
        return {"percent": int(match[1])}

    @model_serializer
    def _text(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return f"{self.percent}%"


def parse_after(value: Any) -> Any:
    """Read `after:` as a share or a duration, so that an error speaks of the one that was meant."""
    if isinstance(value, str):
        return Share.model_validate(value) if "%" in value else Duration.model_validate(value)
    return value
