"""Whether the owners of a model can take it through its lifecycle."""

from collections.abc import Iterator, Mapping

from lifecycle.conditions import evaluate
from lifecycle.definition import Lifecycle, SignoffRule, StageRule
from lifecycle.finding import Finding, error, listed, warning
from lifecycle.roster import ModelFile, PersonFile
from lifecycle.seats import RoleSeats, shortage

MOST_SIGNERS = 100
"""How many approvals one request may need; each is carried with the running version."""


def lint_model(
    lifecycle: Lifecycle, model: ModelFile, people: Mapping[str, PersonFile]
) -> tuple[Finding, ...]:
    """Check a model's owners against its lifecycle and the people there are."""
    found = [
        *_owners(lifecycle, model, people),
        *_missing(lifecycle, model),
        *_seats(lifecycle, model, people),
        *_managers(model, people),
    ]
    return tuple(dict.fromkeys(found))


def _owners(
    lifecycle: Lifecycle, model: ModelFile, people: Mapping[str, PersonFile]
) -> Iterator[Finding]:
    for role, owners in model.owners.items():
        if role not in lifecycle.roles:
            yield error(
                ("owners", role),
                f"{lifecycle.lifecycle} has no role {role}; choose from {listed(lifecycle.roles)}.",
            )
        for index, owner in enumerate(owners):
            path = ("owners", role, index)
            if owner not in people:
                yield error(path, f"{owner} is nobody known; add {owner} to the people first.")
            elif people[owner].machine:
                yield error(path, f"{owner} is a machine and can't sign; name a person.")
            if owner in owners[:index]:
                yield warning(path, f"{owner} is named twice as {role} and counts once.")


def _may_be_asked(model: ModelFile, rule: SignoffRule) -> bool:
    """Say whether a role may be asked for this model; only what is known by now rules it out."""
    if rule.when is None or "evidence" in rule.when or "version" in rule.when:
        return True
    known = {"name": model.model, "risk": model.risk, "layer": model.layer}
    outcome = evaluate(rule.when, {"model": known})
    return outcome.is_true or bool(outcome.error)


def _missing(lifecycle: Lifecycle, model: ModelFile) -> Iterator[Finding]:
    signing = {
        s.role for stage in lifecycle.stages for s in stage.signoffs if _may_be_asked(model, s)
    }
    accountable = {stage.accountable for stage in lifecycle.stages}
    targets = {
        target
        for steps in lifecycle.escalations.values()
        for step in steps
        for target in (step.tell, step.ask)
    }
    for role in lifecycle.roles:
        if model.owners.get(role):
            continue
        if role in signing or role in accountable:
            what = "asked to sign" if role in signing else "accountable"
            yield error(("owners",), f"{role} is {what} and has no owner; name one under `owners`.")
        elif role in targets:
            yield warning(
                ("owners",),
                f"{role} is named in an escalation and has no owner, so nobody is reached there; "
                "name one.",
            )


def _seats(
    lifecycle: Lifecycle, model: ModelFile, people: Mapping[str, PersonFile]
) -> Iterator[Finding]:
    one_role = lifecycle.separation.one_person == "one_role"
    for stage in lifecycle.stages:
        wanted = _wanted(stage, model, people)
        for seats in wanted:
            if seats.seats > MOST_SIGNERS:
                yield error(
                    ("owners", seats.role),
                    f"{stage.name} would need {seats.seats} approvals as {seats.role}, and "
                    f"{MOST_SIGNERS} are allowed; lower the quorum.",
                )
        # A role without owners is reported as such; here it would only be said again.
        short = shortage(tuple(s for s in wanted if s.candidates), one_role_each=one_role)
        if short is not None:
            names = {name: person.name or name for name, person in people.items()}
            path = ("owners", short.roles[0].role)
            yield error(path, f"{stage.name} can't finish. {short.sentence(names)}")


def _wanted(
    stage: StageRule, model: ModelFile, people: Mapping[str, PersonFile]
) -> tuple[RoleSeats, ...]:
    wanted = []
    for rule in stage.signoffs:
        if _may_be_asked(model, rule):
            named = dict.fromkeys(model.owners.get(rule.role, ()))
            able = tuple(p for p in named if p in people and not people[p].machine)
            wanted.append(RoleSeats(role=rule.role, seats=rule.needed(len(able)), candidates=able))
    return tuple(wanted)


def _managers(model: ModelFile, people: Mapping[str, PersonFile]) -> Iterator[Finding]:
    for role, owners in model.owners.items():
        for index, owner in enumerate(owners):
            problem = _manager_problem(owner, people)
            if problem:
                yield warning(("owners", role, index), problem)


def _manager_problem(owner: str, people: Mapping[str, PersonFile]) -> str:
    """Follow the managers upwards until nobody, somebody unknown, or somebody met before."""
    way = [owner]
    while (person := people.get(way[-1])) is not None and person.manager is not None:
        if person.manager in way:
            circle = " → ".join((*way, person.manager))
            return f"The managers form a circle: {circle}; give one of them another manager."
        if person.manager not in people:
            return f"{person.manager}, the manager of {way[-1]}, is nobody known; add the person."
        way.append(person.manager)
    return ""
