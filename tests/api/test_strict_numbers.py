"""A number is a number: text and `true` are refused where one is sent, with the place."""

from typing import Any

import pytest

from tests.api.house import SMALL, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

OVERRIDE = {"gate": "production", "reason": "Fraud wave."}
ROTATION = {"people": ["ana"], "zone": "Europe/Paris", "starts": "2026-01-05T09:00"}


def with_signoff(**more: Any) -> dict[str, Any]:
    """Give a lifecycle whose only sign-off says more."""
    stage: dict[str, Any] = SMALL["stages"][0]
    return {**SMALL, "stages": [{**stage, "signoffs": [{**stage["signoffs"][0], **more}]}]}


IN_SIGNOFF = "stages[0].signoffs[0]"


@pytest.mark.parametrize(
    ("method", "path", "body", "place", "said"),
    [
        ("POST", "models/m/versions/1/overrides", {**OVERRIDE, "hours": "4"}, "hours",
         "`hours` should be a whole number, not `4`; leave out its quotes: 4"),
        ("POST", "models/m/versions/1/overrides", {**OVERRIDE, "hours": True}, "hours",
         "`hours` should be a whole number, not true"),
        ("POST", "models/m/versions/1/overrides", {**OVERRIDE, "hours": 4.0}, "hours",
         "`hours` should be a whole number, not `4.0`"),
        ("POST", "models/m/versions/1/migrations", {"dry_run": "false"}, "dry_run",
         "`dry_run` should be true or false, not `false`; leave out its quotes: false"),
        ("POST", "models/m/versions/1/migrations", {"dry_run": 1}, "dry_run",
         "`dry_run` should be true or false, not `1`"),
        ("PUT", "rotations/r", {**ROTATION, "weeks": True}, "weeks",
         "`weeks` should be a whole number, not true"),
        ("PUT", "rotations/r", {**ROTATION, "weeks": "2"}, "weeks", "leave out its quotes: 2"),
        ("PUT", "lifecycles/small", with_signoff(quorum=True), f"{IN_SIGNOFF}.quorum",
         "should be a whole number or 'all' or text, not true"),
        ("PUT", "lifecycles/small", with_signoff(quorum="2"), f"{IN_SIGNOFF}.quorum",
         "leave out its quotes: 2"),
        ("PUT", "lifecycles/small", with_signoff(changes_quorum="2"),
         f"{IN_SIGNOFF}.changes_quorum", "should be a whole number"),
        ("PUT", "lifecycles/small", with_signoff(assign={"rotate": True}),
         f"{IN_SIGNOFF}.assign.rotate", "should be a whole number, not true"),
        ("PUT", "lifecycles/small", {**SMALL, "reopenings": {"at_most": "3"}},
         "reopenings.at_most", "should be a whole number"),
    ],
)  # fmt: skip
async def test_a_number_or_truth_that_is_sent_as_something_else_is_refused(
    front: House, method: str, path: str, body: dict[str, Any], place: str, said: str
) -> None:
    answer = await front.call(method, f"/v1/{path}", json=body)
    assert answer.status_code == 422, answer.text
    (problem,) = answer.json()["errors"]
    assert problem["path"] == place
    assert said in problem["message"]
