"""Gates in time: no sooner than agreed, never in a freeze, and until when a yes holds."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from lifecycle.commands import RequestReview
from lifecycle.definition import Freeze
from lifecycle.lint import lint
from lifecycle.projecting import view
from tests.lifecycle.definitions import OTHER, one_stage, roster
from tests.lifecycle.world import START, World

DAY = timedelta(days=1)


def _freeze(
    starts: datetime = START + 5 * DAY, until: datetime = START + 7 * DAY, **more: Any
) -> dict[str, Any]:
    return {
        "name": "Year-end close",
        "from": starts.isoformat(),
        "until": until.isoformat(),
        **more,
    }


def _approved(**changes: Any) -> World:
    world = World(one_stage(**changes))
    world.approve("review", "validator", "ben")
    return world


def _effective(at: datetime) -> World:
    world = World(one_stage(), is_requested=False)
    world.do(RequestReview(id="request", by="key:ci", effective_at=at))
    world.approve("review", "validator", "ben")
    return world


@pytest.mark.parametrize(
    ("waited", "opens"),
    [(timedelta(0), False), (DAY - timedelta(seconds=1), False), (DAY, True), (2 * DAY, True)],
)
def test_a_gate_opens_no_sooner_than_agreed(waited: timedelta, opens: bool) -> None:
    world = _effective(START + DAY)
    world.now += waited
    assert world.gate().allowed is opens
    if not opens:
        assert world.gate().reasons == (
            "Effective from 2026-03-03 09:00 UTC; production opens no sooner.",
        )


def test_a_later_request_moves_when_a_gate_opens() -> None:
    world = _effective(START + DAY)
    world.do(RequestReview(id="sooner", by="key:ci", effective_at=START))
    assert world.gate().allowed
    assert view(world.state).effective_at == START


@pytest.mark.parametrize(
    ("day", "opens"), [(0, True), (4.99, True), (5, False), (6.99, False), (7, True)]
)
def test_a_gate_is_closed_during_a_freeze(day: float, opens: bool) -> None:
    world = _approved(freezes=[_freeze()])
    world.now += day * DAY
    assert world.gate().allowed is opens
    if not opens:
        assert world.gate().reasons == ("Frozen until 2026-03-09 09:00 UTC: Year-end close.",)


def test_a_yes_ends_when_the_next_freeze_starts() -> None:
    second = _freeze(START + 20 * DAY, START + 21 * DAY)
    world = _approved(freezes=[second, _freeze()], trust={"valid_for": "30 days"})
    assert world.gate().valid_until == START + 5 * DAY
    world.now += 8 * DAY
    assert world.gate().valid_until == START + 20 * DAY
    world.now += 14 * DAY
    assert world.gate().valid_until == START + 30 * DAY


def test_a_freeze_of_one_gate_leaves_the_others_open() -> None:
    gates = {"staging": ["review"], "production": ["review"]}
    world = _approved(freezes=[_freeze(gates=["production"])], gates=gates)
    world.now += 6 * DAY
    assert world.gate(gate="staging").allowed
    assert not world.gate(gate="production").allowed


def test_a_model_has_freezes_of_its_own() -> None:
    world = _approved()
    window = Freeze.model_validate(_freeze())
    world.people(roster(number=2).model_copy(update={"freezes": (window,)}))
    world.now += 6 * DAY
    assert not world.gate().allowed
    assert "Year-end close" in world.gate().reasons[0]


def test_a_no_says_everything_that_closes_the_gate() -> None:
    world = World(one_stage(freezes=[_freeze(START)]), is_requested=False)
    world.do(RequestReview(id="request", by="key:ci", effective_at=START + DAY))
    stage, effective, frozen = world.gate().reasons
    assert stage.startswith("review: validator:")
    assert effective.startswith("Effective from")
    assert frozen.startswith("Frozen until")


def test_other_bytes_are_a_no_before_anything_else() -> None:
    world = _approved(freezes=[_freeze(START)])
    assert len(world.gate(OTHER).reasons) == 1
    assert not world.gate(OTHER).allowed


@pytest.mark.parametrize(
    ("freezes", "says"),
    [
        ([_freeze(gates=["nowhere"])], "There is no gate nowhere"),
        ([_freeze(), _freeze()], "listed twice"),
    ],
)
def test_a_freeze_that_cannot_work_is_found(freezes: list[dict[str, Any]], says: str) -> None:
    assert any(says in one.message for one in lint(one_stage(freezes=freezes)))
