import gc
from weakref import ref

from lifecycle.building import built
from lifecycle.decide import decide
from lifecycle.evolve import evolve
from lifecycle.fact_values import Vote
from lifecycle.memory import MOST_ANSWERS, Remembering, remembered
from lifecycle.roster import Roster
from lifecycle.state import Stage
from lifecycle.values import Frozen
from tests.lifecycle.definitions import classic, member, roster
from tests.lifecycle.world import START, World


class Box(Frozen):
    size: int


asked: list[object] = []


@remembered
def times(box: Box, factor: object) -> str:
    asked.append(factor)
    return f"{box.size} x {factor}"


def test_the_same_question_about_the_same_value_is_answered_once() -> None:
    asked.clear()
    box, factor = Box(size=2), 1000.5
    assert [times(box, factor), times(box, factor)] == ["2 x 1000.5"] * 2
    assert asked == [factor]


def test_a_copy_is_asked_anew() -> None:
    box, factor = Box(size=2), 1000.5
    assert times(box, factor) == "2 x 1000.5"
    assert times(box.model_copy(update={"size": 3}), factor) == "3 x 1000.5"


def test_equal_arguments_that_mean_something_else_are_not_mixed_up() -> None:
    box = Box(size=2)
    assert [times(box, 1), times(box, True), times(box, 1.0)] == ["2 x 1", "2 x True", "2 x 1.0"]


def test_an_argument_that_is_gone_lends_its_identity_to_no_other() -> None:
    box = Box(size=2)
    assert all(times(box, [number]) == f"2 x [{number}]" for number in range(3 * MOST_ANSWERS))


def test_answers_go_with_the_value_they_are_about() -> None:
    box, factor = Box(size=2), Box(size=5)
    held = ref(factor)
    times(box, factor)
    asked.clear()
    del factor
    gc.collect()
    assert held() is not None
    del box
    gc.collect()
    assert held() is None


def test_a_copied_roster_finds_its_own_people() -> None:
    before = roster()
    assert before.person("git:ana") == before.people["ana"]
    moved = {"zoe": member("zoe").model_copy(update={"identities": ("git:ana",)})}
    after = before.model_copy(update={"people": moved})
    assert after.person("git:ana") == moved["zoe"]
    assert Roster(model="m").person("git:ana") is None


def test_folding_what_was_just_decided_gives_what_a_fold_from_the_start_gives() -> None:
    world = World(classic())
    world.evidence_arrives()
    command = world.decision("data", "data_steward", "ana")
    state = world.state.model_validate_json(world.state.model_dump_json())
    for fact in decide(world.state, command, world.now):
        world.state = evolve(world.state, fact)
        state = evolve(state, fact)
    assert state == world.state


def test_a_value_that_is_built_is_the_one_that_is_validated() -> None:
    vote = {"person": "ana", "revision": "r", "at": START, "round": 2}
    pairs: list[tuple[Remembering, Remembering]] = [
        (built(Stage, name="data", since=START), Stage(name="data", since=START)),
        (built(Vote, **vote), Vote(**vote)),
        (built(Box, size=2), Box(size=2)),
    ]
    for quick, usual in pairs:
        assert quick == usual
        assert quick.model_dump_json() == usual.model_dump_json()
        assert quick.model_fields_set == usual.model_fields_set
