"""The queues of a model: who comes first has the turn, whatever is repeated or lost."""

from hypothesis import given
from hypothesis import strategies as st

from lifecycle.errands import LaneErrand
from lifecycle.lanes import Lane, Turn, applied, heads, joined, left, told, turns

EMPTY = Lane(model="m")


def queue(lane: Lane, stage: str = "test") -> tuple[str, ...]:
    return tuple(place.version for place in lane.queues.get(stage, ()))


def ahead(lane: Lane) -> dict[str, tuple[str, ...]]:
    return {turn.version: turn.behind for turn in turns(lane)}


def test_versions_queue_in_the_order_of_asking() -> None:
    lane = EMPTY
    for version in ("12", "14", "13"):
        lane = joined(lane, "test", version, 1)
    assert queue(lane) == ("12", "14", "13")
    assert ahead(lane) == {"12": (), "14": ("12",), "13": ("12", "14")}


def test_each_stage_has_a_queue_of_its_own() -> None:
    lane = joined(joined(EMPTY, "test", "12", 1), "release", "13", 1)
    assert ahead(lane) == {"12": (), "13": ()}


def test_the_next_has_the_turn_when_the_first_leaves() -> None:
    lane = joined(joined(EMPTY, "test", "12", 1), "test", "13", 1)
    for turn in turns(lane):
        lane = told(lane, turn)
    assert turns(lane) == ()
    lane = left(lane, "test", "12", 1)
    assert turns(lane) == (Turn(stage="test", version="13", ticket=1),)
    assert heads(lane) == turns(lane)
    assert left(lane, "test", "13", 1).is_empty


def test_who_asks_again_keeps_the_place_and_is_told_again() -> None:
    lane = joined(joined(EMPTY, "test", "12", 1), "test", "13", 1)
    for turn in turns(lane):
        lane = told(lane, turn)
    lane = joined(lane, "test", "12", 1)
    assert queue(lane) == ("12", "13")
    assert ahead(lane) == {"12": ()}


def test_a_message_about_an_earlier_place_says_nothing_of_a_later_one() -> None:
    lane = joined(EMPTY, "test", "12", 7)
    assert left(lane, "test", "12", 3) == lane
    assert joined(lane, "test", "12", 3) == lane
    assert left(lane, "test", "12", 7).is_empty


def test_a_later_place_takes_that_of_an_earlier_one_at_the_end() -> None:
    lane = joined(joined(EMPTY, "test", "12", 1), "test", "13", 1)
    lane = joined(lane, "test", "12", 5)
    assert queue(lane) == ("13", "12")


def test_leaving_a_queue_that_one_is_not_in_changes_nothing() -> None:
    assert left(EMPTY, "test", "12", 1) == EMPTY


MESSAGES = st.builds(
    lambda what, version, ticket: LaneErrand(
        id="e", model="m", version=version, stage="test", what=what, ticket=ticket
    ),
    st.sampled_from(["join", "leave"]),
    st.sampled_from(["1", "2", "3"]),
    st.integers(1, 3),
)


@given(st.lists(MESSAGES, max_size=30))
def test_whatever_comes_each_version_is_in_once_and_one_has_the_turn(
    messages: list[LaneErrand],
) -> None:
    lane = EMPTY
    for message in messages:
        before = queue(lane)
        lane = applied(lane, message)
        now = queue(lane)
        assert len(set(now)) == len(now)
        assert len(heads(lane)) == (1 if now else 0)
        others = [v for v in before if v != message.version]
        assert [v for v in now if v != message.version] == others, "others keep their order"
    assert set(ahead(lane)) == set(queue(lane))


@given(st.lists(MESSAGES, max_size=20))
def test_the_same_message_twice_is_as_good_as_once(messages: list[LaneErrand]) -> None:
    once = twice = EMPTY
    for message in messages:
        once = applied(once, message)
        twice = applied(applied(twice, message), message)
    assert queue(once) == queue(twice)
