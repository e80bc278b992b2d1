from collections.abc import Iterator
from typing import Any

import pytest

from api.bodies import validated
from api.schemas_accounts import AccountSent
from api.schemas_events import CloudEvent
from api.schemas_keys import NewKey
from api.schemas_people import AwaySent, OfferSent
from api.schemas_verbs import MigrationSent
from api.schemas_versions import DecisionSent, NewVersion, ReviewRequest
from integrations.documents import Document
from lifecycle.definition import Lifecycle
from lifecycle.roster import GroupFile, ModelFile, PersonFile, RotationFile
from tests.api.house import House
from tests.api.test_verbs import ABOUT_SIGNOFFS, ABOUT_VERSIONS

WANTED = {
    "/v1/lifecycles": {"get"},
    "/v1/lifecycles/{name}": {"put", "get"},
    "/v1/people": {"get"},
    "/v1/people/{person}": {"put", "get"},
    "/v1/models": {"get"},
    "/v1/groups": {"get"},
    "/v1/groups/{group}": {"put", "get"},
    "/v1/rotations": {"get"},
    "/v1/rotations/{rotation}": {"put", "get"},
    "/v1/owners": {"get"},
    "/v1/undelivered": {"get"},
    "/v1/people/{person}/away": {"put", "get"},
    "/v1/models/{model}/handovers": {"post", "get"},
    "/v1/models/{model}/handovers/{number}/acceptances": {"post"},
    "/v1/models/{model}/handovers/{number}/declines": {"post"},
    "/v1/models/{model}/handovers/{number}/withdrawals": {"post"},
    "/v1/models/{model}": {"put", "get"},
    "/v1/models/{model}/versions": {"post", "get"},
    "/v1/models/{model}/versions/{version}": {"get"},
    "/v1/models/{model}/versions/{version}/requests": {"post"},
    "/v1/models/{model}/versions/{version}/facts": {"get"},
    "/v1/models/{model}/facts": {"get"},
    "/v1/events": {"post"},
    "/v1/events/{event_id}": {"get"},
    "/v1/signoffs": {"get"},
    "/v1/signoffs/{signoff_id}": {"get"},
    **{f"/v1/signoffs/{{signoff_id}}/{verb}": {"post"} for verb in ("decisions", *ABOUT_SIGNOFFS)},
    **{f"/v1/models/{{model}}/versions/{{version}}/{verb}": {"post"} for verb in ABOUT_VERSIONS},
    "/v1/models/{model}/versions/{version}/migrations": {"post"},
    "/v1/waiting": {"get"},
    "/v1/overrides": {"get"},
    "/v1/gate": {"get"},
    "/v1/slack/accounts": {"get"},
    "/v1/people/@me/slack-codes": {"post"},
    "/v1/people/{person}/slack/{team}/{user}": {"put", "delete"},
    "/v1/keys": {"post", "get"},
    "/v1/keys/{key_id}": {"delete"},
    "/v1/slack/links": {"post"},
    "/v1/slack/workspaces": {"get"},
    "/v1/slack/workspaces/{workspace}": {"delete"},
    "/v1/slack/workspaces/{workspace}/check": {"get"},
    "/v1/slack/workspaces/{workspace}/facts": {"get"},
    "/healthz": {"get"},
    "/readyz": {"get"},
    "/metrics": {"get"},
}

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def schema_of(front: House) -> dict[str, Any]:
    answer = await front.http.get("/openapi.json")
    assert answer.status_code == 200
    schema: dict[str, Any] = answer.json()
    return schema


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


async def test_every_path_of_the_contract_is_described(front: House) -> None:
    paths = (await schema_of(front))["paths"]
    for path, methods in WANTED.items():
        assert methods <= set(paths[path]), path


async def test_every_operation_has_a_summary_errors_and_an_example(front: House) -> None:
    for name, operation in operations(await schema_of(front)):
        assert operation["summary"], name
        if "/v1/" not in name:
            continue
        assert {"401", "403", "422"} <= set(operation["responses"]), name
        for status, response in operation["responses"].items():
            if status >= "400":
                content = response["content"]["application/problem+json"]
                assert content["schema"]["$ref"].endswith("/ProblemDocument"), name
            elif status != "204":
                assert "example" in response["content"]["application/json"], name
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert "example" in content, name


async def test_metrics_name_routes_by_their_templates(front: House) -> None:
    await front.get("/v1/models/unknown/versions/1")
    metrics = (await front.http.get("/metrics")).text
    route = 'route="/v1/models/{model}/versions/{version:path}"'
    assert f'undersigned_requests_total{{method="GET",{route},status="404"}}' in metrics
    assert "models/unknown" not in metrics


async def test_every_reference_leads_somewhere(front: House) -> None:
    schema = await schema_of(front)
    known = {f"#/components/schemas/{name}" for name in schema["components"]["schemas"]}
    assert set(references(schema)) <= known


@pytest.mark.parametrize(
    ("model", "path", "method"),
    [
        (Lifecycle, "/v1/lifecycles/{name}", "put"),
        (PersonFile, "/v1/people/{person}", "put"),
        (ModelFile, "/v1/models/{model}", "put"),
        (GroupFile, "/v1/groups/{group}", "put"),
        (RotationFile, "/v1/rotations/{rotation}", "put"),
        (AwaySent, "/v1/people/{person}/away", "put"),
        (OfferSent, "/v1/models/{model}/handovers", "post"),
        (NewVersion, "/v1/models/{model}/versions", "post"),
        (DecisionSent, "/v1/signoffs/{signoff_id}/decisions", "post"),
        (ReviewRequest, "/v1/models/{model}/versions/{version}/requests", "post"),
        *(
            (body, f"/v1/signoffs/{{signoff_id}}/{verb}", "post")
            for verb, (body, _, _) in ABOUT_SIGNOFFS.items()
        ),
        *(
            (body, f"/v1/models/{{model}}/versions/{{version}}/{verb}", "post")
            for verb, (body, _, _) in ABOUT_VERSIONS.items()
        ),
        (MigrationSent, "/v1/models/{model}/versions/{version}/migrations", "post"),
        (NewKey, "/v1/keys", "post"),
        (AccountSent, "/v1/people/{person}/slack/{team}/{user}", "put"),
    ],
)
async def test_the_examples_of_bodies_are_accepted(
    front: House, model: Any, path: str, method: str
) -> None:
    schema = await schema_of(front)
    content = schema["paths"][path][method]["requestBody"]["content"]["application/json"]
    assert validated(model, Document("example", content["example"]))


async def test_the_example_of_an_event_is_accepted(front: House) -> None:
    schema = await schema_of(front)
    content = schema["paths"]["/v1/events"]["post"]["requestBody"]["content"]
    assert CloudEvent.model_validate(content["application/cloudevents+json"]["example"])
