import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from integrations.artifacts import digest_of
from tests.api.cli.answering import Answer, Server, problem
from tests.api.cli.conftest import Invoke

TOLD = Answer(200, {"recorded": True, "view": {"explanation": {"summary": "Waits for a request."}}})
BYTES = "sha256:" + "a" * 64
VERSIONS = "/v1/models/fraud-scorer/versions"
ATTACH = ("attach", "fraud-scorer", "14", "evaluation", "--file", "report.json", "--subject", BYTES)


@pytest.fixture
def report(place: Path) -> Path:
    file = place / "report.json"
    file.write_text('{"auc": 0.93}')
    return file


@pytest.fixture
def artifact(place: Path) -> Path:
    folder = place / "model"
    folder.mkdir()
    (folder / "weights.bin").write_bytes(b"weights")
    (folder / "config.json").write_bytes(b"{}")
    return folder


def outcome(status: str, **more: Any) -> Answer:
    return Answer(200, {"id": "e1", "status": status, "why": "", **more})


def test_a_digest_is_printed_alone_for_scripts(artifact: Path, invoke: Invoke) -> None:
    result = invoke("digest", "model")

    assert result.exit_code == 0
    assert result.stdout == digest_of(artifact).digest + "\n"


@pytest.mark.usefixtures("artifact")
def test_the_files_of_an_artifact_are_listed(invoke: Invoke) -> None:
    weights = hashlib.sha256(b"weights").hexdigest()

    listed = invoke("digest", "model", "--files").stdout.splitlines()
    told = json.loads(invoke("digest", "model", "--json").stdout)

    assert listed[2] == f"sha256:{weights}  weights.bin"
    assert told["digest"] == listed[0]
    assert told["size"] == 9
    assert [file["name"] for file in told["files"]] == ["config.json", "weights.bin"]


def test_an_artifact_without_files_is_refused(place: Path, invoke: Invoke) -> None:
    (place / "empty").mkdir()

    result = invoke("digest", "empty")

    assert result.exit_code == 1
    assert "holds no files" in result.stderr


def test_register_sends_the_digest_of_the_artifact(
    artifact: Path, server: Server, invoke: Invoke
) -> None:
    server.on("POST", VERSIONS, TOLD)

    result = invoke(
        "register", "fraud-scorer", "14", "--artifact", "model",
        "--producer", "git:ana", "--producer", "trainer",
    )  # fmt: skip

    assert result.exit_code == 0
    assert "Waits for a request." in result.stdout
    (sent,) = server.requests
    assert sent.body == {
        "version": "14",
        "artifacts": [
            {"name": "model", "uri": artifact.as_uri(), "digest": digest_of(artifact).digest}
        ],
        "producers": ["git:ana", "trainer"],
    }
    assert sent.headers["idempotency-key"]


@pytest.mark.usefixtures("artifact", "hasty")
def test_a_write_is_repeated_under_one_key_while_the_server_is_away(
    server: Server, invoke: Invoke
) -> None:
    server.on(
        "POST", VERSIONS,
        problem(503, "Nothing was sent."), Answer(201, {}, is_lost=True), TOLD,
    )  # fmt: skip

    result = invoke("register", "fraud-scorer", "14", "--artifact", "model")

    assert result.exit_code == 0
    assert len(server.requests) == 3
    assert len({request.headers["idempotency-key"] for request in server.requests}) == 1


@pytest.mark.usefixtures("artifact")
def test_a_refused_write_is_not_repeated(server: Server, invoke: Invoke) -> None:
    server.on("POST", VERSIONS, problem(409, "14 is registered with other artifacts."))

    result = invoke("register", "fraud-scorer", "14", "--artifact", "model")

    assert result.exit_code == 1
    assert result.stderr == "14 is registered with other artifacts.\n"
    assert len(server.requests) == 1


def test_request_names_any_version_in_its_path(server: Server, invoke: Invoke) -> None:
    paths = {
        "1/2 é?#": f"{VERSIONS}/1%2F2%20%C3%A9%3F%23/requests",
        "..": f"{VERSIONS}/%2E%2E/requests",
    }
    for version, path in paths.items():
        server.on("POST", path, TOLD)

        assert invoke("request", "fraud-scorer", version).exit_code == 0
        assert server.requests[-1].path == path


