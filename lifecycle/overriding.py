"""Break-glass: a gate opened without its stages, by few people, for few hours, and reviewed."""

from datetime import datetime, timedelta

from lifecycle.calendars import after
from lifecycle.commands import EndOverride, OverrideGate, Refused
from lifecycle.roster import Member, Roster
from lifecycle.rules import OverrideRule
from lifecycle.separation import exclusion
from lifecycle.settle import settle
from lifecycle.speaking import is_privileged, known_speaker, speaker
from lifecycle.state import VersionState
from lifecycle.story import Story
from lifecycle.trust_facts import GateOverridden, OverrideEnded
from lifecycle.values import moment

MOST_OVERRIDES = 10
"""How many overrides of a version may be running or unreviewed."""


def override_gate(story: Story, command: OverrideGate) -> None:
    """Open a gate for the bytes of now, for some hours; raises Refused for who may not."""
    settle(story)
    state = story.state
    rule = _rule(state)
    person = known_speaker(state, command)
    role = _role(state, rule, person)
    _check_state(state, command)
    until = _until(story, rule, command)
    story.add(
        GateOverridden(
            **story.stamp,
            override=str(state.numbered + 1),
            gate=command.gate,
            person=person.id,
            role=role,
            reason=command.reason,
            digests=state.digests,
            until=until,
            review_due=after(story.now, rule.review.due, state.working),
            via=command.via,
        )
    )


def _rule(state: VersionState) -> OverrideRule:
    rule = state.lifecycle.override if state.lifecycle else None
    if rule is None:
        raise Refused(
            "no-override", "This lifecycle lets nobody override a gate; have the stages approved."
        )
    return rule


def _role(state: VersionState, rule: OverrideRule, person: Member) -> str:
    """Give the role by which a person may override.

    Duties stay separated in an emergency too: who made the version or asked for its review finds
    somebody else who takes the responsibility.
    """
    roster = state.roster or Roster(model=state.model)
    held = [role for role in rule.roles if person.id in [m.id for m in roster.owners_of(role)]]
    excluded = [exclusion(state, role, person.id) for role in held]
    free = [role for role, found in zip(held, excluded, strict=True) if found is None]
    if free:
        return free[0]
    for found in excluded:
        if found is not None:
            raise Refused(found.code, f"{found.sentence} Nor do they override; ask somebody else.")
    may = [m.called for role in rule.roles for m in roster.owners_of(role)]
    names = " or ".join(dict.fromkeys(may)) or f"an owner of {' or '.join(rule.roles)}"
    raise Refused("not-an-owner", f"{person.called} may not override a gate; {names} may.")


def _check_state(state: VersionState, command: OverrideGate) -> None:
    gates = tuple(state.lifecycle.gates) if state.lifecycle else ()
    if command.gate not in gates:
        known = " or ".join(gates) or "none"
        raise Refused("unknown-gate", f"There is no gate {command.gate}; its gates: {known}.")
    if not command.reason:
        raise Refused("reason-required", "Say why the gate must open now; it stays on record.")
    if state.is_withdrawn:
        raise Refused(
            "withdrawn", f"{state.closed_why} Request review again before a gate is overridden."
        )
    if state.suspended_why:
        raise Refused(
            "suspended", f"Trust is suspended: {state.suspended_why} Have that reviewed first."
        )
    if not state.digests:
        raise Refused("unknown-bytes", "No artifact has a digest yet; report its bytes first.")
    open_ones = [one for one in state.overrides.values() if not (one.is_over and one.is_reviewed)]
    if len(open_ones) >= MOST_OVERRIDES:
        raise Refused(
            "too-many-overrides",
            f"{MOST_OVERRIDES} overrides are running or not reviewed; have some reviewed first.",
        )


def _until(story: Story, rule: OverrideRule, command: OverrideGate) -> datetime:
    until = story.now + timedelta(hours=command.hours)
    latest = after(story.now, rule.at_most, story.state.working)
    if until > latest:
        raise Refused(
            "too-long",
            f"A gate may be overridden for {rule.at_most}, until {moment(latest)}; take fewer "
            "hours.",
        )
    return until


def end_override(story: Story, command: EndOverride) -> None:
    """Close a gate again before an override runs out; raises Refused."""
    settle(story)
    state = story.state
    override = state.overrides.get(command.override)
    if override is None or override.is_over:
        running = ", ".join(o.id for o in state.overrides.values() if not o.is_over) or "none"
        raise Refused(
            "unknown-override",
            f"No override {command.override} is running; those that are: {running}.",
        )
    person = speaker(state, command)
    by = person.id if person else command.by
    if not is_privileged(command) and by not in _who_may_end(state, override.person):
        raise Refused(
            "not-an-owner",
            "Who may override or review ends an override, or somebody who manages the model.",
        )
    story.add(OverrideEnded(**story.stamp, override=override.id, why=command.reason, by=by))


def _who_may_end(state: VersionState, person: str) -> tuple[str, ...]:
    """Give who may close a gate again: it takes less than to open one."""
    roster = state.roster or Roster(model=state.model)
    rule = state.lifecycle.override if state.lifecycle else None
    roles = (*rule.roles, rule.review.role) if rule else ()
    return (person, *(owner.id for role in roles for owner in roster.owners_of(role)))
