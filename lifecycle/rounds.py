"""Opening a stage, asking its owners, counting their answers: each rule adds at most one fact."""

from datetime import datetime

from lifecycle import asking, carrying
from lifecycle.basis import remembered_by_basis
from lifecycle.binding import deciding_rules, unresolved
from lifecycle.blocking import blocking
from lifecycle.clocks import evidence_due
from lifecycle.definition import StageRule
from lifecycle.evidence import standing_of, while_young
from lifecycle.involvement import producers_problem
from lifecycle.pacing import is_quiet
from lifecycle.roster import Roster
from lifecycle.seats import Shortage
from lifecycle.silence import answering_people
from lifecycle.stage_facts import SignoffApproved, StageOpened, StagePaused, StageUnowned
from lifecycle.standing import approve
from lifecycle.state import Basis, SignoffStatus, Stage, StageStatus
from lifecycle.story import Story
from lifecycle.turns import may_enter, needs_turn


def _needs_stand(story: Story, rule: StageRule) -> bool:
    return all(story.state.stages[name].standing is not None for name in rule.needs or ())


def open_stage(story: Story, rule: StageRule, stage: Stage) -> None:
    """Open a stage whose needs stand, or that producers answered to after it was sent back."""
    if stage.status == StageStatus.WAITING and not _needs_stand(story, rule):
        return
    if stage.status == StageStatus.SENT_BACK and stage.returned:
        return
    if not may_enter(story, rule, stage):
        return
    round_ = asking.next_round(stage)
    due = evidence_due(story.state, rule, story.now)
    story.add(StageOpened(**story.stamp, stage=rule.name, round=round_, evidence_due=due))


def pause(story: Story, rule: StageRule, stage: Stage) -> None:
    """Close the round of a stage when something that it needs no longer stands.

    A stage that was sent back stays with its producers until they answer.
    """
    if stage.returned:
        return
    missing = [n for n in rule.needs or () if story.state.stages[n].standing is None]
    if missing:
        why = f"{', '.join(missing)} must be approved first."
        story.add(StagePaused(**story.stamp, stage=rule.name, round=stage.round, why=why))


def pause_rested(story: Story, rule: StageRule, stage: Stage) -> None:
    """Let go of an approval whose renewal a withdrawn request ended, when a need fell meanwhile."""
    if stage.standing is not None:
        pause(story, rule, stage)


def is_ready(state: Basis, rule: StageRule, now: datetime) -> bool:
    """Say whether owners may be asked: evidence met, bytes known, producers known."""
    return _is_there(state, rule) and all(
        standing_of(state, name, now).is_met for name in _that_ages(state, rule)
    )


@remembered_by_basis
def _is_there(state: Basis, rule: StageRule) -> bool:
    """Say whether everything is there that is asked about, whatever its age."""
    return (
        all(while_young(state, name).is_met for name in rule.evidence)
        and not unresolved(state, rule)
        and producers_problem(state) is None
    )


@remembered_by_basis
def _that_ages(state: Basis, rule: StageRule) -> tuple[str, ...]:
    """Name the evidence of a stage that becomes too old at some instant."""
    return tuple(n for n in rule.evidence if while_young(state, n).expires_at is not None)


def ask(story: Story, rule: StageRule, stage: Stage) -> None:
    """Ask the owners once everything else is there; without owners to ask, the rules approve."""
    if not may_enter(story, rule, stage):
        return
    if not is_ready(story.state, rule, story.now):
        _end_quiet(story, rule, stage)
        return
    if not deciding_rules(story.state, rule):
        if not blocking(story.state, (rule.name,)):
            approve(story, rule, stage)
        return
    round_ = asking.next_round(stage)
    carried = carrying.carried(story.state, rule, round_, story.now)
    requests = asking.asking_of(story.state, rule, carried)
    if is_quiet(stage, story.now) and any(len(one.kept) < one.needed for one in requests):
        return
    short = asking.shortage_before(story.state, rule, story.lifecycle, requests)
    if short is not None and carried:
        # Who carried one role may be needed for another: then the owners are asked for both.
        carried = {}
        requests = asking.asking_of(story.state, rule, carried)
        short = asking.shortage_before(story.state, rule, story.lifecycle, requests)
    if short is None:
        carrying.record(story, rule, round_, carried)
        story.add(asking.owners_asked(story.state, rule, requests, story.stamp))
    elif stage.status != StageStatus.UNOWNED:
        _unowned(story, rule, stage, short)


def asks_at(state: Basis, rule: StageRule, stage: Stage) -> datetime | None:
    """Give when owners are asked who are left alone until then, or None."""
    quiet = stage.quiet_until
    if stage.status != StageStatus.COLLECTING or quiet is None or needs_turn(rule, stage):
        return None
    return quiet if is_ready(state, rule, quiet) else None


def _end_quiet(story: Story, rule: StageRule, stage: Stage) -> None:
    """Put on record that a quiet is over which ended too late: its evidence grew old meanwhile.

    Otherwise the instant would stay a deadline that nothing comes of.
    """
    if not is_quiet(stage, story.now) and asks_at(story.state, rule, stage) is not None:
        story.add(
            StageOpened(
                **story.stamp,
                stage=rule.name,
                round=stage.round,
                evidence_due=stage.evidence_due,
            )
        )


def _unowned(story: Story, rule: StageRule, stage: Stage, short: Shortage) -> None:
    roster = story.state.roster or Roster(model=story.state.model)
    names = {person: member.called for person, member in roster.people.items()}
    excluded = asking.excluded_owners(story.state, rule.name, _asked_roles(rule, short))
    accountable = roster.owners_of(rule.accountable or "")
    managers = [m.manager for m in accountable if m.manager]
    told = tuple(dict.fromkeys([*(m.id for m in accountable), *managers]))
    if not told and story.state.edition >= 2:
        told = answering_people(story.state, rule)
    story.add(
        StageUnowned(
            **story.stamp,
            stage=rule.name,
            round=stage.round,
            why=" ".join([short.sentence(names), *dict.fromkeys(excluded)]),
            told=told,
        )
    )


def _asked_roles(rule: StageRule, short: Shortage) -> tuple[str, ...]:
    """Give every role whose owners were looked at for the seats that can't be filled."""
    rules = {one.role: one for one in rule.signoffs}
    names = [(*rules[r.role].roles, rules[r.role].fallback) for r in short.roles if r.role in rules]
    return tuple(dict.fromkeys(name for roles in names for name in roles if name))


def count(story: Story, rule: StageRule, stage: Stage) -> None:
    """Count approvals: a role's quorum, the stage's, and whether open seats can be filled."""
    reached = asking.reached(story.state, stage)
    if reached is not None:
        role, by = reached
        story.add(
            SignoffApproved(**story.stamp, stage=rule.name, round=stage.round, role=role, by=by)
        )
        return
    if all(s.status == SignoffStatus.APPROVED or s.advisory for s in stage.signoffs.values()):
        if not blocking(story.state, (rule.name,)):
            approve(story, rule, stage)
        return
    short = asking.shortage_now(story.state, story.lifecycle, stage)
    if short is not None:
        _unowned(story, rule, stage, short)
