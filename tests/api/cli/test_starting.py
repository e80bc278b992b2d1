from pathlib import Path

import pytest

from integrations.templates import NAMES
from tests.api.cli.answering import Answer, Server
from tests.api.cli.conftest import Invoke

FILES = ("lifecycle.yaml", "people.yaml", "model.yaml")


@pytest.mark.parametrize("name", NAMES)
def test_init_writes_a_set_that_lint_has_nothing_to_say_about(
    name: str, place: Path, invoke: Invoke
) -> None:
    result = invoke("init", name, "--dir", "start")

    assert result.exit_code == 0
    written = [str(Path("start") / file) for file in FILES]
    assert result.stdout.splitlines() == written
    assert "undersigned apply" in result.stderr
    checked = invoke("lint", *written)
    assert (checked.exit_code, checked.stdout) == (0, "")
    assert (place / "start" / "lifecycle.yaml").read_text().startswith("# ")


@pytest.mark.usefixtures("place")
def test_init_without_a_name_starts_with_classic_ml(invoke: Invoke) -> None:
    assert invoke("init").exit_code == 0
    assert "\nlifecycle: classic-ml\n" in Path("lifecycle.yaml").read_text()


def test_init_lists_the_templates_with_a_line_each(invoke: Invoke, place: Path) -> None:
    lines = invoke("init", "--list").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(NAMES)
    assert all(len(line.split()) > 5 for line in lines[1:])
    assert list(place.iterdir()) == []


def test_init_overwrites_nothing_unless_it_is_forced(place: Path, invoke: Invoke) -> None:
    (place / "model.yaml").write_text("mine")

    refused = invoke("init")

    assert refused.exit_code == 1
    assert "model.yaml exists already and nothing was written" in refused.stderr
    assert (place / "model.yaml").read_text() == "mine"
    assert not (place / "lifecycle.yaml").exists()
    assert invoke("init", "--force").exit_code == 0
    assert (place / "model.yaml").read_text() != "mine"


@pytest.mark.usefixtures("place")
def test_init_knows_its_templates(invoke: Invoke) -> None:
    result = invoke("init", "classic")
    assert result.exit_code == 2
    assert "There is no template classic; choose from classic-ml, " in result.stderr


OWN = """\
lifecycle: ours
extends: classic-ml
stages:
  - name: data
    due: 4 business days
"""


def test_a_lifecycle_that_extends_a_template_is_uploaded_whole(
    place: Path, server: Server, invoke: Invoke
) -> None:
    (place / "x.yaml").write_text(OWN)
    server.on("PUT", "/v1/lifecycles/ours", Answer(200, {"digest": "sha256:1", "warnings": []}))

    result = invoke("apply", "x.yaml")

    assert result.exit_code == 0, result.stderr
    assert "ours extends classic-ml sha256:" in result.stderr
    (request,) = server.requests
    assert request.body["lifecycle"] == "ours"
    assert "extends" not in request.body
    first = request.body["stages"][0]
    assert (first["name"], first["due"]) == ("data", "4 business days")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OWN.replace("due: 4 business days", "dew: 4 days"),
         "x.yaml:5:5: unknown key `dew`; did you mean `due`?"),
        (OWN.replace("4 business days", "400 days"),
         "x.yaml:5:10: Owners have 400 days, longer than the "),
        (OWN + "  - {name: extra, before: nowhere}\n",
         "x.yaml:6:27: there is no stage nowhere to place extra at"),
        (OWN.replace("classic-ml", "classic"), "x.yaml:2:10: there is no `classic` to extend; "),
        (OWN.replace("classic-ml", "[classic-ml, clasic]"), "x.yaml:2:23: there is no `clasic` to"),
        (OWN.replace("classic-ml", "[]"), "x.yaml:2:10: `extends` names nothing"),
        (OWN.replace("classic-ml", "{a: b}"), "x.yaml:2:10: `extends` names a template or "),
        (OWN.replace("classic-ml", "eu-ai-act-high-risk"),
         "x.yaml:2:10: eu-ai-act-high-risk is an overlay and needs a lifecycle below it; "),
        ("overlay: o\nextends: classic-ml\n", "x.yaml:1:10: an overlay extends nothing itself"),
        ("overlay: 7\n", "x.yaml:1:10: an overlay has a name, as `overlay: our-rules`"),
    ],
)  # fmt: skip
def test_what_an_overlay_gets_wrong_is_shown_at_its_place(
    text: str, said: str, place: Path, invoke: Invoke
) -> None:
    (place / "x.yaml").write_text(text)
    result = invoke("lint", "x.yaml")
    assert result.exit_code == 1
    assert any(line.startswith(said) for line in result.stdout.splitlines()), result.stdout


def test_what_comes_from_below_names_the_document_it_comes_from(
    place: Path, invoke: Invoke
) -> None:
    (place / "x.yaml").write_text(OWN + "roles: [{name: security, remove: true}]\n")
    lines = invoke("lint", "x.yaml").stdout.splitlines()
    assert any(
        line.startswith("x.yaml:2:1: There is no role security")
        and line.endswith("(from classic-ml)")
        for line in lines
    ), lines


def test_files_of_one_call_extend_each_other(place: Path, invoke: Invoke) -> None:
    (place / "house.yaml").write_text("overlay: house\nroles: [dpo]\ngates: {production: [data]}\n")
    (place / "base.yaml").write_text(OWN)
    (place / "top.yaml").write_text("lifecycle: top\nextends: [ours, house]\n")
    result = invoke("lint", "top.yaml", "house.yaml", "base.yaml")
    assert result.exit_code == 0, result.stdout
    assert "2 lifecycles" in result.stderr
    for base in ("classic-ml", "ours", "house"):
        assert f"top extends {base} sha256:" in result.stderr


def test_a_lifecycle_may_have_the_name_of_the_template_that_it_extends(
    place: Path, invoke: Invoke
) -> None:
    (place / "x.yaml").write_text(OWN.replace("ours", "classic-ml"))
    assert invoke("lint", "x.yaml").exit_code == 0


def test_documents_that_extend_each_other_in_a_circle_are_refused(
    place: Path, invoke: Invoke
) -> None:
    (place / "x.yaml").write_text("lifecycle: a\nextends: b\n---\nlifecycle: b\nextends: a\n")
    result = invoke("lint", "x.yaml")
    assert result.exit_code == 1
    assert "these extend each other in a circle: a → b → a" in result.stdout


@pytest.mark.parametrize("page", ["lifecycle-reference.md", "templates.md"])
def test_the_example_of_the_documentation_passes(page: str, place: Path, invoke: Invoke) -> None:
    text = (Path(__file__).parents[3] / "docs" / page).read_text()
    example = next(part for part in text.split("```yaml\n")[1:] if "\nextends: " in part)
    (place / "x.yaml").write_text(example.partition("```")[0])
    result = invoke("lint", "x.yaml")
    assert (result.exit_code, result.stdout) == (0, "")
