"""What a step of an escalation does: remind, tell, ask, hold, send back, expire. Never approve."""

from lifecycle.answers import send_back
from lifecycle.definition import StageRule
from lifecycle.fact_values import PlannedStep
from lifecycle.reminding import remind
from lifecycle.separation import barred
from lifecycle.signoff_facts import ChannelTold, StageExpired, StageHeld
from lifecycle.silence import (
    answering_people,
    concerned_roles,
    stands_for,
    target_people,
    unanswering_people,
)
from lifecycle.stage_facts import EscalationAsked, EscalationTold
from lifecycle.state import ESCALATION, Stage
from lifecycle.story import Story


def escalate(story: Story, rule: StageRule, step: PlannedStep) -> None:
    """Take one step; it is planned no more afterwards."""
    stage = story.stage(rule)
    match step.action:
        case "remind":
            remind(story, stage, step)
        case "tell":
            _tell(story, rule, stage, step)
        case "ask":
            _ask(story, rule, stage, step)
        case "channel":
            story.add(
                ChannelTold(
                    **story.stamp,
                    stage=stage.name,
                    round=stage.round,
                    step=step.index,
                    channel=step.target,
                )
            )
        case "hold":
            _hold(story, rule, stage, step)
        case "return":
            _return(story, rule, stage, step)
        case "expire":
            _expire(story, stage, step)


def _tell(story: Story, rule: StageRule, stage: Stage, step: PlannedStep) -> None:
    """Inform somebody; they may not sign because of it."""
    story.add(
        EscalationTold(
            **story.stamp,
            stage=stage.name,
            round=stage.round,
            step=step.index,
            target=step.target,
            people=target_people(story.state, rule, stage, step),
        )
    )


def _ask(story: Story, rule: StageRule, stage: Stage, step: PlannedStep) -> None:
    """Let somebody sign for those who are silent, unless they are excluded themselves."""
    state, roles = story.state, concerned_roles(stage, step)
    may = tuple(
        person
        for person in target_people(state, rule, stage, step)
        if all(not barred(state, stage.signoffs[role], person) for role in roles)
        and not (state.roster and state.roster.gave_themselves(step.target, person))
    )
    silent = unanswering_people(state, stage, roles)
    # Facts of the first edition say nothing of whom they stand in for.
    for_whom = may if state.edition >= 2 else ()
    story.add(
        EscalationAsked(
            **story.stamp,
            stage=stage.name,
            round=stage.round,
            step=step.index,
            target=step.target,
            roles=roles,
            people=may,
            stands_for={p: stands_for(state, step.target, p, silent) for p in for_whom},
        )
    )


def _not_in_time(stage: Stage, step: PlannedStep) -> str:
    """Say which sign-offs are missing."""
    roles = concerned_roles(stage, step)
    what = "sign-offs" if len(roles) > 1 else "sign-off"
    return f"The {what} as {' and '.join(roles)} did not come in time."


def _hold(story: Story, rule: StageRule, stage: Stage, step: PlannedStep) -> None:
    """Let the stage stand still until somebody who answers for it releases it."""
    why = f"{_not_in_time(stage, step)} The stage is held until it is released."
    told = answering_people(story.state, rule)
    story.add(StageHeld(**story.stamp, stage=stage.name, round=stage.round, why=why, told=told))


def _return(story: Story, rule: StageRule, stage: Stage, step: PlannedStep) -> None:
    """Send the version back to a stage, as a request for changes would.

    A step that was planned under another definition may name one that this stage no longer needs:
    going there would not end this round.
    """
    target = step.target
    if target == stage.name or stage.name in story.lifecycle.dependents_of(target):
        send_back(story, rule, step.target, _not_in_time(stage, step), ESCALATION)
    else:
        _hold(story, rule, stage, step)


def _expire(story: Story, stage: Stage, step: PlannedStep) -> None:
    """End the request; whoever requests review again starts the next round."""
    why = f"{_not_in_time(stage, step)} The request expired; request review to ask again."
    story.add(
        StageExpired(**story.stamp, stage=stage.name, round=stage.round, step=step.index, why=why)
    )
