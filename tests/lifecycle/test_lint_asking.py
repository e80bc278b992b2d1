"""What lint says of who is asked and of what answers mean."""

from typing import Any

import pytest

from lifecycle.lint import lint
from tests.lifecycle.definitions import one_stage

VALIDATOR = {"role": "validator"}
FINDINGS: list[tuple[list[dict[str, Any]], str, str]] = [
    ([{"any_of": ["validator", "nobody"]}], "error", "There is no role nobody; declare it"),
    ([{"any_of": ["validator", "validator"]}], "error", "validator stands in `any_of` twice"),
    ([{"any_of": ["validator"]}], "warning", "`any_of` has one role; write `role: validator`."),
    (
        [{"any_of": ["validator", "security"], "role": "ciso"}], "error",
        "ciso is a role of its own that may not sign here",
    ),
    ([{**VALIDATOR, "fallback": "nobody"}], "error", "There is no role nobody; choose from"),
    ([{**VALIDATOR, "fallback": "validator"}], "error", "validator is asked already and can't"),
    ([{**VALIDATOR, "after": ["security"]}], "error", "review does not ask security, so validator"),
    (
        [{**VALIDATOR, "after": ["security"]}, {"role": "security", "advisory": True}], "error",
        "security only advises and may never answer; don't wait for it.",
    ),
    (
        [{**VALIDATOR, "after": ["security"]}, {"role": "security", "after": ["validator"]}],
        "error", "validator, security wait for each other and are never asked",
    ),
    ([{**VALIDATOR, "advisory": True}], "error", "Every sign-off of review only advises"),
    (
        [VALIDATOR, {"role": "security", "advisory": True, "changes_quorum": 2}], "warning",
        "security only advises and never sends back",
    ),
    ([{**VALIDATOR, "quorum": "all", "assign": {"rotate": 1}}], "warning", "Everybody must sign"),
    ([{**VALIDATOR, "quorum": 2, "assign": {"rotate": 1}}], "warning", "2 must sign as validator"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "severity", "sentence"), FINDINGS)
def test_what_cannot_work_is_found_with_what_to_do(
    asked: list[dict[str, Any]], severity: str, sentence: str
) -> None:
    found = [f for f in lint(one_stage(*asked)) if f.message.startswith(sentence)]
    assert [f.severity for f in found] == [severity]
    assert found[0].path[:2] == ("stages", 0)


def test_what_works_is_left_alone() -> None:
    asked: list[dict[str, Any]] = [
        {"any_of": ["validator", "security"], "fallback": "ciso", "assign": {"least_loaded": 2}},
        {"role": "data_steward", "after": ["validator-or-security"], "carry_over": True},
        {"role": "ciso", "advisory": True, "after": ["data_steward"]},
    ]
    errors = [f for f in lint(one_stage(*asked)) if f.severity == "error"]
    assert errors == []
