"""Conditions fail closed."""

from typing import Any

import pytest

from lifecycle.conditions import evaluate, problem_of


@pytest.mark.parametrize(
    ("condition", "value", "is_true"),
    [
        ("value.x >= 0.9", {"x": 1}, True),
        ("value.x == 1", {"x": 1.0}, True),
        ("value.x == 1", {"x": 1}, True),
        ("value.x in [1, 2]", {"x": 2}, True),
        ("value.a.b > 1", {"a": {"b": 2}}, True),
        ("value.list.all(n, n > 0)", {"list": [1, 2]}, True),
        ("value.list[0] == 5", {"list": [5]}, True),
        ("value.flag", {"flag": True}, True),
        ("value.flag", {"flag": "true"}, False),
        ("value.flag", {"flag": 1}, False),
        ("value.x >= 0.9", {}, False),
        ("value.x >= 0.9", {"x": "1"}, False),
        ("value.x >= 0.9", {"x": None}, False),
        ("value.x / 0 > 1 && value.y", {"x": 1}, False),
        ("value.text.matches('(a+)+$')", {"text": "a" * 5000 + "b"}, False),
    ],
)
def test_only_a_plain_true_is_true(condition: str, value: dict[str, Any], is_true: bool) -> None:
    assert evaluate(condition, {"value": value}).is_true == is_true


def test_an_error_comes_back_as_a_sentence_not_as_an_exception() -> None:
    outcome = evaluate("value.auc >= 0.9", {"value": {}})
    assert (outcome.is_true, bool(outcome.error)) == (False, True)


def test_a_loop_that_would_take_forever_is_cut_off() -> None:
    items = list(range(1000))
    nested = "value.l.all(a, value.l.all(b, value.l.all(c, a + b + c >= 0.0)))"
    outcome = evaluate(nested, {"value": {"l": items}})
    assert (outcome.is_true, bool(outcome.error)) == (False, True)


@pytest.mark.parametrize("condition", ["value.x >", "unknown.x == 1", "(((", "value.x = 1"])
def test_what_does_not_parse_is_named_before_it_is_used(condition: str) -> None:
    assert problem_of(condition)
    assert not evaluate(condition, {}).is_true


def test_a_condition_that_parses_has_no_problem() -> None:
    assert problem_of('model.risk == "high" && evidence.x.value.y > 1') is None
