"""What an owner's answer leads to, once it is known to be theirs to give."""

from typing import NamedTuple

from lifecycle.asking import shortage_now
from lifecycle.clocks import evidence_due
from lifecycle.commands import Decide, Refused
from lifecycle.definition import Lifecycle, SignoffRule, StageRule
from lifecycle.evolve import evolve
from lifecycle.fact_values import Dissent, Right
from lifecycle.meeting import conditions_given, refuse_conditions
from lifecycle.notices import called
from lifecycle.side_stages import stage_rule
from lifecycle.signoff_facts import Dissented
from lifecycle.stage_facts import ChangesRequested, SignedOff, StagePaused, StageSentBack
from lifecycle.state import Signoff, Stage, StageStatus
from lifecycle.story import Story
from lifecycle.votes import counted_votes, role_signed_by, standing_dissents


class Given(NamedTuple):
    """An answer, to what, by whom and by what right."""

    rule: StageRule
    stage: Stage
    signoff: Signoff
    command: Decide
    person: str
    right: Right
    on_behalf_of: str = ""
    """The owner in whose place it is given."""


def _check_once(story: Story, stage: Stage, signoff: Signoff, person: str) -> None:
    for vote in counted_votes(story.state, signoff):
        if vote.person == person:
            raise Refused(
                "already-signed",
                f"You already approved this as {signoff.role}; one person counts once.",
            )
        if vote.on_behalf_of == person:
            raise Refused(
                "already-signed",
                f"{called(story.state, (vote.person,))} already approved this as {signoff.role} "
                "in your place; you count once together.",
            )
    signed = role_signed_by(story.state, stage, person)
    if signed is not None and story.lifecycle.separation.one_person == "one_role":
        raise Refused(
            "already-signed",
            f"You already signed for {signed}; one person counts once per stage.",
        )


def approve(story: Story, given: Given) -> None:
    """Take an approval; raises Refused."""
    stage, signoff, command, person = given.stage, given.signoff, given.command, given.person
    _check_once(story, stage, signoff, person)
    if command.reasons:
        raise Refused("unknown-reason", "Reasons go with a request for changes; leave them out.")
    rule = _rule_of(given.rule, signoff.role)
    if (rule.confirm or rule.comment == "required") and not command.comment:
        raise Refused(
            "comment-required",
            f"Approving as {signoff.role} needs a comment: say what you checked.",
        )
    fact = SignedOff(
        **story.stamp,
        stage=stage.name,
        round=signoff.round,
        role=signoff.role,
        person=person,
        revision=signoff.revision,
        comment=command.comment,
        right=given.right,
        via=command.via,
        conditions=conditions_given(story, signoff, command),
        on_behalf_of=given.on_behalf_of,
    )
    _check_seats(story, stage, signoff, fact)
    story.add(fact)


def _rule_of(rule: StageRule, role: str) -> SignoffRule:
    return next(one for one in rule.signoffs if one.role == role)


def _check_seats(story: Story, stage: Stage, signoff: Signoff, fact: SignedOff) -> None:
    """Refuse an approval that would take a person whom another open seat cannot do without."""
    after = evolve(story.state, fact)
    short = shortage_now(after, story.lifecycle, after.stages[stage.name])
    if short is not None and shortage_now(story.state, story.lifecycle, stage) is None:
        roles = " and ".join(role.role for role in short.roles if role.role != signoff.role)
        raise Refused(
            "needed-elsewhere",
            f"Only you can sign as {roles or signoff.role}; leave {signoff.role} to somebody "
            "else, or have another owner added.",
        )


def send_back_choices(rule: StageRule) -> tuple[str, ...]:
    """Give where a request for changes may send a version; without choices, this stage again."""
    return rule.send_back_to or (rule.name,)


