"""Whether the owners of a model can take it through its lifecycle."""

from collections.abc import Iterator, Mapping

from lifecycle.definition import Lifecycle
from lifecycle.finding import Finding, error, warning
from lifecycle.lint_owners import Organisation, lint_bases, lint_owners
from lifecycle.lint_reach import reach_findings
from lifecycle.lint_seats import may_be_asked, seat_findings
from lifecycle.lint_signers import signer_findings
from lifecycle.roster import GroupFile, ModelFile, PersonFile, RotationFile


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
        *seat_findings(lifecycle, model, organisation),
        *signer_findings(lifecycle, model, organisation),
        *reach_findings(lifecycle, model, organisation),
        *_managers(model, organisation),
        *(lint_bases(model, bases) if bases is not None else ()),
    ]
    return tuple(dict.fromkeys(found))


def _missing(
    lifecycle: Lifecycle, model: ModelFile, organisation: Organisation
) -> Iterator[Finding]:
    asked = [s for stage in lifecycle.stages for s in stage.signoffs if may_be_asked(model, s)]
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
