import json
from pathlib import Path

import pytest

from tests.api.cli.answering import Answer, Server, problem
from tests.api.cli.conftest import Invoke

LIFECYCLE = """\
lifecycle: tiny
roles: [validator]
stages:
  - name: validate
    signoffs:
      - {role: validator, statement: I reviewed it., quorum: 1}
    due: 5 days
gates: {production: [validate]}
"""
PEOPLE = """\
people:
  ana: {name: Ana Ruiz, email: ana@example.com}
  trainer: {machine: true, identities: ["mlflow:svc-train"]}
"""
MODEL = """\
model: fraud-scorer
lifecycle: tiny
owners: {validator: [ana]}
"""


@pytest.fixture
def files(place: Path) -> Path:
    """Write one right file of each kind; models come first in the order of names."""
    (place / "a-model.yaml").write_text(MODEL)
    (place / "b-people.yaml").write_text(PEOPLE)
    (place / "c-lifecycle.yaml").write_text(LIFECYCLE)
    return place


ALL = ("a-model.yaml", "b-people.yaml", "c-lifecycle.yaml")


@pytest.mark.usefixtures("files")
def test_right_files_are_exit_code_0_without_a_server(server: Server, invoke: Invoke) -> None:
    result = invoke("lint", *ALL)

    assert result.exit_code == 0
    assert "1 lifecycle, 2 people, 1 model, 0 errors" in result.stderr
    assert not server.requests


@pytest.mark.usefixtures("place")
def test_documents_of_one_file_are_checked_together(place: Path, invoke: Invoke) -> None:
    (place / "all.yaml").write_text("---\n".join((MODEL, PEOPLE, LIFECYCLE)))

    result = invoke("lint", "all.yaml")

    assert result.exit_code == 0
    assert "1 lifecycle, 2 people, 1 model, 0 errors" in result.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lifecycle: x\nroles: [a]\nstages: [{name: s, sings: []}]\n", "x.yaml:3:20: "),
        ("lifecycle: x\n", "x.yaml:1:1: the key `roles` is missing"),
        ("people:\n  ana: {name: Ana, mail: x}\n", "x.yaml:2:20: unknown key `mail`"),
        ("people:\n  ana: {}\n  ana: {}\n", "x.yaml:3:3: "),
        ("model: m\nlifecycle: tiny\nrisk: huge\n", "x.yaml:3:7: "),
        ("owners: {}\n", "x.yaml:1:1: this is none of the files"),
        ("- a list\n", "x.yaml:1:1: this is none of the files"),
        ("model: *alias\n", "x.yaml:1:8: aliases"),
        ("model: [\n", "x.yaml:2:1: "),
    ],
)
def test_an_error_has_file_line_and_column(
    text: str, said: str, place: Path, invoke: Invoke
) -> None:
    (place / "x.yaml").write_text(text)

    result = invoke("lint", "x.yaml")

    assert result.exit_code == 1
    assert any(line.startswith(said) for line in result.stdout.splitlines())


def test_every_wrong_file_is_told_at_once(files: Path, invoke: Invoke) -> None:
    (files / "b-people.yaml").write_text("people: []\n")
    (files / "c-lifecycle.yaml").write_text(LIFECYCLE + "colour: red\n")

    lines = invoke("lint", *ALL).stdout.splitlines()

    assert any(line.startswith("b-people.yaml:1:9: ") for line in lines)
    assert any(line.startswith("c-lifecycle.yaml:9:1: unknown key `colour`") for line in lines)


@pytest.mark.parametrize(
    ("name", "text", "place_of"),
    [
        ("lifecycle", LIFECYCLE, "1:12"),
        ("person", "people: {ana: {}}\n", "1:15"),
        ("model", MODEL, "1:8"),
    ],
)
def test_a_second_definition_of_one_name_is_an_error(
    name: str, text: str, place_of: str, files: Path, invoke: Invoke
) -> None:
    (files / "again.yaml").write_text(text)

    result = invoke("lint", *ALL, "again.yaml")

    assert result.exit_code == 1
    assert f"again.yaml:{place_of}: " in result.stdout, name
    assert "is defined twice, the first time in " in result.stdout


