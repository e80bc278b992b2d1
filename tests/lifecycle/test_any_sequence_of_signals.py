"""Random stories about lasting trust: alerts, findings, conditions, overrides, queues, moves."""

import pytest

from tests.lifecycle.stories.moves import Answers, Changes
from tests.lifecycle.stories.profiles import profile
from tests.lifecycle.stories.trusting import SETTING
from tests.lifecycle.stories.turmoil import Emergencies, Reservations, Signals


class Trusting(Answers, Changes, Signals, Reservations, Emergencies):
    """Every rule about trust at once."""

    setting = SETTING


TestAnySequenceOfSignals = pytest.mark.timeout(3600)(Trusting.TestCase)
TestAnySequenceOfSignals.settings = profile(70, 35)
