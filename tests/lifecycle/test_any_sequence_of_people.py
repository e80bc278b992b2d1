"""Random stories about who signs: stand-ins, shifts, order, advice, objections, escalations."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lifecycle.commands import Release
from tests.lifecycle.stories.moves import Answers, Changes, people
from tests.lifecycle.stories.pauses import Pauses, StandIns
from tests.lifecycle.stories.profiles import profile
from tests.lifecycle.stories.shared import SETTING


class Shared(Answers, Changes, Pauses, StandIns):
    """Every rule about owners at once."""

    setting = SETTING

    @rule(data=st.data(), person=people, is_manager=st.booleans())
    @precondition(lambda self: self.auditor.held)
    def a_held_stage_is_released(self, data: st.DataObject, person: str, is_manager: bool) -> None:
        stage = data.draw(st.sampled_from(sorted(self.auditor.held)))
        scopes = ("manager",) if is_manager else ()
        self.send(Release(**self.named(), person=person, stage=stage, scopes=scopes))


TestAnySequenceOfPeople = pytest.mark.timeout(3600)(Shared.TestCase)
TestAnySequenceOfPeople.settings = profile(60, 30)