def test_a_lifecycle_that_can_not_finish_is_an_error_at_its_place(
    files: Path, invoke: Invoke
) -> None:
    (files / "c-lifecycle.yaml").write_text(LIFECYCLE.replace("[validate]", "[release]"))

    result = invoke("lint", *ALL)

    assert result.exit_code == 1
    assert "c-lifecycle.yaml:8:" in result.stdout
    assert "release" in result.stdout


def test_a_model_whose_owners_nobody_knows_is_an_error_at_its_place(
    files: Path, invoke: Invoke
) -> None:
    (files / "a-model.yaml").write_text(MODEL.replace("[ana]", "[nobody]"))

    result = invoke("lint", *ALL)

    assert result.exit_code == 1
    assert "a-model.yaml:3:" in result.stdout
    assert "nobody" in result.stdout


@pytest.mark.usefixtures("files")
def test_warnings_alone_are_exit_code_0(invoke: Invoke) -> None:
    result = invoke("lint", "a-model.yaml", "--json")

    assert result.exit_code == 0
    (remark,) = json.loads(result.stdout)["items"]
    assert remark["severity"] == "warning"
    assert remark["where"] == "a-model.yaml:2:12"


@pytest.mark.usefixtures("files")
def test_owners_are_not_checked_without_a_people_file(invoke: Invoke) -> None:
    result = invoke("lint", "a-model.yaml", "c-lifecycle.yaml")

    assert result.exit_code == 0
    assert result.stdout == (
        "a-model.yaml:3:9: warning: not all owners are among these files, so they aren't checked\n"
    )


def test_a_zone_that_does_not_exist_is_an_error(files: Path, invoke: Invoke) -> None:
    (files / "c-lifecycle.yaml").write_text(LIFECYCLE + "calendar: {zone: Europe/Atlantis}\n")

    result = invoke("lint", *ALL)

    assert result.exit_code == 1
    assert "c-lifecycle.yaml:9:" in result.stdout
    assert "Europe/Atlantis" in result.stdout


def uploads(server: Server) -> None:
    server.on("PUT", "/v1/lifecycles/tiny", Answer(200, {"digest": "sha256:1", "warnings": []}))
    server.on("PUT", "/v1/people/ana", Answer(200, {"id": "ana", "changed": False}))
    server.on("PUT", "/v1/people/trainer", Answer(200, {"id": "trainer", "changed": True}))
    server.on("PUT", "/v1/models/fraud-scorer", Answer(200, {"changed": True, "warnings": []}))


@pytest.mark.usefixtures("files")
def test_apply_uploads_lifecycles_then_people_then_models(server: Server, invoke: Invoke) -> None:
    uploads(server)

    result = invoke("apply", *ALL)

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "lifecycles/tiny  sha256:1",
        "people/ana  unchanged",
        "people/trainer",
        "models/fraud-scorer",
    ]
    bodies = [request.body for request in server.requests]
    assert bodies[0]["stages"][0]["signoffs"][0]["quorum"] == 1
    assert bodies[1:3] == [
        {"name": "Ana Ruiz", "email": "ana@example.com"},
        {"machine": True, "identities": ["mlflow:svc-train"]},
    ]
    assert bodies[3] == {
        "model": "fraud-scorer",
        "lifecycle": "tiny",
        "owners": {"validator": ["ana"]},
    }


def test_apply_leaves_owners_whom_the_server_may_know_to_the_server(
    files: Path, server: Server, invoke: Invoke
) -> None:
    uploads(server)
    (files / "a-model.yaml").write_text(MODEL.replace("[ana]", "[ben]"))

    result = invoke("apply", *ALL)

    assert result.exit_code == 0
    assert "warning: not all owners are among these files" in result.stderr
    assert server.requests[-1].path == "/v1/models/fraud-scorer"


