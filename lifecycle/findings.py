"""Findings as people report them, close them, and ask for their risk to be accepted."""

from lifecycle.asked import Personal
from lifecycle.blocking import is_accepted, is_grave
from lifecycle.commands import CloseFinding, OpenFinding, Refused, RequestAcceptance
from lifecycle.finding_entries import MOST_FINDINGS
from lifecycle.finding_people import answerable_for
from lifecycle.roster import Roster
from lifecycle.separation import exclusion
from lifecycle.settle import settle
from lifecycle.side_stages import acceptance_stage, stage_rule
from lifecycle.speaking import speaker
from lifecycle.standing import renew
from lifecycle.state import Finding, StageStatus, VersionState
from lifecycle.story import Story
from lifecycle.trust_facts import AcceptanceRequested, FindingClosed, FindingOpened

MOST_ACCEPTANCES = 20
"""How many open findings of a version may have their acceptance asked."""
REPORTING_SCOPES = frozenset({"pipeline", "manager", "admin"})


def open_finding(story: Story, command: OpenFinding) -> None:
    """Take a finding in from anybody known here, or from a key that may report; raises Refused."""
    settle(story)
    state = story.state
    by = _reporter(state, command)
    if len(open_findings(state)) >= MOST_FINDINGS:
        raise Refused(
            "too-many-findings",
            f"{state.version} has {MOST_FINDINGS} open findings; close some first.",
        )
    if command.due is not None and command.due <= story.now:
        raise Refused("finding-past", "The date is past; give a later one, or none.")
    _check_names(state, command)
    story.add(
        FindingOpened(
            **story.stamp,
            finding=str(state.numbered + 1),
            title=command.title,
            severity=command.severity,
            owner=_owner(state, command),
            due=command.due,
            stage=command.stage,
            by=by,
        )
    )


def open_findings(state: VersionState) -> tuple[Finding, ...]:
    """Give the findings that are not closed."""
    return tuple(one for one in state.findings.values() if one.closed_at is None)


def _reporter(state: VersionState, command: Personal) -> str:
    person = speaker(state, command)
    if person is not None:
        return person.id
    if command.person or not REPORTING_SCOPES & set(command.scopes):
        name = command.person or command.by or "Whoever asks"
        raise Refused(
            "not-an-owner",
            f"{name} is not known here; ask an owner, or somebody who manages the model.",
        )
    return command.by


def _check_names(state: VersionState, command: OpenFinding) -> None:
    own = tuple(rule.name for rule in state.lifecycle.stages) if state.lifecycle else ()
    if command.stage is not None and command.stage not in own:
        raise Refused(
            "unknown-stage", f"There is no stage {command.stage}; name {' or '.join(own)}."
        )


def _owner(state: VersionState, command: OpenFinding) -> str:
    if command.owner is None:
        return ""
    member = state.roster.person(command.owner) if state.roster else None
    if member is None or member.left:
        raise Refused("unknown-person", f"{command.owner} is not known here; name somebody else.")
    return member.id


def _known(state: VersionState, name: str) -> Finding:
    finding = state.findings.get(name)
    if finding is None or finding.closed_at is not None:
        numbers = ", ".join(one.id for one in open_findings(state)) or "none"
        raise Refused(
            "unknown-finding",
            f"{state.version} has no open finding {name}; its open findings: {numbers}.",
        )
    return finding


def close_finding(story: Story, command: CloseFinding) -> None:
    """Close a finding for its owner, for who opened it, or for who answers for the stage.

    One that may block is closed by nobody who may not sign: producers bring what they did, and
    somebody who may sign says that it is dealt with.
    """
    settle(story)
    finding = _known(story.state, command.finding)
    person = speaker(story.state, command)
    by = person.id if person else command.by
    may = (finding.owner, finding.opened_by, *answerable_for(story.state, finding))
    if by not in may or not by:
        raise Refused("not-an-owner", f"{_people(story.state, finding)} may close this finding.")
    if is_grave(story.state, finding):
        _check_may_clear(story.state, finding, person.id if person else None)
    story.add(
        FindingClosed(**story.stamp, finding=finding.id, resolution=command.resolution, by=by)
    )


def _check_may_clear(state: VersionState, finding: Finding, person: str | None) -> None:
    """Refuse who made the version or asked for its review, and keys, for what may block."""
    excluded = exclusion(state, "", person) if person is not None else None
    if person is None or excluded is not None:
        raise Refused(
            "may-not-clear",
            f"Finding {finding.id} blocks and you may not sign for this version, so you don't "
            f"close it; show what was done to {_people(state, finding)}.",
        )


def _people(state: VersionState, finding: Finding) -> str:
    roster = state.roster or Roster(model=state.model)
    may = dict.fromkeys([finding.owner, finding.opened_by, *answerable_for(state, finding)])
    people = [
        name
        for name in may
        if name
        and roster.person(name) is not None
        and (not is_grave(state, finding) or exclusion(state, "", name) is None)
    ]
    return " or ".join(roster.called(name) for name in people) or "An owner of the accountable role"


def request_acceptance(story: Story, command: RequestAcceptance) -> None:
    """Ask for the risk of a finding to be accepted, by a sign-off of its own; raises Refused."""
    settle(story)
    state = story.state
    finding = _known(state, command.finding)
    by = _reporter(state, command)
    rule = state.lifecycle.findings if state.lifecycle else None
    if rule is None or rule.accepted_by is None:
        raise Refused(
            "no-acceptance",
            "This lifecycle names no role that accepts risks; the finding must be dealt with.",
        )
    _check_may_ask(state, finding)
    story.add(AcceptanceRequested(**story.stamp, finding=finding.id, by=by, reason=command.reason))
    stage = story.state.stages[acceptance_stage(finding.id)]
    if stage.status == StageStatus.EXPIRED:
        renew(story, stage_rule(story.state, stage.name), stage, "Its renewal is requested.")


def _check_may_ask(state: VersionState, finding: Finding) -> None:
    stage = state.stages.get(acceptance_stage(finding.id))
    if stage is None:
        asked = sum(one.acceptance_requested for one in open_findings(state))
        if asked >= MOST_ACCEPTANCES:
            raise Refused(
                "too-many-acceptances",
                f"The acceptance of {MOST_ACCEPTANCES} findings is asked already; have some "
                "decided, or close them.",
            )
    elif is_accepted(state, finding):
        raise Refused("accepted", f"The risk of finding {finding.id} is accepted already.")
    elif stage.status not in {StageStatus.SENT_BACK, StageStatus.EXPIRED}:
        raise Refused("asked", f"The acceptance of finding {finding.id} is asked already.")
