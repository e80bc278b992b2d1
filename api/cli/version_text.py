"""A version and a sign-off as lines of text."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from api.cli import moments
from api.cli.parts_text import (
    decision_text,
    reading_parts,
    signoff_parts,
    stage_parts,
    version_parts,
)
from api.cli.screen import clean
from api.cli.shapes import read
from lifecycle.gates import answer
from lifecycle.view import (
    EvidenceView,
    Explanation,
    SignoffView,
    StageView,
    StandingGate,
    VersionView,
)


def version_text(data: Any, at: datetime) -> str:
    """Write a version's view: where it is, who is waited for, what happens next."""
    return "\n".join(_version(read(VersionView, data), at))


def signoff_text(view: SignoffView, at: datetime) -> str:
    """Write all that somebody should read before signing."""
    return "\n".join(_whole_signoff(view, at))


def _version(view: VersionView, at: datetime) -> Iterator[str]:
    about = [view.status.value, view.lifecycle, view.layer, view.risk and f"risk {view.risk}"]
    yield f"{view.model} {view.version}: {', '.join(clean(one) for one in about if one)}"
    if view.closed_why:
        yield f"  {clean(view.closed_why)}"
    for artifact in view.artifacts:
        yield clean(f"  {artifact.name}: {artifact.digest or 'unresolved'}  {artifact.uri}")
    yield from version_parts(view, at)
    yield from _explained(view.explanation, at, "  ")
    for stage in view.stages:
        yield ""
        yield from _stage(stage, at)
    if view.gates:
        yield ""
    for gate in view.gates:
        yield from _gate(view, gate, at)


def _stage(stage: StageView, at: datetime) -> Iterator[str]:
    again = f", round {stage.round}" if stage.round > 1 else ""
    since = f", {moments.ago(stage.since, at)}" if stage.since else ""
    yield clean(f"{stage.name}: {stage.status.value.replace('_', ' ')}{again}{since}")
    yield from _explained(stage.explanation, at, "  ")
    yield from _evidence(stage.evidence)
    yield from stage_parts(stage, at)
    for one in stage.signoffs:
        told = f"  {one.role}: {one.status.value.replace('_', ' ')}, {one.approved} of {one.needed}"
        if one.status == "pending":
            told += f", {_clock(one, at)}  {one.id}" if _clock(one, at) else f"  {one.id}"
        yield clean(told)
        yield from signoff_parts(one, at, "    ")
        yield from _decisions(one, at)


def _clock(view: SignoffView, at: datetime) -> str:
    if view.paused_since is not None:
        return "the clock stands"
    return moments.due(view.due, at) if view.due else ""


def _gate(view: VersionView, gate: StandingGate, at: datetime) -> Iterator[str]:
    """Write a gate as it is now, for those of the bytes that it lets through, if any."""
    answers = [answer(view, gate.gate, a.digest, at) for a in view.artifacts if a.digest]
    found = next((one for one in answers if one.allowed), answers[0] if answers else None)
    is_open = found is not None and found.allowed
    ends = found.valid_until if found else None
    until = f" (until {moments.local(ends)})" if ends else ""
    yield f"gate {clean(gate.gate)}: {'yes' if is_open else 'no'}{until}"
    for reason in found.reasons if found else gate.reasons:
        yield f"  {clean(reason)}"


def _explained(explanation: Explanation, at: datetime, indent: str) -> Iterator[str]:
    yield indent + clean(explanation.summary)
    for one in explanation.waiting:
        clock = f" ({moments.due(one.due, at)})" if one.due else ""
        yield f"{indent}- {clean(one.why)}{clock}"
    if next_ := explanation.upcoming:
        yield f"{indent}Next, {moments.ago(next_.at, at)}: {clean(next_.what)}"


def _evidence(evidence: tuple[EvidenceView, ...]) -> Iterator[str]:
    for one in evidence:
        report = f"  {one.digest}" if one.digest else ""
        yield clean(f"  {'met' if one.is_met else 'not met'}: {one.name}: {one.why}{report}")


def _decisions(view: SignoffView, at: datetime) -> Iterator[str]:
    for one in view.decisions:
        yield from (f"    {line}" for line in decision_text(one, view, at))


def _whole_signoff(view: SignoffView, at: datetime) -> Iterator[str]:
    yield clean(f"{view.model} {view.version}, {view.stage}, as {view.role}")
    yield ""
    yield f"  “{clean(view.statement)}”"
    yield ""
    for artifact in view.artifacts:
        yield clean(f"  {artifact.name}: {artifact.digest or 'unresolved'}  {artifact.uri}")
    yield from _evidence(view.evidence)
    yield f"  approved by {view.approved} of {view.needed}"
    yield from _decisions(view, at)
    for other in view.others:
        yield f"  {clean(other)}"
    yield from reading_parts(view, at)
    if view.due:
        yield f"  {moments.due(view.due, at)} ({moments.local(view.due)})"
    if view.status != "pending":
        yield clean(f"  This is {view.status.value.replace('_', ' ')}. {view.why}".rstrip())
    yield clean(f"  revision {view.revision}")
