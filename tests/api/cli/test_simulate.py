import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lifecycle.facts import fact_json
from tests.api.cli.answering import Answer, Server
from tests.api.cli.conftest import Invoke
from tests.lifecycle.definitions import CLASSIC, MODEL, classic
from tests.lifecycle.world import World

PAGE = {"next": None, "as_of": "2026-03-02T09:00:00Z"}


@pytest.fixture
def changed(place: Path) -> Path:
    """Write the classic lifecycle with security asked at every risk."""
    data, validate, release = CLASSIC["stages"]
    everyone = [{k: v for k, v in s.items() if k != "when"} for s in validate["signoffs"]]
    stages = [data, {**validate, "signoffs": everyone}, release]
    file = place / "changed.yaml"
    file.write_text(json.dumps({**CLASSIC, "trust": {"valid_for": "180 days"}, "stages": stages}))
    return file


def recorded() -> list[dict[str, Any]]:
    world = World(classic())
    world.wait(timedelta(hours=1))
    world.approve_classic()
    return [{"seq": n, "fact": fact_json(fact)} for n, fact in enumerate(world.facts, start=1)]


def test_versions_on_record_are_lived_again(server: Server, invoke: Invoke, changed: Path) -> None:
    server.on("GET", "/v1/models", Answer(200, {"items": [{"model": MODEL}], **PAGE}))
    server.on(
        "GET", f"/v1/models/{MODEL}/versions", Answer(200, {"items": [{"version": "14"}], **PAGE})
    )
    server.on(
        "GET", f"/v1/models/{MODEL}/versions/14/facts", Answer(200, {"items": recorded(), **PAGE})
    )

    result = invoke("simulate", changed.name)

    assert result.exit_code == 0
    assert "1 versions on record" in result.stdout
    assert "Asked more often:" in result.stdout
    assert "dee" in result.stdout
    assert all(request.method == "GET" for request in server.requests)


def test_without_a_record_a_year_is_drawn_and_compared(
    server: Server, invoke: Invoke, changed: Path
) -> None:
    server.on("GET", "/v1/models", Answer(200, {"items": [], **PAGE}))
    (changed.parent / "old.yaml").write_text(json.dumps(CLASSIC))

    result = invoke("simulate", changed.name, "--against", "old.yaml", "--versions", "20", "--json")

    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["after"]["versions"] == report["before"]["versions"] == 20
    assert "drawn with seed 1" in report["source"]


def test_a_drawn_year_needs_no_server(invoke: Invoke, changed: Path) -> None:
    result = invoke("simulate", changed.name, "--random", "--versions", "5", "--seed", "7")

    assert result.exit_code == 0
    assert "A year of 5 versions drawn with seed 7." in result.stdout
    assert "time to approval, p90" in result.stdout


def test_a_wrong_file_is_refused_with_its_line(invoke: Invoke, changed: Path) -> None:
    changed.write_text("lifecycle: x\nroles: [a]\nstages: 3\n")

    result = invoke("simulate", changed.name, "--random")

    assert result.exit_code == 1
    assert "changed.yaml:3" in result.stderr
    assert "Nothing was simulated" in result.stderr


def test_a_file_without_a_lifecycle_is_a_usage_error(invoke: Invoke, place: Path) -> None:
    (place / "people.yaml").write_text("people:\n  ana: {name: Ana Ruiz}\n")

    result = invoke("simulate", "people.yaml", "--random")

    assert result.exit_code == 2
    assert "name one" in result.stderr
