"""Take an owner's answer back: their own approval, or an objection that sent nothing back."""

from lifecycle.addressing import key_of, member_named, person_asked, signoff_of
from lifecycle.clocks import evidence_due
from lifecycle.commands import Refused, WithdrawAnswer
from lifecycle.fact_values import Approval, Vote
from lifecycle.notices import called
from lifecycle.settle import settle
from lifecycle.side_stages import stage_rule
from lifecycle.signoff_facts import ApprovalWithdrawn
from lifecycle.stage_facts import StageReopened
from lifecycle.state import Signoff, SignoffStatus, Stage, StageStatus, VersionState
from lifecycle.story import Story
from lifecycle.values import SignoffKey


def withdraw_answer(story: Story, command: WithdrawAnswer) -> None:
    """Take one's own answer back; raises Refused, saying why, for everybody else's.

    Before the stage is approved the vote is gone, and a role that had approved is pending again.
    Afterwards the stage is reopened for the role alone, and its gates close.
    """
    settle(story)
    key = key_of(story.state, command.signoff)
    stage = story.state.stages[key.stage]
    approval = _standing_approval(stage, key)
    if approval is not None:
        _reopen(story, stage, key, approval, command)
        return
    signoff = signoff_of(story.state, key)
    person = person_asked(story.state, signoff, command.person, command.via).id
    _check_open(stage, signoff)
    answered = [vote.person for vote in signoff.votes]
    answered += [d.person for d in signoff.dissents if not d.approved_since]
    if person not in answered:
        raise Refused("no-answer", _not_theirs(story.state, key.role, tuple(answered)))
    _withdraw(story, stage, key, person, command)


def _not_theirs(state: VersionState, role: str, answered: tuple[str, ...]) -> str:
    by = called(state, tuple(dict.fromkeys(answered)))
    theirs = f" {by} answered; only they take it back." if by else " Nobody has."
    return f"You gave no answer as {role} that could be taken back.{theirs}"


def _check_open(stage: Stage, signoff: Signoff) -> None:
    if signoff.status == SignoffStatus.CHANGES_REQUESTED:
        raise Refused(
            "sent-back",
            "It was sent back already; request review again when nothing needs to change.",
        )
    if signoff.status == SignoffStatus.VOID or stage.status != StageStatus.ASKING:
        why = f" {signoff.why}" if signoff.why else ""
        raise Refused("decided", f"There is no answer left to take back.{why}")


def _standing_approval(stage: Stage, key: SignoffKey) -> Approval | None:
    """Find the approval of a role that its stage rests on, by the request it was given to."""
    standing = stage.standing
    if standing is None or key.round != standing.round:
        return None
    return next((one for one in standing.approvals if one.role == key.role), None)


def _reopen(
    story: Story, stage: Stage, key: SignoffKey, approval: Approval, command: WithdrawAnswer
) -> None:
    """Start the next round, in which the role is asked anew; the gates close."""
    person = _voter(story.state, approval.votes, key.role, command)
    _withdraw(story, stage, key, person, command)
    reason = f": {command.reason}" if command.reason else "."
    rule = stage_rule(story.state, stage.name)
    story.add(
        StageReopened(
            **story.stamp,
            stage=stage.name,
            round=stage.round + 1,
            reason="withdrawn",
            why=f"{called(story.state, (person,))} withdrew the approval as {key.role}{reason}",
            gate="close",
            roles=(key.role,),
            voided=(key.role,),
            evidence_due=evidence_due(story.state, rule, story.now),
        )
    )


def _voter(state: VersionState, votes: tuple[Vote, ...], role: str, command: WithdrawAnswer) -> str:
    member = member_named(state, command.person, command.via)
    name = member.id if member else command.person
    people = tuple(vote.person for vote in votes)
    if name not in people:
        raise Refused("no-answer", _not_theirs(state, role, people))
    return name


def _withdraw(
    story: Story, stage: Stage, key: SignoffKey, person: str, command: WithdrawAnswer
) -> None:
    story.add(
        ApprovalWithdrawn(
            **story.stamp,
            stage=stage.name,
            round=key.round,
            role=key.role,
            person=person,
            reason=command.reason,
            via=command.via,
        )
    )
