"""What people ask for beside decisions: bodies, commands, and the way to the rules."""

from typing import Any
from urllib.parse import quote

import pytest

from api import examples, schemas_verbs
from api.schemas_verbs import OverrideSent, Verb
from lifecycle.fact_values import Via
from tests.api.house import PROBLEM, House

in_session = pytest.mark.asyncio(loop_scope="session")

ABOUT_SIGNOFFS: dict[str, tuple[type[Verb], dict[str, Any], str]] = {
    "withdrawals": (
        schemas_verbs.AnswerWithdrawalSent,
        examples.ANSWER_WITHDRAWAL,
        "WithdrawAnswer",
    ),
    "delegations": (schemas_verbs.DelegationSent, examples.DELEGATION, "Delegate"),
    "acknowledgements": (schemas_verbs.AcknowledgementSent, {}, "Acknowledge"),
    "snoozes": (schemas_verbs.SnoozeSent, examples.SNOOZE, "Snooze"),
    "questions": (schemas_verbs.QuestionSent, examples.QUESTION, "AskQuestion"),
}
ABOUT_VERSIONS: dict[str, tuple[type[Verb], dict[str, Any], str]] = {
    "withdrawals": (
        schemas_verbs.RequestWithdrawalSent,
        examples.REQUEST_WITHDRAWAL,
        "WithdrawRequest",
    ),
    "overrides": (schemas_verbs.OverrideSent, examples.OVERRIDE, "OverrideGate"),
    "releases": (schemas_verbs.ReleaseSent, examples.RELEASE, "Release"),
    "findings": (schemas_verbs.FindingSent, examples.FINDING, "OpenFinding"),
    "resolutions": (schemas_verbs.ResolutionSent, examples.RESOLUTION, "CloseFinding"),
    "acceptances": (schemas_verbs.AcceptanceSent, examples.ACCEPTANCE, "RequestAcceptance"),
    "conditions": (schemas_verbs.ConditionMetSent, examples.CONDITION_MET, "MeetCondition"),
    "answers": (schemas_verbs.AnswerSent, examples.ANSWER, "AnswerQuestion"),
}
GIVEN = {
    "id": "abc:1",
    "by": "key:abc",
    "person": "ana",
    "scopes": ("owner",),
    "via": Via(surface="api", key="abc"),
}


@pytest.mark.parametrize("name", ABOUT_SIGNOFFS)
def test_what_is_sent_about_a_signoff_is_the_command_of_whoever_sent_it(name: str) -> None:
    body, example, kind = ABOUT_SIGNOFFS[name]

    command = body.model_validate(example).command(**GIVEN, signoff="m:1:validate:1:validator")

    said = command.model_dump(mode="json")
    assert said["kind"] == kind
    assert said["signoff"] == "m:1:validate:1:validator"
    assert (said["id"], said["by"], said["person"]) == ("abc:1", "key:abc", "ana")
    assert (said["scopes"], said["via"]["key"]) == (["owner"], "abc")
    assert example.items() <= said.items()


@pytest.mark.parametrize("name", ABOUT_VERSIONS)
def test_what_is_sent_about_a_version_is_the_command_of_whoever_sent_it(name: str) -> None:
    body, example, kind = ABOUT_VERSIONS[name]

    said = body.model_validate(example).command(**GIVEN).model_dump(mode="json")

    assert said["kind"] == kind
    assert (said["id"], said["by"], said["person"]) == ("abc:1", "key:abc", "ana")
    assert (said["scopes"], said["via"]["key"]) == (["owner"], "abc")
    assert example.items() <= said.items()


def test_an_override_is_ended_by_its_number() -> None:
    command = OverrideSent.model_validate({"end": "2", "reason": "Over."}).command(**GIVEN)

    assert (command.kind, getattr(command, "override", "")) == ("EndOverride", "2")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": "Why."},
        {"gate": "production", "reason": "Why."},
        {"hours": 4, "reason": "Why."},
        {"gate": "production", "hours": 4},
        {"gate": "production", "hours": 4, "reason": "  "},
        {"gate": "production", "hours": 0, "reason": "Why."},
        {"gate": "production", "hours": 24 * 90 + 1, "reason": "Why."},
        {"end": "1", "gate": "production", "hours": 4, "reason": "Why."},
        {"end": "1", "hours": 4},
    ],
)
def test_an_override_that_is_neither_opened_nor_ended_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"override|give|hours"):
        OverrideSent.model_validate(body)


@in_session
@pytest.mark.parametrize("name", ABOUT_VERSIONS)
async def test_what_is_asked_of_a_version_reaches_its_rules(house: House, name: str) -> None:
    model = await house.describe()
    assert (await house.register(model, "rc/1")).status_code == 201
    ben = await house.key("owner", person="ben")

    answer = await house.post(
        f"/v1/models/{model}/versions/rc%2F1/{name}", key=ben, json=ABOUT_VERSIONS[name][1]
    )

    assert answer.status_code in {200, 403, 404, 409, 422}, answer.text
    if answer.status_code != 200:
        assert answer.headers["content-type"] == PROBLEM
        assert answer.json()["type"] not in {
            f"urn:undersigned:{kind}" for kind in ("not-found", "invalid-request", "unreadable")
        }


@in_session
@pytest.mark.parametrize("name", ABOUT_SIGNOFFS)
async def test_what_is_asked_of_a_signoff_that_nobody_asked_is_refused_by_the_rules(
    house: House, name: str
) -> None:
    model = await house.describe()
    assert (await house.register(model, "rc/1")).status_code == 201
    ben = await house.key("owner", person="ben")
    id_ = quote(f"{model}:rc%2F1:validate:1:validator", safe="")

    answer = await house.post(f"/v1/signoffs/{id_}/{name}", key=ben, json=ABOUT_SIGNOFFS[name][1])

    assert answer.status_code in {403, 404, 409, 422}, answer.text
    assert answer.json()["type"] not in {
        f"urn:undersigned:{kind}" for kind in ("not-found", "invalid-request", "unreadable")
    }


@in_session
async def test_nobody_asks_about_a_version_that_they_do_not_see(house: House) -> None:
    model = await house.describe()
    assert (await house.register(model)).status_code == 201
    stranger = await house.key("owner", person="cho", models=("*",))
    elsewhere = await house.pipeline("other-*")

    for key in (stranger, elsewhere):
        answer = await house.post(
            f"/v1/models/{model}/versions/1/findings", key=key, json=examples.FINDING
        )
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:undersigned:forbidden")


@in_session
async def test_another_body_under_the_same_idempotency_key_is_refused(house: House) -> None:
    model = await house.describe()
    assert (await house.register(model)).status_code == 201
    ben = await house.key("owner", person="ben")
    headers = {"idempotency-key": "ask-once"}
    path = f"/v1/models/{model}/versions/1/withdrawals"

    first = await house.post(path, key=ben, json={"reason": "One."}, headers=headers)
    other = await house.post(path, key=ben, json={"reason": "Two."}, headers=headers)

    assert first.status_code != 503
    assert other.json()["type"] == "urn:undersigned:idempotency-key-reused"


@in_session
async def test_an_owner_key_of_nobody_asks_nothing_about_a_signoff(front: House) -> None:
    key = await front.key("owner")

    answer = await front.post("/v1/signoffs/m:1:s:1:r/acknowledgements", key=key)

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:undersigned:forbidden")
