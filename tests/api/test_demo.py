import subprocess
import sys

import pytest

from api.demo import main, story
from api.demo.setting import Setting

DEMO = "from api.cli.main import main; main()"


def test_the_demo_holds_from_the_first_step_to_the_last() -> None:
    told = subprocess.run(
        [sys.executable, "-c", DEMO, "demo"],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert told.returncode == 0, told.stdout + told.stderr
    for number, (title, _) in enumerate(story.STORY, 1):
        assert f"{number}. {title}" in told.stdout
    assert "Every step held" in told.stdout


def test_a_step_that_does_not_hold_ends_the_demo_with_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def impossible(demo: Setting, _: story.Tell) -> None:
        answer = await demo.call("GET", "/readyz")
        story.check(answer["status"] == "elsewhere", f"it is {answer['status']}")

    monkeypatch.setattr(main, "STORY", (("Something impossible", impossible),))

    assert main.run_demo() == 1
    said = capsys.readouterr().out
    assert "did not hold (step impossible): it is ready" in " ".join(said.split())
