"""Random stories: whatever is sent in whatever order, the promises of the core hold."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from lifecycle.commands import RaiseAlert
from tests.lifecycle.stories.classic import SETTING
from tests.lifecycle.stories.moves import Answers, Changes
from tests.lifecycle.stories.pauses import Pauses
from tests.lifecycle.stories.profiles import profile


class Classic(Answers, Changes, Pauses):
    """The lifecycle of the reference, with alerts."""

    setting = SETTING

    @rule(kind=st.sampled_from(["drift", "vulnerability", "incident"]))
    def alert(self, kind: str) -> None:
        self.send(RaiseAlert(**self.named(), alert=kind, source="monitoring", event_id="a"))


TestAnySequenceOfCommands = pytest.mark.timeout(3600)(Classic.TestCase)
TestAnySequenceOfCommands.settings = profile(30, 30)
