"""Who made a version or asked for its review hears what became of it."""

from typing import Any

from lifecycle.commands import Supersede, WithdrawRequest
from lifecycle.state import Notice
from tests.lifecycle.definitions import one_stage, roster
from tests.lifecycle.world import World

TWO_VALIDATORS: dict[str, tuple[str, ...]] = {"validator": ("ben", "cho")}


def _world(**rule: Any) -> World:
    definition = one_stage({"role": "validator", **rule})
    made = ("git:ana", "git:trainer")
    return World(definition, roster(TWO_VALIDATORS), producers=made, requester="gus")


def _said(world: World, kind: str) -> Notice:
    (found,) = [notice for notice in world.state.notices if notice.kind == kind]
    return found


def test_producers_and_requester_hear_that_it_is_approved_and_by_whom() -> None:
    world = _world()
    world.approve("review", "validator", "ben")
    notice = _said(world, "approved")
    assert notice.people == ("ana", "gus")
    assert notice.text == "fraud-scorer 14: it is approved. review by Ben Ruiz."


def test_an_overruled_objection_is_told_with_the_approval() -> None:
    world = _world(changes_quorum=2)
    world.decline("review", "validator", "cho")
    world.approve("review", "validator", "ben")
    assert _said(world, "approved").text == (
        "fraud-scorer 14: it is approved. review by Ben Ruiz (Cho Ruiz had asked for changes)."
    )


def test_what_the_rules_approve_says_so() -> None:
    world = World(one_stage(stage={"signoffs": []}), roster(TWO_VALIDATORS))
    assert _said(world, "approved").text == "fraud-scorer 14: it is approved. review by the rules."


def test_who_asked_hears_that_changes_are_requested() -> None:
    world = _world()
    world.decline("review", "validator", "ben", comment="The test set leaks.")
    notice = _said(world, "sent_back")
    assert notice.people == ("ana", "gus")
    assert notice.text.endswith("Ben Ruiz requests changes: The test set leaks.")


def test_a_version_that_another_takes_the_place_of_says_which() -> None:
    world = _world()
    world.do(Supersede(by="workflow", by_version="15"))
    notice = _said(world, "superseded")
    assert notice.people == ("ana", "gus")
    assert notice.text == "fraud-scorer 14: Version 15 asks for review in its place."


def test_who_takes_a_request_back_is_not_told_of_it() -> None:
    world = _world()
    world.do(WithdrawRequest(id="back", by="gus", person="gus", reason="Wrong bytes."))
    notice = _said(world, "withdrawn")
    assert notice.people == ("ana",)
    assert "Wrong bytes" in notice.text
