"""Whom a stage that asks still waits for, and whom a step of its escalation is about."""

from lifecycle.definition import StageRule
from lifecycle.eligibility import people_named
from lifecycle.fact_values import PlannedStep
from lifecycle.free_seats import awaited, can_decide
from lifecycle.involvement import producers_of, requesters_of
from lifecycle.roster import Roster
from lifecycle.state import SignoffStatus, Stage, StageStatus, VersionState


def pending_roles(stage: Stage) -> tuple[str, ...]:
    """Give the roles that were asked and that a stage still waits for."""
    pending = SignoffStatus.PENDING
    return tuple(r for r, s in stage.signoffs.items() if s.status == pending and s.is_open)


def concerned_roles(stage: Stage, step: PlannedStep) -> tuple[str, ...]:
    """Give the roles that a step is about: those it is planned for, while they are asked."""
    return _concerned(pending_roles(stage), step)


def _concerned(pending: tuple[str, ...], step: PlannedStep) -> tuple[str, ...]:
    return tuple(role for role in pending if role in step.roles) if step.roles else pending


def steps_to_come(stage: Stage) -> tuple[PlannedStep, ...]:
    """Give the steps that may still be taken: none while the clock stands or once it is decided."""
    if stage.status != StageStatus.ASKING or stage.paused_since is not None:
        return ()
    pending = pending_roles(stage)
    return tuple(step for step in stage.steps if _concerned(pending, step))


def silent_people(state: VersionState, stage: Stage, roles: tuple[str, ...]) -> tuple[str, ...]:
    """Give those whose answer the requests of some roles wait for; who is away is not reminded."""
    people = [p for role in roles for p in awaited(state, stage, stage.signoffs[role])]
    return tuple(dict.fromkeys(people))


def unanswering_people(
    state: VersionState, stage: Stage, roles: tuple[str, ...]
) -> tuple[str, ...]:
    """Give those of whose silence others hear: who is waited for, else all who could answer."""
    able = [p for role in roles for p in can_decide(state, stage, stage.signoffs[role])]
    return silent_people(state, stage, roles) or tuple(dict.fromkeys(able))


def target_people(
    state: VersionState, rule: StageRule, stage: Stage, step: PlannedStep
) -> tuple[str, ...]:
    """Give the people that a step names: a role, a group, whoever is on call, a manager."""
    roles = concerned_roles(stage, step)
    match step.target:
        case "owners":
            return silent_people(state, stage, roles)
        case "manager":
            managers = managers_of(state, unanswering_people(state, stage, roles))
            return tuple(one for one in managers if people_named(state, f"person:{one}"))
        case "accountable":
            return people_named(state, rule.accountable or "")
    return people_named(state, step.target)


def managers_of(state: VersionState, people: tuple[str, ...]) -> tuple[str, ...]:
    """Give the managers of people, each once."""
    roster = state.roster or Roster(model=state.model)
    members = [roster.person(person) for person in people]
    return tuple(dict.fromkeys(m.manager for m in members if m and m.manager))


def answering_people(state: VersionState, rule: StageRule) -> tuple[str, ...]:
    """Give those who answer for a stage, and their managers.

    Where nobody holds the role (from edition 2 on) it is the managers of the model's other owners,
    else those owners: somebody has to hear that nobody answers.
    """
    accountable = people_named(state, rule.accountable or "")
    if accountable or state.edition < 2 or state.roster is None:
        return tuple(dict.fromkeys([*accountable, *managers_of(state, accountable)]))
    owners = [m.id for role in state.roster.owners for m in state.roster.owners_of(role)]
    people = tuple(dict.fromkeys(owners))
    return managers_of(state, people) or people


def stands_for(
    state: VersionState, target: str, person: str, silent: tuple[str, ...]
) -> tuple[str, ...]:
    """Give the silent owners whom somebody stands in for: a manager for their own reports."""
    if target != "manager" or state.roster is None:
        return silent
    return tuple(one for one in silent if managers_of(state, (one,)) == (person,))


def on_it(state: VersionState, stage: Stage, roles: tuple[str, ...]) -> tuple[str, ...]:
    """Give those who could still answer and said that they are on it."""
    return tuple(
        person
        for person in silent_people(state, stage, roles)
        if any(person in stage.signoffs[role].acknowledged for role in roles)
    )


def questioned_people(state: VersionState, rule: StageRule) -> tuple[str, ...]:
    """Give who answers an owner's question: producers, else requesters, else the accountable.

    A machine that produced a version answers nothing.
    """
    roster = state.roster or Roster(model=state.model)
    accountable = people_named(state, rule.accountable or "")
    for people in (producers_of(state), requesters_of(state), accountable):
        members = [roster.person(person) for person in people]
        human = tuple(m.id for m in members if m and not m.machine and not m.left)
        if human:
            return human
    return ()
