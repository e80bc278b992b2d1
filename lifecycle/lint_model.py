"""Whether the owners of a model can take it through its lifecycle."""

from collections.abc import Iterator, Mapping

from lifecycle.conditions import evaluate
from lifecycle.definition import Lifecycle, SignoffRule, StageRule
from lifecycle.finding import Finding, error, warning
from lifecycle.lint_owners import Organisation, lint_bases, lint_owners
from lifecycle.ownership import Owners
from lifecycle.roster import GroupFile, ModelFile, PersonFile, RotationFile
from lifecycle.seats import RoleSeats, shortage

MOST_SIGNERS = 100
"""How many approvals one request may need; each is carried with the running version."""


def lint_model(
    lifecycle: Lifecycle,
    model: ModelFile,
    people: Mapping[str, PersonFile],
    *,
    groups: Mapping[str, GroupFile] | None = None,
    rotations: Mapping[str, RotationFile] | None = None,
    bases: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[Finding, ...]:
    """Check a model's owners against its lifecycle and the people there are.

    `bases` says what each known model is built on; without it that is not checked.
    """
    organisation = Organisation(people, groups, rotations)
    found = [
        *lint_owners(lifecycle, model, organisation),
        *_missing(lifecycle, model, organisation),
        *_seats(lifecycle, model, organisation),
        *_managers(model, organisation),
        *(lint_bases(model, bases) if bases is not None else ()),
    ]
    return tuple(dict.fromkeys(found))


def _may_be_asked(model: ModelFile, rule: SignoffRule) -> bool:
    """Say whether a role may be asked for this model; only what is known by now rules it out."""
    if rule.when is None or "evidence" in rule.when or "version" in rule.when:
        return True
    known = {"name": model.model, "risk": model.risk, "layer": model.layer}
    outcome = evaluate(rule.when, {"model": known})
    return outcome.is_true or bool(outcome.error)


def _missing(
    lifecycle: Lifecycle, model: ModelFile, organisation: Organisation
) -> Iterator[Finding]:
    asked = [s for stage in lifecycle.stages for s in stage.signoffs if _may_be_asked(model, s)]
    held = _held(lifecycle, model, organisation)
    # Where one of several roles may sign, or another steps in, one that somebody holds is enough.
    signing = {
        role
        for rule in asked
        for role in rule.roles
        if not any(held[one] for one in (*rule.roles, rule.fallback or role) if one in held)
    }
    accountable = {stage.accountable for stage in lifecycle.stages}
    targets = {
        target
        for steps in lifecycle.escalations.values()
        for step in steps
        for target in (step.tell, step.ask)
    }
    for role in lifecycle.roles:
        if held[role]:
            continue
        what = "asked to sign" if role in signing else "accountable"
        if model.owners.get(role):
            if role in signing or role in accountable:
                yield error(
                    ("owners", role),
                    f"{role} is {what} and its owners come to nobody who can sign; name a person.",
                )
        elif role in signing or role in accountable:
            yield error(("owners",), f"{role} is {what} and has no owner; name one under `owners`.")
        elif role in targets:
            yield warning(
                ("owners",),
                f"{role} is named in an escalation and has no owner, so nobody is reached there; "
                "name one.",
            )


def _held(
    lifecycle: Lifecycle, model: ModelFile, organisation: Organisation
) -> dict[str, tuple[str, ...]]:
    """Give who can sign for each role; owners who are unknown are reported as such, elsewhere."""
    owners = organisation.owners_of(model)
    strangers = {
        role: tuple(p for p in owners.everybody(role) if p not in organisation.people)
        for role in lifecycle.roles
    }
    machines = {
        role: tuple(
            p for p in owners.everybody(role)
            if p in organisation.people and organisation.people[p].machine
        )
        for role in lifecycle.roles
    }  # fmt: skip
    return {
        role: organisation.able(owners.everybody(role)) or strangers[role] or machines[role]
        for role in lifecycle.roles
    }


def _seats(lifecycle: Lifecycle, model: ModelFile, organisation: Organisation) -> Iterator[Finding]:
    one_role = lifecycle.separation.one_person == "one_role"
    for stage in lifecycle.stages:
        wanted = _wanted(stage, model, organisation)
        for seats in wanted:
            if seats.seats > MOST_SIGNERS:
                yield error(
                    ("owners", seats.role),
                    f"{stage.name} would need {seats.seats} approvals as {seats.role}, and "
                    f"{MOST_SIGNERS} are allowed; lower the quorum.",
                )
        yield from _on_call_at_once(stage, model, organisation)
        # A role without owners is reported as such; here it would only be said again.
        short = shortage(tuple(s for s in wanted if s.candidates), one_role_each=one_role)
        if short is not None:
            names = {name: one.name or name for name, one in organisation.people.items()}
            path = ("owners", short.roles[0].role)
            yield error(path, f"{stage.name} can't finish. {short.sentence(names)}")


def _on_call_at_once(
    stage: StageRule, model: ModelFile, organisation: Organisation
) -> Iterator[Finding]:
    owners = organisation.owners_of(model)
    for rule in stage.signoffs:
        if not _may_be_asked(model, rule) or not isinstance(rule.quorum, int):
            continue
        rotations = dict.fromkeys(name for role in rule.roles for name in owners.rotations(role))
        at_once = len(_always(rule, owners, organisation)) + len(rotations)
        if rotations and at_once < rule.quorum:
            yield error(
                ("owners", rule.roles[0]),
                f"{stage.name} needs {rule.quorum} to approve as {rule.role}, and with one person "
                f"on call in each rotation only {at_once} may at a time; add an owner.",
            )


def _always(rule: SignoffRule, owners: Owners, organisation: Organisation) -> tuple[str, ...]:
    people = dict.fromkeys(p for role in rule.roles for p in owners.people(role))
    return organisation.able(tuple(people))


def _wanted(
    stage: StageRule, model: ModelFile, organisation: Organisation
) -> tuple[RoleSeats, ...]:
    owners = organisation.owners_of(model)
    wanted = []
    for rule in stage.signoffs:
        if _may_be_asked(model, rule):
            people = dict.fromkeys(p for role in rule.roles for p in owners.everybody(role))
            able = organisation.able(tuple(people))
            rotations = {name for role in rule.roles for name in owners.rotations(role)}
            # Of a rotation one is there at a time, so `all` means that one.
            at_once = len(_always(rule, owners, organisation)) + len(rotations)
            seats = rule.needed(min(at_once, len(able)))
            wanted.append(RoleSeats(role=rule.role, seats=seats, candidates=able))
    return tuple(wanted)


def _managers(model: ModelFile, organisation: Organisation) -> Iterator[Finding]:
    for role, owners in model.owners.items():
        for index, owner in enumerate(owners):
            problem = _manager_problem(owner, organisation.people)
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
