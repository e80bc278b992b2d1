"""Overrides that end, and the trust that is suspended when nobody reviews one."""

from lifecycle.roster import Roster
from lifecycle.state import Override, VersionState
from lifecycle.story import Story
from lifecycle.trust_facts import OverrideEnded, TrustRestored, TrustSuspended


def end_overrides(story: Story) -> None:
    """Close a gate again whose override has run out."""
    for one in story.state.overrides.values():
        if not one.is_over and one.until <= story.now:
            story.add(OverrideEnded(**story.stamp, override=one.id, why="Its hours are over."))
            return


def suspend_trust(story: Story) -> None:
    """Close every gate when the review of an override is late or was declined."""
    if story.state.suspended_why:
        return
    for one in story.state.overrides.values():
        why = _why(story, one)
        if why:
            story.add(
                TrustSuspended(
                    **story.stamp, why=why, override=one.id, told=_told(story.state, one)
                )
            )
            return


def restore_trust(story: Story) -> None:
    """Open what stands approved again once every such override is reviewed."""
    overrides = story.state.overrides.values()
    if story.state.suspended_why and not any(_why(story, one) for one in overrides):
        story.add(TrustRestored(**story.stamp, why="What was overridden is reviewed."))


def _why(story: Story, override: Override) -> str:
    roster = story.state.roster or Roster(model=story.state.model)
    what = f"Override {override.id} of {override.gate} by {roster.called(override.person)}"
    if override.is_reviewed:
        return ""
    if override.is_declined:
        return f"{what} was declined in its review."
    if override.review_due is not None and override.review_due <= story.now:
        return f"{what} was not reviewed in time."
    return ""


def _told(state: VersionState, override: Override) -> tuple[str, ...]:
    """Give the owners who answer for the stages, and the managers of all who are involved."""
    roster = state.roster or Roster(model=state.model)
    rules = state.lifecycle.stages if state.lifecycle else ()
    owners = [m for rule in rules for m in roster.owners_of(rule.accountable or "")]
    by = roster.person(override.person)
    managers = [m.manager for m in (*([by] if by else []), *owners) if m.manager]
    return tuple(dict.fromkeys([*(m.id for m in owners), *managers]))
