"""What people are told once: reminders, escalations, late pipelines, stages sent back."""

from lifecycle.eligibility import can_decide, producers_of
from lifecycle.facts import AnyFact
from lifecycle.stage_facts import (
    EscalationAsked,
    EscalationTold,
    OwnersReminded,
    PipelinesLate,
    StageSentBack,
    StageUnowned,
)
from lifecycle.state import Notice, SignoffStatus, Stage, VersionState


def noticed(before: VersionState, after: VersionState, fact: AnyFact) -> Notice | None:
    """Give the notice that a fact leads to, when it leads to one."""
    written = _written(before, after, fact)
    stage = getattr(fact, "stage", None)
    if written is None or stage not in after.stages:
        return None
    kind, people, text = written
    return Notice(
        id=str(after.sequence),
        kind=kind,
        stage=stage,
        round=after.stages[stage].round,
        people=people,
        roles=pending_roles(after.stages[stage]),
        text=text,
        at=fact.at,
    )


def pending_roles(stage: Stage) -> tuple[str, ...]:
    """Give the roles that a stage still waits for."""
    return tuple(r for r, s in stage.signoffs.items() if s.status == SignoffStatus.PENDING)


def _title(state: VersionState, stage: str) -> str:
    return f"{state.model} {state.version}, stage {stage}"


def silent_names(state: VersionState, stage: Stage) -> str:
    """Name those who could still answer, for a sentence."""
    people = [p for r in pending_roles(stage) for p in can_decide(state, stage, stage.signoffs[r])]
    return called(state, tuple(dict.fromkeys(people))) or "Nobody"


def called(state: VersionState, people: tuple[str, ...]) -> str:
    """Join people's names for a sentence."""
    names = [state.roster.called(p) if state.roster else p for p in people]
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


def verb(people: tuple[str, ...]) -> str:
    """Give the verb that goes with people's names."""
    return "are" if len(people) > 1 else "is"


def _written(
    before: VersionState, after: VersionState, fact: AnyFact
) -> tuple[str, tuple[str, ...], str] | None:
    match fact:
        case OwnersReminded():
            roles = ", ".join(pending_roles(after.stages[fact.stage]))
            text = f"Reminder: {_title(after, fact.stage)} waits for your sign-off as {roles}."
            return "reminder", fact.people, text
        case EscalationTold():
            silent = silent_names(after, after.stages[fact.stage])
            text = f"{silent} did not answer yet. You are told; nothing is asked of you."
            return "told", fact.people, f"{_title(after, fact.stage)}: {text}"
        case EscalationAsked():
            roles = ", ".join(fact.roles)
            silent = silent_names(before, before.stages[fact.stage])
            text = f"{silent} did not answer. You may sign now as {roles}."
            return "asked", fact.people, f"{_title(after, fact.stage)}: {text}"
        case PipelinesLate():
            what = ", ".join(fact.missing) or "the producers' answer"
            return "late", fact.told, f"{_title(after, fact.stage)}: {what} is late."
        case StageUnowned():
            return "unowned", fact.told, f"{_title(after, fact.stage)}: {fact.why}"
        case StageSentBack():
            by = called(after, (fact.by,))
            text = f"{_title(after, fact.stage)}: {by} requests changes: {fact.reason}"
            return "sent_back", producers_of(after), text
        case _:
            return None
