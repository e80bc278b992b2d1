"""Why a gate must be closed, as an auditor reckons from the facts and the clock."""

from datetime import datetime

from tests.lifecycle.audit.auditor import Auditor


def why_closed(auditor: Auditor, gate: str, digest: str, now: datetime) -> str:
    """Give the first reason why a gate may not be open for some bytes; empty when it may."""
    if digest not in auditor.artifacts.values():
        return "these are not the current bytes"
    if auditor.is_resting:
        return "nobody reviews this version"
    if auditor.is_suspended or auditor.is_review_late(now):
        return "an override was not reviewed in time"
    running = (
        one
        for one in auditor.overrides.values()
        if (one.gate, True) == (gate, digest in one.digests) and one.at <= now < one.until
    )
    if next(running, None) is not None:
        return ""
    return _why_unopened(auditor, gate, digest, now)


def _why_unopened(auditor: Auditor, gate: str, digest: str, now: datetime) -> str:
    if auditor.effective_at is not None and now < auditor.effective_at:
        return "it is not effective yet"
    windows = [(one.starts, one.until) for one in auditor.book.freezes]
    windows += [(one.starts, one.until) for one in auditor.roster.freezes]
    if any(starts <= now < until for starts, until in windows):
        return "it is frozen"
    if auditor.unreported():
        return "what evidence reports is no finding"
    for stage in auditor.book.gates[gate]:
        why = _why_not_standing(auditor, stage, now)
        if why:
            return f"{stage}: {why}"
    held = [auditor.stands[stage].artifacts.values() for stage in auditor.book.gates[gate]]
    return "" if any(digest in one for one in held) else "nobody signed for these bytes"


def _why_not_standing(auditor: Auditor, stage: str, now: datetime) -> str:
    one = auditor.stands.get(stage)
    if one is None:
        return "it doesn't stand approved"
    if any(auditor.artifacts.get(name) != digest for name, digest in one.artifacts.items()):
        return "other bytes were approved"
    if one.until is not None and one.until <= now:
        return "the approval lapsed"
    if any(due <= now for name, due in one.conditions.items() if name not in auditor.met):
        return "a condition was not met"
    needed = [r for r, s in auditor.roles_now(stage).items() if not s.is_advice]
    if list(one.roles) != needed:
        return "other roles must sign"
    if any(auditor.is_bad(name) for name in auditor.book.stage(stage).evidence):
        return "its evidence speaks against it"
    finding = auditor.blocking(stage)
    return f"finding {finding} blocks" if finding else ""
