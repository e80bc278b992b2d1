"""How often stages may reopen, from the settings."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from api.workers import pace
from integrations.settings import Settings


def test_the_settings_say_how_often_stages_may_reopen_and_how_long_owners_are_left_alone() -> None:
    default = pace(Settings(_env_file=None))
    assert (default.at_most, str(default.within), str(default.quiet)) == (
        3, "1 hour", "30 seconds"
    )  # fmt: skip


def test_without_a_quiet_owners_are_asked_at_once() -> None:
    assert pace(Settings(_env_file=None, quiet=timedelta(0))).quiet is None


@pytest.mark.parametrize("changes", [{"reopenings": 0}, {"quiet": timedelta(seconds=-1)}])
def test_a_pace_that_makes_no_sense_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"_env_file": None, **changes})
