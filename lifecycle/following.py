"""Findings that follow from evidence, and those that are overdue."""

from lifecycle.evidence import counted
from lifecycle.fact_values import Evidence
from lifecycle.finding_entries import MOST_FINDINGS, Entry, entries
from lifecycle.finding_people import answerable_for, responsible
from lifecycle.state import Finding, VersionState
from lifecycle.story import Story
from lifecycle.trust_facts import FindingClosed, FindingOpened, FindingOverdue


def follow_evidence(story: Story) -> None:
    """Open a finding for each entry of the newest result, and close those that it leaves out."""
    for name, rule in story.lifecycle.evidence.items():
        result = counted(story.state, name) if rule.findings else None
        if result is None:
            continue
        if rule.sources and result.source not in rule.sources:
            continue
        reported = entries(result.value)
        if not isinstance(reported, str) and _follow(story, result, reported):
            return


def _follow(story: Story, result: Evidence, reported: tuple[Entry, ...]) -> bool:
    known = [one for one in story.state.findings.values() if one.evidence == result.name]
    for entry in reported:
        if not _is_known(known, entry, result) and _has_room(story.state):
            _open(story, result, entry)
            return True
    for finding in known:
        if finding.closed_at is None and finding.entry not in {entry.id for entry in reported}:
            story.add(
                FindingClosed(
                    **story.stamp,
                    finding=finding.id,
                    resolution=f"{result.name} no longer reports it.",
                )
            )
            return True
    return False


def _is_known(known: list[Finding], entry: Entry, result: Evidence) -> bool:
    """Say whether an entry has its finding: an open one, or one closed by a person since.

    What somebody closed stays closed for the same bytes; other bytes are looked at anew.
    """
    return any(
        one.entry == entry.id
        and (one.closed_at is None or (one.closed_by != "" and one.subject == result.subject))
        for one in known
    )


def _has_room(state: VersionState) -> bool:
    return sum(one.closed_at is None for one in state.findings.values()) < MOST_FINDINGS


def _open(story: Story, result: Evidence, entry: Entry) -> None:
    stages = [rule.name for rule in story.lifecycle.stages if result.name in rule.evidence]
    story.add(
        FindingOpened(
            **story.stamp,
            finding=str(story.state.numbered + 1),
            title=entry.title,
            severity=entry.severity,
            due=entry.due,
            stage=stages[0] if stages else None,
            evidence=result.name,
            entry=entry.id,
            subject=result.subject,
        )
    )


def tell_overdue(story: Story) -> None:
    """Tell, once, who owns a finding and who answers for its stage that its date is past."""
    for one in story.state.findings.values():
        is_due = one.due is not None and one.due <= story.now
        if is_due and one.closed_at is None and not one.is_overdue:
            told = (*responsible(story.state, one), *answerable_for(story.state, one))
            story.add(
                FindingOverdue(**story.stamp, finding=one.id, told=tuple(dict.fromkeys(told)))
            )
            return
