"""Whether escalations, overrides and findings reach somebody at a model."""

from collections.abc import Iterator

from lifecycle.definition import Lifecycle
from lifecycle.finding import Finding, error, listed, warning
from lifecycle.lint_owners import Organisation
from lifecycle.ownership import GROUP, PERSON, ROTATION
from lifecycle.roster import ModelFile


def named_targets(lifecycle: Lifecycle) -> tuple[str, ...]:
    """Give the people, groups and rotations that escalations name, as the files write them."""
    targets = (
        target
        for steps in lifecycle.escalations.values()
        for step in steps
        for target in (step.tell, step.ask)
        if target is not None and target.startswith((PERSON, GROUP, ROTATION))
    )
    return tuple(dict.fromkeys(targets))


def reach_findings(
    lifecycle: Lifecycle, model: ModelFile, organisation: Organisation
) -> Iterator[Finding]:
    """Check whom the lifecycle names beside the owners who are asked."""
    yield from _named(lifecycle, organisation)
    yield from _managers(lifecycle, model, organisation)
    yield from _sides(lifecycle, model, organisation)


def _named(lifecycle: Lifecycle, organisation: Organisation) -> Iterator[Finding]:
    for target in named_targets(lifecycle):
        kind, _, name = target.partition(":")
        known = {
            "person": (name,) if name in organisation.people else (),
            "group": organisation.groups[name].members if name in organisation.groups else (),
            "rotation": (
                organisation.rotations[name].people if name in organisation.rotations else ()
            ),
        }[kind]
        if not organisation.able(known):
            yield error(
                ("lifecycle",),
                f"{lifecycle.lifecycle} escalates to {target}, which is nobody who answers; "
                f"describe the {kind}, or correct the escalation.",
            )


def _managers(
    lifecycle: Lifecycle, model: ModelFile, organisation: Organisation
) -> Iterator[Finding]:
    """Find stages whose silence is told to managers that nobody there has."""
    owners = organisation.owners_of(model)
    for stage in lifecycle.stages:
        steps = lifecycle.escalations.get(stage.escalate or "", ())
        if not stage.signoffs or not any("manager" in {step.tell, step.ask} for step in steps):
            continue
        roles = dict.fromkeys(role for rule in stage.signoffs for role in rule.roles)
        people = organisation.able(tuple(p for role in roles for p in owners.everybody(role)))
        if people and not any(organisation.people[p].manager for p in people):
            yield warning(
                ("owners", next(iter(roles))),
                f"Silence at {stage.name} is told to managers, and no owner of "
                f"{listed(tuple(roles))} has one; add `manager` to the people.",
            )


def _sides(lifecycle: Lifecycle, model: ModelFile, organisation: Organisation) -> Iterator[Finding]:
    owners = organisation.owners_of(model)

    def is_held(role: str) -> bool:
        return bool(organisation.able(owners.everybody(role))) or role not in lifecycle.roles

    override, accepted_by = lifecycle.override, None
    if lifecycle.findings is not None:
        accepted_by = lifecycle.findings.accepted_by
    if accepted_by is not None and not is_held(accepted_by):
        yield warning(
            ("owners",),
            f"{accepted_by} accepts the risk of findings and has no owner who can sign; name one.",
        )
    if override is None:
        return
    if not any(is_held(role) for role in override.roles):
        yield warning(
            ("owners",),
            f"Only {listed(override.roles)} may override, and nobody holds that; name an owner.",
        )
    elif not is_held(override.review.role):
        yield error(
            ("owners",),
            f"{override.review.role} reviews overrides and has no owner who can sign; name one, "
            "or trust is suspended after every override.",
        )
