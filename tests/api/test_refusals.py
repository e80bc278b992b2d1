"""What the rules refuse has a status that fits, and a line in the reference."""

import re
from pathlib import Path

import pytest

from api.refusals import refusal
from lifecycle.commands import Refused

ROOT = Path(__file__).parents[2]
CODE = re.compile(r'(?:Refused\(\s*|code=)"([a-z-]+)"')


def codes() -> list[str]:
    """Give every code with which the rules refuse, as the sources write them."""
    parts = ("lifecycle", "workflows", "api")
    sources = [path for part in parts for path in sorted((ROOT / part).rglob("*.py"))]
    found = {code for source in sources for code in CODE.findall(source.read_text("utf-8"))}
    return sorted(found - {"refused"})


@pytest.mark.parametrize("code", codes())
def test_every_code_of_the_rules_is_in_the_reference_under_its_status(code: str) -> None:
    status = refusal(Refused(code, "No.")).status
    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    lines = [line for line in text.splitlines() if re.match(r"\| [45][0-9]{2} \|", line)]
    listed = [line for line in lines if f"`{code}`" in line]
    assert [line.split(" ")[1] for line in listed] == [str(status)]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("own-deed", 403),
        ("signed-later-stage", 403),
        ("may-not-clear", 403),
        ("may-not-release", 403),
        ("not-the-giver", 403),
        ("not-the-receiver", 403),
        ("handed-to-oneself", 403),
        ("already-registered", 409),
        ("already-offered", 409),
        ("ledger-conflict", 409),
        ("unknown-finding", 404),
        ("unknown-override", 404),
        ("too-many-overrides", 422),
    ],
)
def test_a_refusal_has_the_status_of_what_it_says(code: str, status: int) -> None:
    assert refusal(Refused(code, "No.")).status == status
