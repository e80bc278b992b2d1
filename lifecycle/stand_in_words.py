"""Sentences about who stands in for whom, and about signers who changed since they signed."""

from collections.abc import Iterable

from lifecycle.eligibility import stand_ins
from lifecycle.fact_values import Approval, Vote
from lifecycle.naming import called, joined
from lifecycle.roster import Roster
from lifecycle.separation import barred
from lifecycle.side_stages import stage_rule
from lifecycle.standing_in import absence_of, delegation_by
from lifecycle.state import Signoff, VersionState
from lifecycle.values import moment
from lifecycle.votes import counted_votes


def signers(state: VersionState, votes: Iterable[Vote]) -> str:
    """Name who signed, each with the owner whom they stood in for."""
    return joined(
        tuple(dict.fromkeys(signer(state, vote.person, vote.on_behalf_of) for vote in votes))
    )


def signer(state: VersionState, person: str, on_behalf_of: str) -> str:
    """Name one who signed: `Gus Ruiz on behalf of Ana Ruiz`."""
    name = called(state, (person,))
    return f"{name} on behalf of {called(state, (on_behalf_of,))}" if on_behalf_of else name


def absence_words(state: VersionState, person: str) -> str:
    """Say until when somebody is away."""
    absence = absence_of(state, person)
    until = f" until {moment(absence.until)}" if absence else ""
    return f"{called(state, (person,))} is away{until}"


def stand_in_words(state: VersionState, person: str, owner: str, signoff: Signoff) -> str:
    """Say that somebody may sign in an owner's place, and why."""
    given = delegation_by(signoff, owner)
    name = called(state, (person,))
    if given is None:
        return f"{name} may sign on behalf of {absence_words(state, owner)}."
    until = f" until {moment(given.until)}" if given.until else ""
    return f"{name} may sign on behalf of {called(state, (owner,))}, who delegated it{until}."


def away_words(state: VersionState, signoff: Signoff) -> str:
    """Say of a pending request who is away or delegated it, and who answers instead."""
    roster = state.roster or Roster(model=state.model)
    if not roster.absent and not signoff.delegations:
        return ""
    seated = {p for v in counted_votes(state, signoff) for p in (v.person, v.on_behalf_of)}
    instead = {p: one for one, held in stand_ins(state, signoff).items() for p in held}
    sentences = [
        stand_in_words(state, one, owner, signoff)
        for owner, one in instead.items()
        if owner not in seated
    ]
    owners = (m.id for role in signoff.held_by for m in roster.owners_of(role))
    sentences += [
        f"{absence_words(state, owner)} and may sign all the same; nobody stands in for them."
        for owner in dict.fromkeys(owners)
        if owner in roster.absent and owner not in instead and owner not in seated
        if barred(state, signoff, owner) is None
    ]
    return " ".join(sentences)


def flags(state: VersionState, stage: str, approval: Approval) -> tuple[str, ...]:
    """Say of each vote of a standing approval what changed about its signer since, or nothing."""
    roles = _roles_of(state, stage, approval.role)
    request = _request_of(state, stage, approval, roles)
    return tuple(_flag(state, request, vote) for vote in approval.votes)


def signoff_flags(state: VersionState, signoff: Signoff) -> str:
    """Say what changed about the signers of a role that is approved."""
    said = (_flag(state, signoff, vote) for vote in counted_votes(state, signoff))
    return " ".join(one for one in dict.fromkeys(said) if one)


def _roles_of(state: VersionState, stage: str, role: str) -> tuple[str, ...]:
    try:
        rule = stage_rule(state, stage)
    except KeyError:
        return (role,)
    return next((one.roles for one in rule.signoffs if one.role == role), (role,))


def _request_of(
    state: VersionState, stage: str, approval: Approval, roles: tuple[str, ...]
) -> Signoff:
    held = state.stages[stage].signoffs.get(approval.role)
    if held is not None:
        return held
    return Signoff(
        stage=stage,
        role=approval.role,
        roles=roles if roles != (approval.role,) else (),
        round=1,
        statement=approval.statement,
        revision=approval.revision,
        binding={},
        asked_at=approval.votes[0].at,
    )


def _flag(state: VersionState, signoff: Signoff, vote: Vote) -> str:
    if vote.carried_from:
        return ""
    roster = state.roster or Roster(model=state.model)
    member = roster.person(vote.person)
    name = called(state, (vote.person,))
    if member is None or member.left:
        return f"{name} left since they signed."
    excluded = barred(state, signoff, vote.person)
    if excluded is not None and excluded.is_of_duty:
        return f"{name} {excluded.said_of_them}."
    owner = vote.on_behalf_of or (vote.person if vote.right == "owner" else "")
    holds = any(roster.owns(r, owner) or roster.takes_turns(r, owner) for r in signoff.held_by)
    if owner and not holds and owner not in signoff.escalated:
        return f"{called(state, (owner,))} is no longer {' or '.join(signoff.held_by)}."
    return ""
