"""What stands: approving a stage, whether that still holds, and when it lapses."""

from datetime import datetime
from typing import Literal

from lifecycle.binding import bound_names, deciding_rules
from lifecycle.building import built
from lifecycle.calendars import after
from lifecycle.clocks import evidence_due
from lifecycle.definition import StageRule
from lifecycle.fact_values import Approval, Dissent
from lifecycle.side_stages import OVERRIDE, stage_rules
from lifecycle.stage_facts import StageApproved, StageLapsed, StageReopened
from lifecycle.state import Basis, Signoff, SignoffStatus, Stage, StageStatus, VersionState
from lifecycle.story import Story
from lifecycle.votes import counted_votes


def approve(story: Story, rule: StageRule, stage: Stage) -> None:
    """Record that a stage stands approved, by whom, for which bytes and until when."""
    approvals = tuple(
        built(
            Approval,
            role=role,
            statement=signoff.statement,
            revision=signoff.revision,
            votes=counted_votes(story.state, signoff),
        )
        for role, signoff in stage.signoffs.items()
        if stage.status == StageStatus.ASKING and _takes_part(signoff)
    )
    valid_until, renew_at = _validity(story, rule, _given_at(story, approvals))
    story.add(
        StageApproved(
            **story.stamp,
            stage=rule.name,
            round=stage.round,
            approvals=approvals,
            artifacts=approved_bytes(story.state, rule),
            valid_until=valid_until,
            renew_at=renew_at,
            on_lapse=_fixed_on_lapse(story.state) if valid_until else None,
            dissents=_dissents(stage),
        )
    )


def _takes_part(signoff: Signoff) -> bool:
    """Say whether a request belongs to the approval: advice does once it is given."""
    return not signoff.advisory or signoff.status == SignoffStatus.APPROVED


def _dissents(stage: Stage) -> tuple[Dissent, ...]:
    """Give every objection of the round, overruled or given up, so that it stays visible."""
    return tuple(dissent for signoff in stage.signoffs.values() for dissent in signoff.dissents)


def approved_bytes(state: Basis, rule: StageRule) -> dict[str, str]:
    """Give the bytes that an approval is about: those that a sign-off of the stage binds to."""
    names = dict.fromkeys(state.artifacts) if not rule.signoffs else {}
    for one in deciding_rules(state, rule):
        names.update(dict.fromkeys(bound_names(state, rule, one)[0]))
    digests = {n: state.artifacts[n].digest for n in names if n in state.artifacts}
    return {name: digest for name, digest in digests.items() if digest}


def _given_at(story: Story, approvals: tuple[Approval, ...]) -> datetime:
    """Give from when an approval stands: as old as the oldest vote carried into it."""
    carried = [v.at for a in approvals for v in a.votes if v.carried_from]
    return min([story.now, *carried])


def _validity(
    story: Story, rule: StageRule, since: datetime
) -> tuple[datetime | None, datetime | None]:
    trust = story.lifecycle.trust
    if rule.name.startswith(OVERRIDE):  # a review of what was done does not grow old
        return None, None
    if trust is None or (trust.renew is not None and rule.name not in trust.renew):
        return None, None
    tier = trust.tier(_risk(story.state))
    until = after(since, tier.valid_for, story.state.working)
    if tier.renew_before is None:
        return until, until
    lead = after(story.now, tier.renew_before, story.state.working) - story.now
    # A lead as long as the trust itself would renew at once, and again, without end.
    return until, until - lead if until - lead > story.now else until


def _risk(state: VersionState) -> str | None:
    return state.roster.risk if state.roster else None


def _fixed_on_lapse(state: VersionState) -> Literal["close", "warn"] | None:
    """Fix what a lapse does by the risk of now; a risk that changes is for the next approval."""
    trust = state.lifecycle.trust if state.lifecycle else None
    return trust.tier(_risk(state)).on_lapse if trust is not None and trust.by_risk else None


def is_deployed(state: VersionState, stage: Stage) -> bool:
    """Say whether bytes that a stage approved were seen in an environment."""
    return are_deployed(state, stage, state.deployments)


def are_deployed(state: Basis, stage: Stage, deployments: dict[str, str]) -> bool:
    """Say whether bytes that a stage approved are among those seen in environments."""
    approved = stage.standing.artifacts.values() if stage.standing else state.digests
    held = set(approved) or set(state.digests)
    return any(digest in held for digest in deployments.values())


def renew(story: Story, rule: StageRule, stage: Stage, why: str) -> None:
    """Ask everybody of a stage anew; its gate stays as the trust says meanwhile."""
    story.add(
        StageReopened(
            **story.stamp,
            stage=rule.name,
            round=stage.round + 1,
            reason="renewal",
            why=why,
            gate="keep",
            roles=tuple(stage.signoffs),
            evidence_due=evidence_due(story.state, rule, story.now),
        )
    )


def renew_lapsed(story: Story) -> None:
    """Ask again for every approval that lapsed, or request that did, as somebody requested it."""
    for rule in stage_rules(story.state):
        stage = story.stage(rule)
        if stage.status == StageStatus.EXPIRED:
            what = "Its renewal" if stage.standing else "Another round"
            renew(story, rule, stage, f"{what} is requested.")


def renew_in_time(story: Story, rule: StageRule, stage: Stage) -> None:
    """Ask again before an approval of deployed bytes lapses."""
    standing = stage.standing
    if standing is None or standing.renew_at is None or standing.renew_at > story.now:
        return
    if is_deployed(story.state, stage):
        renew(story, rule, stage, "The approval must be renewed: the version is deployed.")


def lapse(story: Story, rule: StageRule, stage: Stage) -> None:
    """Put on record, once, that an approval is too old, whether or not it is being renewed."""
    standing, trust = stage.standing, story.lifecycle.trust
    if standing is None or trust is None or standing.is_lapsed or standing.valid_until is None:
        return
    if standing.valid_until <= story.now:
        on_lapse: Literal["close", "warn"] = "warn" if _only_warns(story.state, stage) else "close"
        story.add(StageLapsed(**story.stamp, stage=rule.name, round=stage.round, on_lapse=on_lapse))


def _only_warns(state: VersionState, stage: Stage) -> bool:
    trust = state.lifecycle.trust if state.lifecycle else None
    fixed = stage.standing.on_lapse if stage.standing else None
    return trust is not None and (fixed or trust.on_lapse) == "warn"


def closes_when_it_lapses(state: VersionState, stage: Stage) -> bool:
    """Say whether gates close once an approval lapses, rather than only warn."""
    has_trust = state.lifecycle is not None and state.lifecycle.trust is not None
    return has_trust and not _only_warns(state, stage)


def is_closed_by_lapse(state: VersionState, stage: Stage) -> bool:
    """Say whether a lapsed approval keeps the gates closed."""
    is_lapsed = stage.standing is not None and stage.standing.is_lapsed
    return is_lapsed and closes_when_it_lapses(state, stage)
