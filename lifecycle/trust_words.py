"""What is said of a version's trust, and what about it happens next by itself."""

from collections.abc import Iterator

from lifecycle.blocking import blocking
from lifecycle.finding_people import responsible
from lifecycle.state import Finding, Stage, VersionState
from lifecycle.trust_views import called_one
from lifecycle.values import moment
from lifecycle.view import Upcoming, Waiting


def trust_sentences(state: VersionState) -> tuple[str, ...]:
    """Say what people must know of a version beside its stages."""
    return (*_overrides(state), *_findings(state), *_conditions(state))


def _overrides(state: VersionState) -> Iterator[str]:
    if state.suspended_why:
        yield f"Trust is suspended and every gate is closed: {state.suspended_why}"
    for one in state.overrides.values():
        who = f"{called_one(state, one.person)} ({one.role})"
        if not one.is_over:
            until = moment(one.until)
            yield f"OVERRIDE {one.id}: {who} opened {one.gate} until {until}: {one.reason}"
        if not one.is_reviewed and one.review_due is not None and not state.suspended_why:
            yield (
                f"Override {one.id} of {one.gate} by {who} must be reviewed by "
                f"{moment(one.review_due)}, or trust is suspended."
            )


def _findings(state: VersionState) -> Iterator[str]:
    rules = tuple(rule.name for rule in state.lifecycle.stages) if state.lifecycle else ()
    for one in blocking(state, rules):
        yield in_the_way(state, one)


def in_the_way(state: VersionState, finding: Finding) -> str:
    """Say that a finding blocks, and who deals with it until when."""
    people = " or ".join(called_one(state, p) for p in responsible(state, finding)) or "somebody"
    due = f", due {moment(finding.due)}" if finding.due else ""
    late = ", overdue" if finding.is_overdue else ""
    return (
        f"Finding {finding.id} ({finding.severity}) is open with {people}{due}{late}: "
        f"{finding.title}"
    )


def findings_awaited(state: VersionState, stage: Stage) -> tuple[Waiting, ...]:
    """Give whom a stage waits for because findings are in its way."""
    return tuple(
        Waiting(
            kind="owner" if finding.owner else "accountable",
            who=person,
            name=called_one(state, person),
            stage=stage.name,
            since=finding.opened_at,
            due=finding.due,
            why=in_the_way(state, finding),
        )
        for finding in blocking(state, (stage.name,))
        for person in responsible(state, finding) or ("an administrator",)
    )


def _conditions(state: VersionState) -> Iterator[str]:
    for one in state.conditions.values():
        who = called_one(state, one.person)
        yield (
            f"{who} approved {one.stage} as {one.role} on condition {one.id}, due "
            f"{moment(one.due)}: {one.text}"
        )


def trust_upcoming(state: VersionState) -> Iterator[Upcoming]:
    """Give what time alone brings beside the stages."""
    for condition in state.conditions.values():
        what = f"{condition.role}'s approval of {condition.stage} lapses unless condition "
        what += f"{condition.id} is met."
        yield Upcoming(at=condition.due, what=what)
    for one in state.findings.values():
        if one.due is not None and one.closed_at is None and not one.is_overdue:
            yield Upcoming(at=one.due, what=f"Finding {one.id} becomes overdue.")
    for override in state.overrides.values():
        if not override.is_over:
            yield Upcoming(at=override.until, what=f"Override {override.id} ends.")
        is_owed = not override.is_reviewed and not state.suspended_why
        if is_owed and override.review_due is not None:
            what = f"Trust is suspended unless override {override.id} is reviewed."
            yield Upcoming(at=override.review_due, what=what)
    for firing in state.alerts.values():
        for pending in firing.pending:
            what = f"{pending.stage} reopens if the {firing.alert.kind} alert still fires."
            yield Upcoming(at=pending.at, what=what)
