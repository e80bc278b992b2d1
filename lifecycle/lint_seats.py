"""Whether the owners of a model fill the seats of each stage."""

from collections.abc import Iterator

from lifecycle.conditions import evaluate
from lifecycle.definition import Lifecycle, SignoffRule, StageRule
from lifecycle.finding import Finding, error
from lifecycle.lint_owners import Organisation
from lifecycle.ownership import Owners
from lifecycle.roster import ModelFile
from lifecycle.seats import RoleSeats, shortage

MOST_SIGNERS = 100
"""How many approvals one request may need; each is carried with the running version."""


def may_be_asked(model: ModelFile, rule: SignoffRule) -> bool:
    """Say whether a role may be asked for this model; only what is known by now rules it out."""
    if rule.when is None or "evidence" in rule.when or "version" in rule.when:
        return True
    known = {"name": model.model, "risk": model.risk, "layer": model.layer}
    outcome = evaluate(rule.when, {"model": known})
    return outcome.is_true or bool(outcome.error)


def seat_findings(
    lifecycle: Lifecycle, model: ModelFile, organisation: Organisation
) -> Iterator[Finding]:
    """Check that each stage has people for all its seats at once."""
    one_role = lifecycle.separation.one_person == "one_role"
    for stage in lifecycle.stages:
        wanted = wanted_seats(stage, model, organisation)
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
        if not may_be_asked(model, rule) or not isinstance(rule.quorum, int):
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


def wanted_seats(
    stage: StageRule, model: ModelFile, organisation: Organisation
) -> tuple[RoleSeats, ...]:
    """Give the seats that a stage must fill, and who may take each."""
    owners = organisation.owners_of(model)
    wanted = []
    for rule in stage.signoffs:
        # Advice is asked for and waited for by nobody.
        if may_be_asked(model, rule) and not rule.advisory:
            people = dict.fromkeys(p for role in rule.roles for p in owners.everybody(role))
            able = organisation.able(tuple(people))
            rotations = {name for role in rule.roles for name in owners.rotations(role)}
            # Of a rotation one is there at a time, so `all` means that one.
            at_once = len(_always(rule, owners, organisation)) + len(rotations)
            seats = rule.needed(min(at_once, len(able)))
            wanted.append(RoleSeats(role=rule.role, seats=seats, candidates=able))
    return tuple(wanted)
