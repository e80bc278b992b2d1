"""Letting somebody answer in an owner's place, for one request, and when that is over."""

from lifecycle.addressing import key_of, person_asked, signoff_of
from lifecycle.commands import Delegate, Refused
from lifecycle.eligibility import own_right_of, principals, stand_ins
from lifecycle.notices import called
from lifecycle.roster import Member, Roster
from lifecycle.separation import barred
from lifecycle.settle import settle
from lifecycle.signoff_facts import Delegated
from lifecycle.standing_in import chain, delegation_by
from lifecycle.state import Signoff, SignoffStatus, Stage, StageStatus, VersionState
from lifecycle.story import Story
from lifecycle.turning import end_of
from lifecycle.values import moment
from lifecycle.votes import role_signed_by


def delegate(story: Story, command: Delegate) -> None:
    """Let somebody answer in an owner's place, or take that back; raises Refused."""
    settle(story)
    key = key_of(story.state, command.signoff)
    stage, signoff = story.state.stages[key.stage], signoff_of(story.state, key)
    owner = person_asked(story.state, signoff, command.person, command.via)
    _check_may_delegate(story.state, signoff, owner)
    _check_pending(stage, signoff)
    _check_unsigned(story.state, stage, signoff, owner)
    if command.to is None:
        _take_back(story, stage, signoff, owner)
        return
    _check_until(story, command)
    to = _delegate(story.state, command.to)
    _check_can_stand_in(story.state, stage, signoff, owner, to)
    _end_earlier(story, stage, signoff, owner, to)
    story.add(
        Delegated(
            **story.stamp,
            stage=stage.name,
            round=signoff.round,
            role=signoff.role,
            person=owner.id,
            to=to.id,
            until=command.until,
            reason=command.reason,
            via=command.via,
        )
    )


def _check_may_delegate(state: VersionState, signoff: Signoff, person: Member) -> None:
    held = stand_ins(state, signoff).get(person.id)
    if held is not None:
        owners = called(state, held)
        raise Refused(
            "not-an-owner",
            f"Only {owners} can delegate this; ask them. Who stands in for somebody can't pass "
            "it on.",
        )
    excluded = barred(state, signoff, person.id)
    is_owner = own_right_of(state, signoff, person.id) is not None
    if is_owner and excluded is not None:
        raise Refused(excluded.code, excluded.sentence)
    if not is_owner:
        may = called(state, principals(state, signoff)) or "nobody"
        raise Refused(
            "not-an-owner",
            f"{person.called} is not asked to sign as {signoff.role}; only {may} can delegate it.",
        )


def _check_pending(stage: Stage, signoff: Signoff) -> None:
    if signoff.status != SignoffStatus.PENDING or stage.status != StageStatus.ASKING:
        raise Refused("decided", f"{signoff.role} is decided; there is nothing to delegate.")


def _check_unsigned(state: VersionState, stage: Stage, signoff: Signoff, owner: Member) -> None:
    signed = role_signed_by(state, stage, owner.id)
    if signed is None:
        return
    votes = (v for v in stage.signoffs[signed].votes if v.on_behalf_of == owner.id)
    by = next((called(state, (v.person,)) for v in votes), None)
    if by is not None:
        raise Refused("decided", f"{by} already signed as {signed} in your place.")
    if signed == signoff.role or state.lifecycle is None:
        raise Refused("already-signed", f"You already signed as {signed}; it needs no delegate.")
    if state.lifecycle.separation.one_person == "one_role":
        raise Refused(
            "already-signed",
            f"You already signed for {signed}; one person counts once per stage, and so does "
            "their delegate.",
        )


def _take_back(story: Story, stage: Stage, signoff: Signoff, owner: Member) -> None:
    given = delegation_by(signoff, owner.id)
    if given is None:
        raise Refused("not-delegated", f"You delegated {signoff.role} to nobody here.")
    why = f"{owner.called} took it back."
    story.add(end_of(story, stage, signoff, given.person, given.to, why))


def _end_earlier(story: Story, stage: Stage, signoff: Signoff, owner: Member, to: Member) -> None:
    given = delegation_by(signoff, owner.id)
    if given is not None and given.to != to.id:
        why = f"{owner.called} delegates to {to.called} instead."
        story.add(end_of(story, stage, signoff, given.person, given.to, why))


def _check_until(story: Story, command: Delegate) -> None:
    if command.until is not None and command.until <= story.now:
        raise Refused("in-the-past", f"{moment(command.until)} is over; name a later instant.")


def _delegate(state: VersionState, name: str) -> Member:
    member = state.roster.person(name) if state.roster else None
    if member is None:
        raise Refused(
            "unknown-person",
            f"{name} is not known here; describe them in a people file, or have an administrator "
            "add them.",
        )
    return member


def _check_can_stand_in(
    state: VersionState, stage: Stage, signoff: Signoff, owner: Member, to: Member
) -> None:
    roster = state.roster or Roster(model=state.model)
    if to.id == owner.id:
        raise Refused("delegation-loop", "You can't delegate to yourself; name somebody else.")
    given = delegation_by(signoff, to.id)
    way = chain(roster, given.to if given else None, to.id)
    if owner.id in way or roster.absent.get(to.id) == owner.id:
        raise Refused(
            "delegation-loop",
            f"You stand in for {to.called}, so it would come back to you; name somebody else.",
        )
    excluded = barred(state, signoff, to.id)
    if excluded is not None:
        reason = excluded.said_of_them if excluded.is_of_duty else _plainly(to)
        raise Refused(excluded.code, f"{to.called} {reason} and may not sign; name somebody else.")
    if to.id in roster.absent:
        raise Refused("away", f"{to.called} is away; name somebody who is there.")
    if own_right_of(state, signoff, to.id) is not None:
        raise Refused(
            "already-asked",
            f"{to.called} may sign as {signoff.role} already and counts for themselves; name "
            "somebody who may not.",
        )
    _check_free(state, stage, to)


def _plainly(member: Member) -> str:
    return "is a machine" if member.machine else "left"


def _check_free(state: VersionState, stage: Stage, to: Member) -> None:
    signed = role_signed_by(state, stage, to.id)
    one_role = state.lifecycle is None or state.lifecycle.separation.one_person == "one_role"
    if signed is not None and one_role:
        raise Refused(
            "already-signed",
            f"{to.called} already signed for {signed}; one person counts once per stage. Name "
            "somebody else.",
        )
