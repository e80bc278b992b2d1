"""Who deals with a finding."""

from lifecycle.roster import Roster
from lifecycle.state import Finding, VersionState


def answerable_for(state: VersionState, finding: Finding) -> tuple[str, ...]:
    """Give the owners of the accountable role of the stage that a finding concerns, or of all.

    Whoever gave themselves the role answers for nothing by it.
    """
    roster = state.roster or Roster(model=state.model)
    rules = state.lifecycle.stages if state.lifecycle else ()
    roles = dict.fromkeys(rule.accountable for rule in rules if finding.stage in {None, rule.name})
    owners = [
        owner.id
        for role in roles
        if role
        for owner in roster.owners_of(role)
        if not roster.gave_themselves(role, owner.id)
    ]
    return tuple(dict.fromkeys(owners))


def all_answerable(state: VersionState) -> tuple[str, ...]:
    """Give the owners who answer for any stage."""
    roster = state.roster or Roster(model=state.model)
    rules = state.lifecycle.stages if state.lifecycle else ()
    owners = (owner.id for rule in rules for owner in roster.owners_of(rule.accountable or ""))
    return tuple(dict.fromkeys(owners))


def responsible(state: VersionState, finding: Finding) -> tuple[str, ...]:
    """Give who is waited for about a finding: its owner, or who answers for the stage."""
    return (finding.owner,) if finding.owner else answerable_for(state, finding)
