"""What a definition laid over another gives."""

from typing import Any

import pytest

from lifecycle.definition import Lifecycle
from lifecycle.overlay import Misplaced, laid_over, places, plain, planted
from tests.lifecycle.definitions import CLASSIC, classic


def _over(base: Any, over: Any) -> tuple[Any, list[str]]:
    misplaced: list[Misplaced] = []
    result = laid_over(planted(base, 0), planted(over, 1), misplaced)
    return plain(result), [one.message for one in misplaced]


STAGES = {"stages": [{"name": "a", "needs": []}, {"name": "b", "needs": ["a"]}]}
ASKED = {"stages": [{"name": "a", "needs": [], "signoffs": [{"role": "r", "statement": "S."}]}]}


@pytest.mark.parametrize(
    ("base", "over", "result"),
    [
        ({"trust": {"valid_for": "9 days"}}, {"trust": {"on_lapse": "warn"}},
         {"trust": {"valid_for": "9 days", "on_lapse": "warn"}}),
        ({"trust": {"valid_for": "9 days"}}, {"trust": None}, {}),
        ({"start": "on_request"}, {"start": "on_registration"}, {"start": "on_registration"}),
        ({}, {"typo": None}, {"typo": None}),
        ({"roles": ["a", "b"]}, {"roles": ["b", "c"]}, {"roles": ["a", "b", "c"]}),
        ({"roles": ["a", "b"]}, {"roles": [{"name": "a", "remove": True}]}, {"roles": ["b"]}),
        ({"separation": {"never": ["producer"]}}, {"separation": {"never": ["requester"]}},
         {"separation": {"never": ["producer", "requester"]}}),
        ({"gates": {"g": ["a"]}}, {"gates": {"g": ["b"], "h": ["a"]}},
         {"gates": {"g": ["a", "b"], "h": ["a"]}}),
        ({"reopen": [{"stage": "a"}]}, {"reopen": [{"stage": "b"}]},
         {"reopen": [{"stage": "a"}, {"stage": "b"}]}),
        ({"escalations": {"s": [{"after": "50%"}]}}, {"escalations": {"s": []}},
         {"escalations": {"s": []}}),
        (STAGES, {"stages": [{"name": "b", "due": "1 day"}]},
         {"stages": [{"name": "a", "needs": []}, {"name": "b", "needs": ["a"], "due": "1 day"}]}),
        (STAGES, {"stages": [{"name": "a", "remove": True}]},
         {"stages": [{"name": "b", "needs": ["a"]}]}),
        (STAGES, {"stages": [{"name": "b", "needs": [{"name": "a", "remove": True}, "c"]}]},
         {"stages": [{"name": "a", "needs": []}, {"name": "b", "needs": ["c"]}]}),
        (ASKED, {"stages": [{"name": "a", "signoffs": [
            {"role": "r", "quorum": 2}, {"role": "n", "statement": "N."}]}]},
         {"stages": [{"name": "a", "needs": [], "signoffs": [
             {"role": "r", "statement": "S.", "quorum": 2}, {"role": "n", "statement": "N."}]}]}),
        (ASKED, {"stages": [{"name": "a", "signoffs": [{"role": "r", "remove": True}]}]},
         {"stages": [{"name": "a", "needs": [], "signoffs": []}]}),
    ],
)  # fmt: skip
def test_what_is_written_over_a_definition_is_merged(base: Any, over: Any, result: Any) -> None:
    assert _over(base, over) == (result, [])


@pytest.mark.parametrize(
    ("placed", "names"),
    [
        ([{"name": "n"}], ["a", "b", "n"]),
        ([{"name": "n", "before": "a"}], ["n", "a", "b"]),
        ([{"name": "n", "after_stage": "a"}], ["a", "n", "b"]),
        ([{"name": "m", "before": "b"}, {"name": "n", "before": "b"}], ["a", "m", "n", "b"]),
        ([{"name": "m", "after_stage": "a"}, {"name": "n", "after_stage": "a"}],
         ["a", "m", "n", "b"]),
        ([{"name": "m"}, {"name": "n", "before": "m"}], ["a", "b", "n", "m"]),
        ([{"name": "b", "before": "a"}], ["b", "a"]),
    ],
)  # fmt: skip
def test_a_stage_goes_where_the_overlay_puts_it(
    placed: list[dict[str, Any]], names: list[str]
) -> None:
    result, said = _over(STAGES, {"stages": placed})
    assert ([stage["name"] for stage in result["stages"]], said) == (names, [])
    assert not {"before", "after_stage"} & {key for stage in result["stages"] for key in stage}


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"stages": [{"name": "n", "before": "x"}]}, "there is no stage x to place n at; there"),
        ({"stages": [{"name": "n", "after_stage": 7}]}, "there is no stage 7 to place n at"),
        ({"stages": [{"name": "n", "before": "a", "after_stage": "a"}]}, "write one of `before`"),
        ({"stages": [{"name": "x", "remove": True}]}, "there is no stage x to remove; there are "),
        ({"stages": [{"name": "a", "remove": False}]}, "write `remove: true` beside `name` alone"),
        ({"stages": [{"name": "a", "remove": True, "due": "1 day"}]}, "write `remove: true`"),
        ({"stages": [{"name": "a"}, {"name": "a"}]}, "the stage a is given twice; write it once"),
        ({"roles": [{"name": "x", "remove": True}]}, "there is no role x to remove"),
    ],
)
def test_what_does_not_fit_is_said(over: dict[str, Any], words: str) -> None:
    _, said = _over({**STAGES, "roles": ["r"]}, over)
    assert [words in one for one in said] == [True], said


def test_a_stage_put_between_takes_no_need_away() -> None:
    base = {"stages": [{"name": "a"}, {"name": "b"}]}
    result, _ = _over(base, {"stages": [{"name": "n", "before": "b", "needs": []}]})
    assert result["stages"] == [
        {"name": "a", "needs": []}, {"name": "n", "needs": []}, {"name": "b", "needs": ["a"]}
    ]  # fmt: skip


def test_a_definition_with_nothing_laid_over_it_is_the_same_definition() -> None:
    result, said = _over(CLASSIC, {})
    assert said == []
    assert Lifecycle.model_validate(result).digest == classic().digest


def test_every_value_of_the_result_knows_the_document_and_the_path_it_came_from() -> None:
    over = {"stages": [{"name": "n", "before": "b"}, {"name": "b", "due": "1 day"}]}
    result = laid_over(planted(STAGES, 0), planted(over, 1), [])
    came = {path: (node.layer, node.path) for path, node in places(result)}
    assert came["stages", 0, "name"] == (0, ("stages", 0, "name"))
    assert came["stages", 1, "name"] == (1, ("stages", 0, "name"))
    assert came["stages", 2, "due"] == (1, ("stages", 1, "due"))
    assert came["stages", 2, "needs", 0] == (0, ("stages", 1, "needs", 0))


@pytest.mark.parametrize(
    "over", [{"stages": {}}, {"stages": [1, None, []]}, {"roles": "x"}, {"gates": []}]
)
def test_no_overlay_crashes_the_merge(over: dict[str, Any]) -> None:
    _over(CLASSIC, over)
    _over({"stages": [1, {"name": None}], "roles": {}, "gates": {"g": 1}}, over)
