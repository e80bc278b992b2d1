"""What happens here when a model that this one is built on loses its approval."""

from lifecycle.commands import VoidBase
from lifecycle.reopening import Signal, matching, reopen
from lifecycle.roster import Roster
from lifecycle.side_stages import stage_rules
from lifecycle.state import VersionState
from lifecycle.story import Story
from lifecycle.trust_facts import BaseVoided


def void_base(story: Story, command: VoidBase) -> None:
    """Tell who answers for what stands approved here, and reopen what the lifecycle says."""
    story.add(
        BaseVoided(
            **story.stamp,
            model=command.model,
            version=command.version,
            why=command.why,
            told=answerable_for_standing(story.state),
        )
    )
    about = {
        "kind": "base.voided",
        "model": command.model,
        "version": command.version,
        "why": command.why,
    }
    why = f"{command.model} {command.version}, which this is built on, is no longer approved"
    signal = Signal("base", f"{why}: {command.why}" if command.why else f"{why}.")
    for _, rule in matching(story.state, "base.voided", about):
        reopen(story, rule.stage, rule.roles, rule.gate, signal)


def answerable_for_standing(state: VersionState) -> tuple[str, ...]:
    """Give the owners of the roles that answer for stages that stand approved."""
    roster = state.roster or Roster(model=state.model)
    standing = [r for r in stage_rules(state) if state.stages[r.name].standing is not None]
    owners = (owner.id for r in standing for owner in roster.owners_of(r.accountable or ""))
    return tuple(dict.fromkeys(owners))
