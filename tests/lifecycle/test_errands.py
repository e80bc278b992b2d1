"""What a version tells others of what happened to it."""

from typing import Any

import pytest

from lifecycle.commands import RaiseAlert, Retire, Supersede, WithdrawRequest
from lifecycle.errands import BaseVoidedErrand, errands_of
from lifecycle.trust_facts import TrustSuspended
from tests.lifecycle.definitions import OTHER, one_stage
from tests.lifecycle.test_turns import errands
from tests.lifecycle.world import World

REOPEN: list[dict[str, Any]] = [
    {"event": "alert.raised", "stage": "review", "gate": gate, "when": f'alert.kind == "{gate}"'}
    for gate in ("close", "keep")
]


def approved() -> World:
    world = World(one_stage(reopen=REOPEN))
    world.approve("review", "validator", "ben")
    return world


def alert(world: World, kind: str) -> None:
    world.do(RaiseAlert(id="alert", alert=kind, source="m", event_id="a"))


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("changed", "review no longer stands approved."),
        ("alert", "review no longer stands approved."),
        ("retired", "The version is retired: Old."),
        ("withdrawn", "key:ci withdrew the request for review."),
    ],
)
def test_models_built_on_a_version_that_loses_its_approval_are_told_once(
    how: str, why: str
) -> None:
    world = approved()
    match how:
        case "changed":
            world.change(OTHER)
        case "alert":
            alert(world, "close")
        case "retired":
            world.do(Retire(id="r", reason="Old."))
        case _:
            world.do(WithdrawRequest(id="w", by="key:ci"))
    (told,) = errands(world.facts)
    assert isinstance(told, BaseVoidedErrand)
    assert told.why == why
    assert (told.model, told.version) == ("fraud-scorer", "14")


def test_a_suspension_is_told_with_its_reason() -> None:
    world = approved()
    suspended = TrustSuspended(at=world.now, why="Nobody reviewed override 1.")
    after = world.state.model_copy(update={"suspended_why": suspended.why})
    (told,) = errands_of(world.state, after, suspended)
    assert isinstance(told, BaseVoidedErrand)
    assert told.why == "Nobody reviewed override 1."


@pytest.mark.parametrize("how", ["never approved", "gate kept", "superseded in review"])
def test_nobody_is_told_while_nothing_was_relied_on_or_it_still_stands(how: str) -> None:
    world = approved() if how == "gate kept" else World(one_stage(reopen=REOPEN))
    match how:
        case "gate kept":
            alert(world, "keep")
        case "superseded in review":
            world.do(Supersede(id="s", by_version="15"))
        case _:
            world.do(Retire(id="r"))
    assert errands(world.facts) == []


def test_each_loss_is_an_errand_of_its_own() -> None:
    world = approved()
    world.change(OTHER)
    world.approve("review", "validator", "ben")
    world.do(Retire(id="r"))
    first, second = errands(world.facts)
    assert first.id != second.id
    assert first.id.startswith("version/fraud-scorer/14:")