@pytest.mark.usefixtures("report")
def test_attach_sends_a_cloudevent_with_the_digest_of_the_report(
    server: Server, invoke: Invoke
) -> None:
    server.on(
        "POST",
        "/v1/events",
        Answer(202, {"items": [{"id": "e1", "status": "accepted", "why": ""}]}),
    )
    server.on("GET", "/v1/events/e1", outcome("accepted"), outcome("applied"))

    result = invoke(
        *ATTACH, "--value", '{"auc": 0.93}', "--value", '{"n": 1}', "--source", "evaluation"
    )

    assert result.exit_code == 0
    assert result.stdout == "evaluation (pass) of fraud-scorer 14 is attached.\n"
    sent = server.requests[0]
    assert sent.headers["content-type"] == "application/cloudevents+json"
    assert sent.body.pop("id")
    assert sent.body.pop("time")
    assert sent.body == {
        "specversion": "1.0",
        "source": "evaluation",
        "type": "undersigned.evidence.attached",
        "datacontenttype": "application/json",
        "data": {
            "model": "fraud-scorer",
            "version": "14",
            "name": "evaluation",
            "verdict": "pass",
            "subject": BYTES,
            "digest": "sha256:" + hashlib.sha256(b'{"auc": 0.93}').hexdigest(),
            "value": {"auc": 0.93, "n": 1},
        },
    }


@pytest.mark.usefixtures("report")
@pytest.mark.parametrize("status", ["refused", "late", "unreadable"])
def test_evidence_that_does_not_count_is_exit_code_1(
    status: str, server: Server, invoke: Invoke
) -> None:
    server.on(
        "POST",
        "/v1/events",
        Answer(202, {"items": [{"id": "e1", "status": "accepted", "why": ""}]}),
    )
    server.on("GET", "/v1/events/e1", outcome(status, why="No stage names it."))

    result = invoke(*ATTACH)

    assert result.exit_code == 1
    assert f": {status}. No stage names it." in result.stderr


@pytest.mark.usefixtures("report")
@pytest.mark.parametrize(
    ("status", "said"),
    [("unclaimed", "is kept 30 days"), ("duplicate", "before"), ("accepted", "not applied yet")],
)
def test_evidence_on_its_way_is_exit_code_0(
    status: str, said: str, server: Server, invoke: Invoke
) -> None:
    server.on(
        "POST", "/v1/events", Answer(202, {"items": [{"id": "e1", "status": status, "why": ""}]})
    )

    result = invoke(*ATTACH, "--wait", "0s")

    assert result.exit_code == 0
    assert said in result.output


@pytest.mark.usefixtures("report", "hasty")
def test_a_repeated_event_keeps_its_id(server: Server, invoke: Invoke) -> None:
    server.on(
        "POST",
        "/v1/events",
        problem(503, "Away."),
        Answer(202, {"items": [{"id": "e1", "status": "accepted", "why": ""}]}),
    )

    invoke(*ATTACH, "--wait", "0s")

    first, second = server.requests
    assert first.body == second.body


@pytest.mark.usefixtures("report")
@pytest.mark.parametrize(
    "value", ["auc=0.9", "[1]", '{"auc": NaN}', '{"a": 1, "a": 2}', '{"n": 9007199254740992}']
)
def test_a_value_that_is_no_json_object_is_wrong_usage(
    value: str, server: Server, invoke: Invoke
) -> None:
    result = invoke(*ATTACH, "--value", value)

    assert result.exit_code == 2
    assert not server.requests


@pytest.mark.usefixtures("report")
def test_a_value_given_twice_is_wrong_usage(invoke: Invoke) -> None:
    result = invoke(*ATTACH, "--value", '{"auc": 0.9}', "--value", '{"auc": 0.8}')

    assert result.exit_code == 2
    assert "auc twice" in result.stderr
