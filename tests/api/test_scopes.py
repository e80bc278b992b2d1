"""Who is let in, by key and scope."""

import pytest

from tests.api.house import PROBLEM, House

SIGNOFF_VERBS = ("withdrawals", "delegations", "acknowledgements", "snoozes", "questions")
VERSION_VERBS = (
    "withdrawals", "overrides", "releases", "findings", "resolutions", "acceptances",
    "conditions", "answers", "migrations",
)  # fmt: skip
FOR_PIPELINES = {"withdrawals", "findings", "answers"}

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic abc",
        "Bearer",
        "Bearer nonsense",
        "Bearer und_abc_short",
        "Bearer und_0123456789ab_" + "x" * 43,
        "Bearer und_\u00e9\u00e9_" + "x" * 43,
    ],
)
async def test_a_request_without_a_live_key_is_401_and_says_what_to_send(
    front: House, header: str | None
) -> None:
    headers = {} if header is None else {b"authorization": header.encode("latin-1")}
    answer = await front.http.get("/v1/models", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == PROBLEM
    assert answer.headers["www-authenticate"].startswith("Bearer")
    problem = answer.json()
    assert problem["type"] == "urn:undersigned:unauthenticated"
    assert "Authorization: Bearer und_" in problem["detail"]


@pytest.mark.parametrize(
    ("scopes", "method", "path"),
    [
        (("auditor",), "PUT", "/v1/lifecycles/small"),
        (("manager",), "PUT", "/v1/lifecycles/small"),
        (("auditor",), "PUT", "/v1/models/fraud"),
        (("auditor",), "PUT", "/v1/people/ana"),
        (("auditor",), "PUT", "/v1/groups/risk"),
        (("owner",), "PUT", "/v1/rotations/oncall"),
        (("pipeline",), "GET", "/v1/groups"),
        (("owner",), "GET", "/v1/owners"),
        (("owner",), "GET", "/v1/undelivered"),
        (("manager",), "PUT", "/v1/people/ana/away"),
        (("pipeline",), "GET", "/v1/people/ana/away"),
        (("auditor",), "POST", "/v1/models/fraud/handovers"),
        (("manager",), "POST", "/v1/models/fraud/handovers/1/acceptances"),
        (("pipeline",), "GET", "/v1/models/fraud/handovers"),
        (("auditor",), "POST", "/v1/keys"),
        (("manager",), "GET", "/v1/keys"),
        (("manager",), "POST", "/v1/slack/links"),
        (("auditor",), "POST", "/v1/slack/links"),
        (("auditor",), "DELETE", "/v1/slack/workspaces/T1"),
        (("manager",), "GET", "/v1/slack/workspaces"),
        (("auditor",), "GET", "/v1/slack/workspaces/T1/check"),
        (("owner",), "GET", "/v1/slack/workspaces/T1/facts"),
        (("auditor",), "POST", "/v1/models/fraud/versions"),
        (("auditor",), "POST", "/v1/models/fraud/versions/1/requests"),
        (("admin",), "POST", "/v1/events"),
        (("admin",), "POST", "/v1/signoffs/fraud:1:validate:1:validator/decisions"),
        *(
            ((scope,), "POST", f"/v1/signoffs/fraud:1:validate:1:validator/{verb}")
            for scope in ("admin", "manager", "auditor", "pipeline", "gate")
            for verb in SIGNOFF_VERBS
        ),
        *(
            ((scope,), "POST", f"/v1/models/fraud/versions/1/{verb}")
            for scope in ("auditor", "gate")
            for verb in VERSION_VERBS
        ),
        *(
            (("pipeline",), "POST", f"/v1/models/fraud/versions/1/{verb}")
            for verb in VERSION_VERBS
            if verb not in FOR_PIPELINES
        ),
        (("owner",), "POST", "/v1/models/fraud/versions/1/migrations"),
        (("gate",), "GET", "/v1/models"),
        (("gate",), "GET", "/v1/signoffs"),
        (("pipeline",), "GET", "/v1/people"),
        (("owner",), "GET", "/v1/people"),
        (("pipeline",), "GET", "/v1/waiting?by=owner"),
        (("pipeline",), "GET", "/v1/signoffs?owner=ana"),
        (("pipeline",), "GET", "/v1/overrides"),
        (("pipeline",), "GET", "/v1/models/fraud/facts"),
    ],
)
async def test_a_key_of_the_wrong_scope_is_403(
    front: House, scopes: tuple[str, ...], method: str, path: str
) -> None:
    key = await front.key(*scopes)
    answer = await front.call(method, path, key=key)
    assert answer.status_code == 403, answer.text
    assert answer.headers["content-type"] == PROBLEM


async def test_an_owner_key_that_belongs_to_nobody_decides_nothing(front: House) -> None:
    key = await front.key("owner")
    body = {"decision": "approve", "revision": "r"}
    answer = await front.post("/v1/signoffs/m:1:s:1:r/decisions", key=key, json=body)
    assert answer.status_code == 403
    assert "belongs to nobody" in answer.json()["detail"]