def _target(rule: StageRule, command: Decide) -> str:
    choices = send_back_choices(rule)
    if command.send_back_to is None and len(choices) == 1:
        return choices[0]
    if command.send_back_to is None:
        raise Refused("target-required", f"Say where it goes: {' or '.join(choices)}.")
    if command.send_back_to not in choices:
        raise Refused(
            "unknown-target",
            f"{rule.name} can't send back to {command.send_back_to}; "
            f"choose {' or '.join(choices)}.",
        )
    return command.send_back_to


def request_changes(story: Story, given: Given) -> None:
    """Take a request for changes; raises Refused.

    It sends the version back once as many people as the sign-off says have asked for changes; what
    is fewer than that, or only advice, stays on the record as dissent.
    """
    signoff, command = given.signoff, given.command
    refuse_conditions(command)
    if not command.comment:
        raise Refused("comment-required", "Say what must change, so that the producers can act.")
    _check_reasons(story.lifecycle, command)
    seat = {given.person, given.on_behalf_of or given.person}
    others = [
        d
        for d in standing_dissents(story.state, signoff)
        if not seat & {d.person, d.on_behalf_of or d.person}
    ]
    if len(others) < len(standing_dissents(story.state, signoff)):
        raise Refused(
            "already-objected",
            f"You already requested changes as {signoff.role}; one person counts once.",
        )
    if signoff.advisory or len(others) + 1 < signoff.changes_needed:
        _dissent(story, given)
    else:
        _decline(story, given, tuple(others))


def _check_reasons(lifecycle: Lifecycle, command: Decide) -> None:
    """Refuse a request for changes that gives none of the reasons that the lifecycle lists."""
    unknown = [reason for reason in command.reasons if reason not in lifecycle.reasons]
    if not lifecycle.reasons and unknown:
        raise Refused("unknown-reason", "This lifecycle lists no reasons; say it in the comment.")
    if unknown or (lifecycle.reasons and not command.reasons):
        listed = "; ".join(f"{name} ({text})" for name, text in lifecycle.reasons.items())
        what = f"{', '.join(unknown)} is no reason here" if unknown else "A reason is missing"
        raise Refused("reason-required", f"{what}; give at least one of these: {listed}.")


def _dissent(story: Story, given: Given) -> None:
    signoff, command = given.signoff, given.command
    if command.send_back_to is not None:
        _target(given.rule, command)
    story.add(
        Dissented(
            **story.stamp,
            stage=given.stage.name,
            round=signoff.round,
            role=signoff.role,
            person=given.person,
            revision=signoff.revision,
            comment=command.comment,
            reasons=command.reasons,
            right=given.right,
            via=command.via,
            on_behalf_of=given.on_behalf_of,
        )
    )


def _decline(story: Story, given: Given, others: tuple[Dissent, ...]) -> None:
    """Send the version back, with what those who objected before said."""
    signoff, command = given.signoff, given.command
    target = _target(given.rule, command)
    story.add(
        ChangesRequested(
            **story.stamp,
            stage=given.stage.name,
            round=signoff.round,
            role=signoff.role,
            person=given.person,
            revision=signoff.revision,
            comment=command.comment,
            send_back_to=target,
            right=given.right,
            via=command.via,
            on_behalf_of=given.on_behalf_of,
            reasons=command.reasons,
        )
    )
    said = " ".join(dict.fromkeys([*(d.comment for d in others), command.comment]))
    send_back(story, given.rule, target, said, given.person)


def send_back(story: Story, rule: StageRule, target: str, reason: str, by: str) -> None:
    """Give a version back to a stage, with all that needs it waiting."""
    goal = stage_rule(story.state, target)
    story.add(
        StageSentBack(
            **story.stamp,
            stage=target,
            round=story.stage(goal).round + 1,
            from_stage=rule.name,
            by=by,
            reason=reason,
            evidence_due=evidence_due(story.state, goal, story.now),
        )
    )
    for name in story.lifecycle.dependents_of(target):
        stage = story.state.stages[name]
        if stage.status != StageStatus.WAITING:
            why = f"Sent back to {target}: {reason}"
            story.add(StagePaused(**story.stamp, stage=name, round=stage.round, why=why))
