"""What follows when a request can't reach somebody: others hear of it at once, or are asked.

It never approves, holds, returns or expires anything, and a lost token, which is nobody's absence,
escalates nothing.
"""

from lifecycle.clocks import free_index
from lifecycle.definition import StageRule
from lifecycle.eligibility import people_named
from lifecycle.escalating import escalate
from lifecycle.fact_values import PlannedStep
from lifecycle.free_seats import can_decide
from lifecycle.reach import missing_in_slack
from lifecycle.receipts import SENT, outcomes_by
from lifecycle.side_stages import stage_rules
from lifecycle.signoff_facts import StepHastened, UnreachedTold
from lifecycle.silence import (
    answering_people,
    concerned_roles,
    managers_of,
    pending_roles,
    steps_to_come,
    target_people,
)
from lifecycle.state import Signoff, Stage, StageStatus, VersionState
from lifecycle.story import Story

_REACHES = frozenset({"tell", "ask", "channel"})
"""Steps that bring a request to somebody; the others only end it, and wait for their time."""


def escalate_unreached(story: Story, *, mails: bool) -> None:
    """Tell others whom requests can't reach, and take the next step where they reach nobody."""
    if story.state.edition < 2 or story.state.is_withdrawn:
        return
    for rule in stage_rules(story.state):
        for role in pending_roles(story.stage(rule)):
            stage = story.stage(rule)
            if stage.status == StageStatus.ASKING and stage.paused_since is None:
                _escalate(story, rule, stage.signoffs[role], mails=mails)


def _escalate(story: Story, rule: StageRule, signoff: Signoff, *, mails: bool) -> None:
    state, stage = story.state, story.stage(rule)
    able = can_decide(state, stage, signoff)
    missing = tuple(person for person in able if person in missing_in_slack(signoff))
    new = tuple(person for person in missing if person not in signoff.unreached_told)
    is_nobody = not signoff.is_hastened and reaches_nobody(able, signoff, mails=mails)
    step = next_reaching(stage, signoff.role) if is_nobody else None
    if step is not None and step.action != "tell":
        _hasten(story, rule, signoff, step, new)
    elif new or step is not None:
        told = step or next_reaching(stage, signoff.role)
        story.add(
            UnreachedTold(
                **story.stamp,
                stage=stage.name,
                round=signoff.round,
                role=signoff.role,
                about=new or missing,
                people=_whom(state, rule, signoff, told, new or missing),
                mails=mails,
                step=step.index if step is not None else None,
            )
        )


def reaches_nobody(able: tuple[str, ...], signoff: Signoff, *, mails: bool) -> bool:
    """Say whether none who may decide was reached in any way, or will be."""
    missing, by_mail = missing_in_slack(signoff), outcomes_by(signoff.receipts, "email")

    def is_lost(person: str) -> bool:
        letter = by_mail.get(person)
        return person in missing and (letter.outcome != SENT if letter else not mails)

    return bool(able) and all(is_lost(person) for person in able)


def next_reaching(stage: Stage, role: str) -> PlannedStep | None:
    """Give the next step that brings a role's request to somebody else."""
    steps = (
        step
        for step in steps_to_come(stage)
        if step.action in _REACHES and role in concerned_roles(stage, step)
    )
    return min(steps, key=lambda step: (step.at, step.index), default=None)


def _whom(
    state: VersionState,
    rule: StageRule,
    signoff: Signoff,
    step: PlannedStep | None,
    about: tuple[str, ...],
) -> tuple[str, ...]:
    """Give who hears of it: as the next step says, else managers, else who answers for it."""
    stage, lost = state.stages[rule.name], frozenset(about)
    managers = tuple(
        one for one in managers_of(state, about) if people_named(state, f"person:{one}")
    )
    by_step: tuple[str, ...] = ()
    if step is not None and step.action != "channel":
        own = step.model_copy(update={"roles": (signoff.role,)})
        is_managers = step.target == "manager"
        by_step = managers if is_managers else target_people(state, rule, stage, own)
    accountable = people_named(state, rule.accountable or "")
    for people in (by_step, managers, accountable, answering_people(state, rule)):
        if left := tuple(person for person in people if person not in lost):
            return left
    return ()


def _hasten(
    story: Story, rule: StageRule, signoff: Signoff, step: PlannedStep, about: tuple[str, ...]
) -> None:
    """Take a step now for this request alone; for other roles it keeps its time."""
    now = step.model_copy(
        update={
            "index": free_index(story.stage(rule)),
            "at": story.now,
            "roles": (signoff.role,),
        }
    )
    story.add(
        StepHastened(
            **story.stamp,
            stage=rule.name,
            round=signoff.round,
            role=signoff.role,
            about=about,
            of=step.index,
            step=now,
        )
    )
    escalate(story, rule, now)
