"""What people are told once about a version's trust."""

from lifecycle.facts import AnyFact
from lifecycle.finding_people import all_answerable, responsible
from lifecycle.involvement import producers_of
from lifecycle.state import Notice, VersionState
from lifecycle.trust_facts import (
    BaseVoided,
    ConditionLapsed,
    FindingOpened,
    FindingOverdue,
    GateOverridden,
    TrustSuspended,
)
from lifecycle.values import moment


def trust_notice(after: VersionState, fact: AnyFact) -> Notice | None:
    """Give the notice that a fact about a version's trust leads to, when it leads to one."""
    written = _written(after, fact) if type(fact) in _SAID else None
    if written is None or not written[1]:
        return None
    kind, people, text = written
    stage = getattr(fact, "stage", None) or ""
    known = after.stages.get(stage)
    return Notice(
        id=str(after.sequence),
        kind=kind,
        stage=stage if known else "",
        round=known.round if known else 0,
        people=people,
        text=f"{after.model} {after.version}: {text}",
        at=fact.at,
    )


def _written(after: VersionState, fact: AnyFact) -> tuple[str, tuple[str, ...], str] | None:
    match fact:
        case BaseVoided():
            why = f": {fact.why}" if fact.why else ""
            text = (
                f"{fact.model} {fact.version}, which it is built on, is no longer approved{why}. "
                "Look whether your approval still holds."
            )
            return "base_voided", fact.told, text
        case ConditionLapsed():
            setter = after.roster.called(fact.person) if after.roster else fact.person
            text = (
                f"condition {fact.condition} of {setter}'s approval of {fact.stage} as {fact.role} "
                "was not met in time. The approval lapsed."
            )
            return "condition_lapsed", (fact.person, *producers_of(after)), text
        case FindingOpened():
            found = after.findings[fact.finding]
            text = f"finding {fact.finding} ({fact.severity}) is open with you: {fact.title}"
            return "finding", responsible(after, found), text
        case FindingOverdue():
            title = after.findings[fact.finding].title
            return "finding_overdue", fact.told, f"finding {fact.finding} is overdue: {title}"
        case GateOverridden():
            by = after.roster.called(fact.person) if after.roster else fact.person
            text = (
                f"OVERRIDE: {by} ({fact.role}) opened {fact.gate} until {moment(fact.until)} "
                f"without its approvals: {fact.reason}"
            )
            return "override", all_answerable(after), text
        case TrustSuspended():
            text = f"Trust is suspended and every gate is closed. {fact.why}"
            return "suspended", fact.told, text
        case _:
            return None


_SAID = {
    BaseVoided, ConditionLapsed, FindingOpened, FindingOverdue, GateOverridden, TrustSuspended,
}  # fmt: skip
