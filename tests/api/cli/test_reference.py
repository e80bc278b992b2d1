"""Every YAML example of the reference of lifecycle, people and model files is one that works."""

import re
from pathlib import Path
from textwrap import indent

import pytest

from api.cli.documents import read_documents

REFERENCE = Path(__file__).parents[3] / "docs" / "lifecycle-reference.md"
EXAMPLES = [
    part.partition("```")[0] for part in REFERENCE.read_text("utf-8").split("```yaml\n")[1:]
]
AROUND = """
lifecycle: around
roles: [data_steward, validator, security, business_owner, ciso, risk, ethics, platform]
calendar: {zone: Europe/Paris}
evidence: {datasheet: {}, evaluation: {}, vuln_scan: {}}
escalations:
  standard: [{after: 100%, tell: ciso}]
stages:
  - name: data
    evidence: [datasheet]
    signoffs: [{role: data_steward, statement: I confirm the lineage.}]
    due: 3 days
  - name: validate
    evidence: [evaluation, vuln_scan]
    signoffs:
      - {role: validator, statement: I reviewed it.}
      - {role: security, when: model.risk == "high", statement: I accept the risk.}
    due: 5 days
    escalate: standard
  - name: release
    signoffs: [{role: business_owner, statement: I own the outcome.}]
    due: 2 days
gates: {production: [release]}
---
"""
"""The lifecycle of which an example is a part, and over which it is laid."""
MANAGERS = {"ana": "dee", "ben": "dee", "cho": "eve", "dee": "fay", "eve": "fay", "fay": ""}
GROUPS = "groups:\n  risk-team: {members: [dee, eve]}\n"
ROTATIONS = """rotations:
  ml-oncall: {people: [ana, ben], zone: Europe/Paris, starts: 2026-01-05T09:00}
"""
OWNED = "  data_steward: [ana]\n  security: [dee]\n  ciso: [fay]\n"
OF_A_PART = re.compile(r"Nothing escalates by|No gate needs|\(from around\)")
"""What is said of a part because the rest is not in it, or of what it is laid over."""


def whole(example: str) -> str:
    """Complete an example to documents that can be checked."""
    keys = set(re.findall(r"^([a-z_]+):", example, re.MULTILINE))
    if "extends" in keys:
        return example
    if "model" in keys:
        return f"lifecycle: classic-ml\nextends: classic-ml\n---\n{company('')}---\n{example}"
    if "owners" in keys:
        model = f"model: fraud-scorer\nlifecycle: around\n{example}{OWNED}"
        return f"{AROUND}{company('')}---\n{model}"
    if keys & {"people", "groups", "rotations"}:
        return company(example)
    if "signoffs" in keys:
        example = "stages:\n  - name: validate\n" + indent(example, "    ")
    name = "" if "lifecycle" in keys else "lifecycle: example\n"
    return f"{AROUND}extends: around\n{name}{example}"


def company(example: str) -> str:
    """Give everybody, with what an example says of some of them in place of what is said here."""
    said = example.partition("people:\n")[2]
    people = "".join(
        f"  {name}: {{{f'manager: {manager}' if manager else ''}}}\n"
        for name, manager in MANAGERS.items()
        if f"  {name}:" not in said
    )
    groups = "" if "groups:" in example else GROUPS
    rotations = "" if "rotations:" in example else ROTATIONS
    mine = "" if said else example
    return f"people:\n{said}{people}{groups}{rotations}{mine}"


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_of_the_reference_is_checked_without_a_remark(
    number: int, tmp_path: Path
) -> None:
    text, around = whole(EXAMPLES[number]), AROUND.count("\n")
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    remarks = read_documents([tmp_path / "x.yaml"], are_all=True).remarks
    found = [
        str(remark)
        for remark in remarks
        if not OF_A_PART.search(remark.message)
        and not (text.startswith(AROUND) and int(remark.where.split(":")[-2]) <= around)
    ]
    assert found == [], text
