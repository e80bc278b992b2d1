"""Random stories in which requests reach people or don't: the promises of the core hold."""

import pytest

from tests.lifecycle.stories.classic import SETTING
from tests.lifecycle.stories.deliveries import Deliveries
from tests.lifecycle.stories.moves import Answers, Changes
from tests.lifecycle.stories.pauses import Pauses
from tests.lifecycle.stories.profiles import profile


class Delivered(Answers, Changes, Pauses, Deliveries):
    """The lifecycle of the reference, with receipts."""

    setting = SETTING


TestAnySequenceOfDeliveries = pytest.mark.timeout(3600)(Delivered.TestCase)
TestAnySequenceOfDeliveries.settings = profile(30, 30)
