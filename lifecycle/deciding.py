"""One owner's answer to a sign-off: who may give it, on what, and what it means."""

from lifecycle.addressing import key_of, person_asked, signoff_of
from lifecycle.answers import Given, approve, request_changes
from lifecycle.binding import changes
from lifecycle.commands import Decide, Refused
from lifecycle.eligibility import holders, right_of, stand_in_exclusion, stand_ins
from lifecycle.explain_asking import signoff_sentence
from lifecycle.fact_values import Right
from lifecycle.free_seats import stood_in_for
from lifecycle.notices import called
from lifecycle.ordering import waited_for
from lifecycle.roster import Member
from lifecycle.separation import barred, escalation_exclusion
from lifecycle.settle import settle
from lifecycle.side_stages import stage_rule
from lifecycle.state import Signoff, SignoffStatus, Stage, StageStatus, VersionState
from lifecycle.story import Story
from lifecycle.votes import counted_votes, role_signed_by


def decide_signoff(story: Story, command: Decide) -> None:
    """Take an owner's answer; raises Refused with the sentence for them."""
    settle(story)
    key = key_of(story.state, command.signoff)
    stage = story.state.stages[key.stage]
    signoff = signoff_of(story.state, key)
    person = person_asked(story.state, signoff, command.person, command.via)
    right = _right(story.state, signoff, person)
    _check_open(story.state, stage, signoff)
    _check_revision(signoff, command)
    rule = stage_rule(story.state, key.stage)
    for_whom = _for_whom(story.state, stage, signoff, person) if right == "delegation" else ""
    given = Given(rule, stage, signoff, command, person.id, right, for_whom)
    if command.decision == "approve":
        approve(story, given)
    else:
        request_changes(story, given)


def _right(state: VersionState, signoff: Signoff, person: Member) -> Right:
    right = right_of(state, signoff, person.id)
    not_asked = escalation_exclusion(state, signoff, person.id)
    if right is None and not_asked is not None and person.id in signoff.escalated:
        raise Refused(not_asked.code, not_asked.sentence)
    if right is None:
        _check_stands_in(state, signoff, person)
        may = called(state, holders(state, signoff)) or "nobody"
        raise Refused(
            "not-an-owner",
            f"{person.called} is not asked to sign as {signoff.role}; {may} may.",
        )
    excluded = barred(state, signoff, person.id)
    if excluded is not None:
        raise Refused(excluded.code, excluded.sentence)
    return right


def _check_stands_in(state: VersionState, signoff: Signoff, person: Member) -> None:
    """Refuse somebody who stood in for an owner, or would if they might, with the reason."""
    for given in signoff.delegations:
        if given.to == person.id and given.ended:
            owner = called(state, (given.person,))
            raise Refused(
                "delegation-ended",
                f"You no longer stand in for {owner}: {given.ended} Ask them.",
            )
    excluded = stand_in_exclusion(state, signoff, person.id)
    if excluded is not None:
        raise Refused(excluded.code, excluded.sentence)


def _for_whom(state: VersionState, stage: Stage, signoff: Signoff, person: Member) -> str:
    """Give the owner in whose place a stand-in answers; raises Refused when none is left.

    Who approved this in somebody's place already speaks for the same owner again.
    """
    owner = stood_in_for(state, stage, signoff, person.id)
    if owner is not None:
        return owner
    votes = counted_votes(state, signoff)
    answered = next((v.on_behalf_of for v in votes if v.person == person.id), None)
    if answered is not None:
        return answered
    owners = stand_ins(state, signoff)[person.id]
    roles = dict.fromkeys(r for o in owners if (r := role_signed_by(state, stage, o)) is not None)
    raise Refused(
        "already-signed",
        f"You stand in for {called(state, owners)}, who already signed for {' and '.join(roles)}; "
        "you count once together.",
    )


def _check_open(state: VersionState, stage: Stage, signoff: Signoff) -> None:
    if signoff.status == SignoffStatus.APPROVED:
        by = called(state, tuple(vote.person for vote in signoff.votes))
        raise Refused("decided", f"This is decided already: approved by {by}.")
    if signoff.status != SignoffStatus.PENDING or stage.status != StageStatus.ASKING:
        why = stage.why or signoff.why
        said = f": {why}" if why else "."
        raise Refused("decided", f"{stage.name} is not asking for sign-offs now{said}")
    if not signoff.is_open:
        before = waited_for(stage, signoff)
        waits = " ".join(signoff_sentence(state, stage, stage.signoffs[role]) for role in before)
        roles = " and ".join(before)
        raise Refused("not-asked-yet", f"{signoff.role} is asked after {roles}. {waits}")


def _check_revision(signoff: Signoff, command: Decide) -> None:
    if command.revision == signoff.revision:
        return
    before = signoff.before.get(command.revision)
    changed = " ".join(changes(before, signoff.binding)) if before is not None else ""
    raise Refused(
        "other-revision",
        "What you decided on is not what stands now. "
        + (changed or "Look at the request again.")
        + f" The current revision is {signoff.revision}.",
    )
