"""Whether separation of duties leaves a model somebody who may sign."""

from collections.abc import Iterator

from lifecycle.definition import Lifecycle, StageRule
from lifecycle.finding import Finding, error, warning
from lifecycle.lint_owners import Organisation
from lifecycle.lint_seats import may_be_asked, wanted_seats
from lifecycle.roster import ModelFile, PersonFile
from lifecycle.seats import RoleSeats, shortage

OF_PEOPLE = ("email:", "slack:")
"""Identities that say how to reach somebody; by any other one a version may be made."""


def signer_findings(
    lifecycle: Lifecycle, model: ModelFile, organisation: Organisation
) -> Iterator[Finding]:
    """Check each stage against who signed before and who may have made the version."""
    for stage in lifecycle.stages:
        wanted = tuple(s for s in wanted_seats(stage, model, organisation) if s.candidates)
        if shortage(wanted, one_role_each=_one_role(lifecycle)) is not None:
            continue  # told already
        yield from _independence(lifecycle, stage, wanted, model, organisation)
        yield from _producers(lifecycle, stage, wanted, organisation)
        yield from _objections(stage, wanted, model)


def _one_role(lifecycle: Lifecycle) -> bool:
    return lifecycle.separation.one_person == "one_role"


def _names(organisation: Organisation) -> dict[str, str]:
    return {id_: one.name or id_ for id_, one in organisation.people.items()}


def _independence(
    lifecycle: Lifecycle,
    stage: StageRule,
    wanted: tuple[RoleSeats, ...],
    model: ModelFile,
    organisation: Organisation,
) -> Iterator[Finding]:
    """Find people whom this stage needs and an earlier one, which it is independent of, as well."""
    rules = {one.name: one for one in lifecycle.stages}
    for name in stage.independent_of:
        if name not in rules:
            continue
        before = tuple(s for s in wanted_seats(rules[name], model, organisation) if s.candidates)
        if _one_role(lifecycle):
            short = shortage((*before, *wanted), one_role_each=True)
        else:
            gone = {p for s in before if s.seats >= len(s.candidates) for p in s.candidates}
            left = tuple(
                s._replace(candidates=tuple(p for p in s.candidates if p not in gone))
                for s in wanted
            )
            short = shortage(left, one_role_each=False)
        if short is not None:
            yield error(
                ("owners", short.roles[-1].role),
                f"{stage.name} can't finish, since who signs at {name} may not sign there. "
                f"{short.sentence(_names(organisation))}",
            )


def _producers(
    lifecycle: Lifecycle,
    stage: StageRule,
    wanted: tuple[RoleSeats, ...],
    organisation: Organisation,
) -> Iterator[Finding]:
    """Find people without whom a stage can't finish and who may have made the version."""
    if not {"producer", "commit_author"} & set(lifecycle.separation.never):
        return
    for person in dict.fromkeys(p for seats in wanted for p in seats.candidates):
        known_as = _makes_versions(organisation.people[person])
        if not known_as:
            continue
        left = tuple(
            s._replace(candidates=tuple(p for p in s.candidates if p != person)) for s in wanted
        )
        if short := shortage(left, one_role_each=_one_role(lifecycle)):
            name = _names(organisation)[person]
            yield warning(
                ("owners", short.roles[0].role),
                f"{stage.name} can't finish for a version that {name} made ({known_as}), since "
                f"producers don't sign. {short.sentence(_names(organisation))}",
            )


def _makes_versions(person: PersonFile) -> str:
    """Give the first identity by which somebody may be a producer."""
    return next((one for one in person.identities if not one.startswith(OF_PEOPLE)), "")


def _objections(
    stage: StageRule, wanted: tuple[RoleSeats, ...], model: ModelFile
) -> Iterator[Finding]:
    """Find requests for changes that too few people may make."""
    may_sign = {seats.role: len(seats.candidates) for seats in wanted}
    for rule in stage.signoffs:
        if may_be_asked(model, rule) and rule.changes_quorum > may_sign.get(rule.role, 100):
            yield error(
                ("owners", rule.roles[0]),
                f"{rule.changes_quorum} must request changes as {rule.role} at {stage.name}, and "
                f"only {may_sign[rule.role]} may; add an owner, or lower `changes_quorum`.",
            )
