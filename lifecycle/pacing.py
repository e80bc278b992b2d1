"""How fast a stage may reopen: a quiet before its owners are asked again, a hold when it loops."""

from lifecycle.calendars import after
from lifecycle.commands import Refused, Release
from lifecycle.definition import StageRule
from lifecycle.notices import called
from lifecycle.roster import Member
from lifecycle.rules import Reopenings
from lifecycle.side_stages import stage_rule
from lifecycle.signoff_facts import StageHeld, StageReleased
from lifecycle.silence import answering_people
from lifecycle.speaking import is_privileged, known_speaker, speaker
from lifecycle.state import Stage, StageStatus, VersionState
from lifecycle.story import Story
from lifecycle.values import Instant


def pace_of(state: VersionState) -> Reopenings | None:
    """Give how often stages may reopen: as the definition says, or else the organisation."""
    own = state.lifecycle.reopenings if state.lifecycle else None
    if own is None or state.pace is None or own.quiet is not None:
        return own or state.pace
    return own.model_copy(update={"quiet": state.pace.quiet})


def quiet_until(state: VersionState, stage: Stage, now: Instant) -> Instant | None:
    """Give until when owners of a stage that reopens now are left alone, or None.

    A quiet that runs goes on as it is, so that a stream of changes can't put it off for ever.
    Nobody is spared cards where nobody was asked before.
    """
    pace = pace_of(state)
    if pace is None or pace.quiet is None or not (stage.signoffs or stage.earlier):
        return None
    if stage.quiet_until is not None and stage.quiet_until > now:
        return stage.quiet_until
    return after(now, pace.quiet, state.working)


def is_quiet(stage: Stage, now: Instant) -> bool:
    """Say whether owners are left alone, in case more changes come."""
    return stage.quiet_until is not None and stage.quiet_until > now


def _lately(state: VersionState, pace: Reopenings, stage: Stage, now: Instant) -> int:
    """Count the reopenings within the time that the pace looks back."""
    return sum(after(at, pace.within, state.working) > now for at in stage.reopened_at)


def is_held(state: VersionState, stage: Stage) -> bool:
    """Say whether a stage is held, or will be once what it needs stands and review is requested.

    Before edition 2 a hold ended with its round, so that a new request asked again.
    """
    return stage.status == StageStatus.HELD or (state.edition >= 2 and bool(stage.held_why))


def hold_when_restless(story: Story, rule: StageRule, stage: Stage) -> None:
    """Hold a stage that nobody released, or that reopened too often lately, instead of asking."""
    if is_held(story.state, stage):
        told = answering_people(story.state, rule)
        _hold(story, stage, stage.held_why, told)
    else:
        _hold_restless(story, rule, stage)


def _hold(story: Story, stage: Stage, why: str, told: tuple[str, ...]) -> None:
    story.add(StageHeld(**story.stamp, stage=stage.name, round=stage.round, why=why, told=told))


def _hold_restless(story: Story, rule: StageRule, stage: Stage) -> None:
    """Hold a stage that reopened too often lately; tell of it once."""
    pace = pace_of(story.state)
    if pace is None or not stage.reopened_at:
        return
    count = _lately(story.state, pace, stage, story.now)
    if count <= pace.at_most:
        return
    why = (
        f"It was reopened {count} times within {pace.within}, at most {pace.at_most} are allowed; "
        f"it is held until somebody who answers for it releases it. Last: {stage.why}"
    )
    told = answering_people(story.state, rule) if count == pace.at_most + 1 else ()
    _hold(story, stage, why, told)


def release(story: Story, command: Release) -> None:
    """Let a held stage go on; raises Refused for who doesn't answer for it."""
    state = story.state
    stage = state.stages.get(command.stage)
    if stage is None:
        names = ", ".join(state.stages)
        raise Refused("unknown-stage", f"There is no stage {command.stage}; there is {names}.")
    if not is_held(state, stage):
        raise Refused("not-held", f"{stage.name} is not held; there is nothing to release.")
    member = speaker(state, command) if is_privileged(command) else _accountable(story, command)
    by = member.id if member else command.by
    story.add(
        StageReleased(
            **story.stamp, stage=stage.name, round=stage.round, by=by, reason=command.reason
        )
    )


def releasers(state: VersionState, rule: StageRule) -> tuple[str, ...]:
    """Give the owners who may release a stage when it is held."""
    role, roster = rule.accountable or "", state.roster
    owners = roster.owners_of(role) if roster else ()
    return tuple(m.id for m in owners if roster and not roster.gave_themselves(role, m.id))


def _accountable(story: Story, command: Release) -> Member:
    """Find the owner who releases; nobody answers for a stage by their own hand."""
    member, rule = known_speaker(story.state, command), stage_rule(story.state, command.stage)
    able = releasers(story.state, rule)
    if member.id not in able:
        role, may = rule.accountable or "", called(story.state, able) or "nobody"
        raise Refused(
            "may-not-release",
            f"{command.stage} is released by who answers for it as {role} ({may}), a manager or "
            "an administrator; ask one of them.",
        )
    return member