def test_nothing_is_uploaded_when_one_file_is_wrong(
    files: Path, server: Server, invoke: Invoke
) -> None:
    uploads(server)
    (files / "a-model.yaml").write_text(MODEL + "colour: red\n")

    result = invoke("apply", *ALL)

    assert result.exit_code == 1
    assert result.stderr.splitlines()[0].startswith("a-model.yaml:4:1: unknown key `colour`")
    assert result.stderr.splitlines()[-1] == "Nothing was uploaded."
    assert not server.requests


@pytest.mark.usefixtures("files")
def test_an_upload_that_is_refused_says_which_and_what_went_before(
    server: Server, invoke: Invoke
) -> None:
    uploads(server)
    server.on("PUT", "/v1/people/trainer", problem(409, "mlflow:svc-train is ben's."))

    result = invoke("apply", *ALL)

    assert result.exit_code == 1
    assert "people/trainer: mlflow:svc-train is ben's." in result.stderr
    assert result.stdout.splitlines()[-1] == "people/ana  unchanged"
    assert len(server.requests) == 3


@pytest.mark.usefixtures("files")
def test_a_warning_of_the_server_is_passed_on(server: Server, invoke: Invoke) -> None:
    uploads(server)
    warned = {"path": "owners", "line": None, "column": None, "message": "ana has no manager"}
    server.on(
        "PUT", "/v1/models/fraud-scorer", Answer(200, {"changed": True, "warnings": [warned]})
    )

    result = invoke("apply", *ALL)

    assert result.exit_code == 0
    assert "models/fraud-scorer: warning: ana has no manager" in result.stderr


CREWS = """\
people:
  ana: {name: Ana Ruiz, zone: Europe/Madrid}
  ben: {away: [{from: "2026-08-03T00:00:00Z", until: "2026-08-24T00:00:00Z", delegate: ana}]}
groups:
  risk: {members: [ana, ben]}
rotations:
  oncall:
    people: [ana, ben]
    zone: Europe/Paris
    starts: 2026-01-05T09:00
"""
BASE = "model: base\nlifecycle: tiny\nowners: {validator: [ana]}\n"
BUILT = """\
model: built
lifecycle: tiny
owners: {validator: ["group:risk", "rotation:oncall"]}
built_on: [base]
"""


def test_groups_and_rotations_are_uploaded_between_people_and_models(
    place: Path, server: Server, invoke: Invoke
) -> None:
    (place / "all.yaml").write_text("---\n".join((BUILT, BASE, CREWS, LIFECYCLE)))
    paths = (
        "lifecycles/tiny", "people/ana", "people/ben", "groups/risk", "rotations/oncall",
        "models/base", "models/built",
    )  # fmt: skip
    for path in paths:
        server.on("PUT", f"/v1/{path}", Answer(200, {}))

    result = invoke("apply", "all.yaml")

    assert result.exit_code == 0, result.stderr
    assert [one.path for one in server.requests] == [f"/v1/{path}" for path in paths]
    assert server.requests[3].body == {"members": ["ana", "ben"]}
    assert server.requests[4].body["starts"] == "2026-01-05T09:00:00"
    lint = invoke("lint", "all.yaml")
    assert "1 lifecycle, 2 people, 1 group, 1 rotation, 2 models, 0 errors" in lint.stderr


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("Europe/Madrid", "Mars/Base", "all.yaml:2:31: zone 'Mars/Base' is not known"),
        ("Europe/Paris", "Mars/Base", "all.yaml:9:11: zone 'Mars/Base' is not known"),
        ("[ana, ben]}", "[ana, zoe]}", "all.yaml:5:25: zoe is nobody known"),
        ("delegate: ana", "delegate: ben", "ben can't stand in for themselves"),
        ("members:", "member:", "all.yaml:5:10: unknown key `member`"),
        ("2026-01-05T09:00", "yesterday", "all.yaml:10:13: "),
    ],
)
def test_an_error_in_a_group_or_rotation_has_its_place(
    before: str, after: str, said: str, place: Path, invoke: Invoke
) -> None:
    (place / "all.yaml").write_text(CREWS.replace(before, after))
    result = invoke("lint", "all.yaml")
    assert result.exit_code == 1
    assert said in result.stdout
