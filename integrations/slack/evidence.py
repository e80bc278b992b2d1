"""Evidence as cards and details show it: thresholds, what was measured, and where the report is."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from integrations.slack.text import code, inline, lines, link, moment
from lifecycle.view import EvidenceView

LONGEST_LINK_IN_DETAILS = 1_200

_VALUE = re.compile(r"\bvalue((?:\.[A-Za-z_]\w*)+)")


def evidence_lines(evidence: Sequence[EvidenceView]) -> str:
    """Say of each piece of evidence whether it is met, by which threshold, and link its report."""
    return lines(["*Evidence*", *(_line(each) for each in evidence)])


def _line(evidence: EvidenceView) -> str:
    mark = ":white_check_mark:" if evidence.is_met else ":x:"
    require = f" ({code(evidence.require, 120)})" if evidence.require else ""
    said = f"{mark} {code(evidence.name)}{require}: {inline(evidence.why or 'passed')}"
    report = link(evidence.uri, "report")
    return " · ".join([said, *measured(evidence), *([report] if report else [])])


def measured(evidence: EvidenceView) -> Iterator[str]:
    """Give the values that a threshold is about, as they were measured."""
    paths = dict.fromkeys(_VALUE.findall(evidence.require or ""))
    for path in list(paths)[:3]:
        found: Any = evidence.value
        for name in path[1:].split("."):
            found = found.get(name) if isinstance(found, dict) else None
        if isinstance(found, (bool, int, float, str)):
            yield f"{code(path[1:], 60)} = {code(str(found), 40)}"


def report_lines(evidence: Sequence[EvidenceView]) -> str:
    """Say of each piece of evidence what was attached, by what, when, and where it is."""
    return lines(_report(each) for each in evidence)


def _report(evidence: EvidenceView) -> str:
    parts = [f"{code(evidence.name)}: {inline(evidence.verdict or 'nothing attached', 40)}"]
    if evidence.source:
        parts.append(f"from {code(evidence.source, 60)}")
    if evidence.time:
        parts.append(moment(evidence.time))
    if evidence.digest:
        parts.append(f"report {code(evidence.digest[:19])}")
    if evidence.uri:
        linked = link(evidence.uri, "open", LONGEST_LINK_IN_DETAILS)
        parts.append(linked or code(evidence.uri, 120))
    return ", ".join(parts)
