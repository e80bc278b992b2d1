"""What a command leads to: facts, or a refusal. Everything is decided here, by the rules alone."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from lifecycle import (
    alerting,
    bases,
    deciding,
    delegating,
    findings,
    intake,
    meeting,
    migrating,
    overriding,
    pacing,
    pausing,
    preparing,
    registering,
    reporting,
    requesting,
    turns,
    withdrawing,
)
from lifecycle.asked import Personal
from lifecycle.commands import (
    Acknowledge,
    AnswerQuestion,
    AnyCommand,
    AskQuestion,
    Attach,
    ChangeArtifact,
    CloseFinding,
    Decide,
    Delegate,
    EndOverride,
    MeetCondition,
    Migrate,
    ObserveDeployment,
    OpenFinding,
    OverrideGate,
    Prepare,
    RaiseAlert,
    Refused,
    Register,
    Release,
    ReportDelivery,
    RequestAcceptance,
    RequestReview,
    ResolveAlert,
    Retire,
    Snooze,
    Supersede,
    TakeTurn,
    Tick,
    VoidBase,
    WithdrawAnswer,
    WithdrawRequest,
)
from lifecycle.deadlines import act_on_time
from lifecycle.evolve import was_seen
from lifecycle.facts import (
    AnyFact,
    DeploymentObserved,
    NothingChanged,
    ReviewRequested,
    VersionRetired,
)
from lifecycle.settle import settle
from lifecycle.speaking_accounts import check_heard
from lifecycle.standing import renew_lapsed
from lifecycle.state import VersionState
from lifecycle.story import Story


def decide(state: VersionState, command: AnyCommand, now: datetime) -> tuple[AnyFact, ...]:
    """Give the facts that a command leads to, in order.

    A command whose id was taken before leads to none. Raises Refused, with a sentence for whoever
    asked, when the rules don't allow it; then nothing has happened.
    """
    if was_seen(state, command.id):
        return ()
    story = Story(state, now, command.id)
    _check_account(state, command, now)
    _check_may_act(state, command)
    _HANDLERS[type(command)](story, command)
    settle(story)
    if not story.facts and command.id:
        story.add(NothingChanged(**story.stamp, command=command.kind, by=command.by))
    return tuple(story.facts)


def _check_account(state: VersionState, command: AnyCommand, now: datetime) -> None:
    if isinstance(command, (Personal, Decide)) and command.via.is_account:
        check_heard(state.roster, command.via, now)


def _check_may_act(state: VersionState, command: AnyCommand) -> None:
    if isinstance(command, (Register, Prepare, Tick, Decide, ReportDelivery)):
        return
    if state.registered_at is None:
        raise Refused(
            "unknown-version",
            f"{state.model} {state.version} is not registered; register it first.",
        )
    if state.is_closed:
        raise Refused("closed", state.closed_why or "This version's story has ended.")


def _request(story: Story, command: RequestReview) -> None:
    resumes = story.state.is_withdrawn
    story.add(
        ReviewRequested(
            **story.stamp,
            by=command.by,
            person=command.person,
            effective_at=command.effective_at,
        )
    )
    if resumes:
        settle(story)  # what lapsed while it rested is found first
    renew_lapsed(story)


def _observe(story: Story, command: ObserveDeployment) -> None:
    story.add(
        DeploymentObserved(
            **story.stamp, digest=command.digest, environment=command.environment, by=command.by
        )
    )


def _retire(story: Story, command: Retire) -> None:
    story.add(VersionRetired(**story.stamp, reason=command.reason, by=command.by))


def _tick(story: Story, _: Tick) -> None:
    settle(story)
    act_on_time(story)


_HANDLERS: dict[type[Any], Callable[[Story, Any], None]] = {
    Register: registering.register,
    Prepare: preparing.prepare,
    RequestReview: _request,
    Attach: intake.attach,
    ChangeArtifact: intake.change_artifact,
    ObserveDeployment: _observe,
    RaiseAlert: alerting.raise_alert,
    ResolveAlert: alerting.resolve_alert,
    Retire: _retire,
    Supersede: requesting.supersede,
    Decide: deciding.decide_signoff,
    Tick: _tick,
    WithdrawAnswer: withdrawing.withdraw_answer,
    WithdrawRequest: requesting.withdraw_request,
    Delegate: delegating.delegate,
    Acknowledge: pausing.acknowledge,
    Snooze: pausing.snooze,
    AskQuestion: pausing.ask_question,
    AnswerQuestion: pausing.answer_question,
    Release: pacing.release,
    OverrideGate: overriding.override_gate,
    EndOverride: overriding.end_override,
    OpenFinding: findings.open_finding,
    CloseFinding: findings.close_finding,
    RequestAcceptance: findings.request_acceptance,
    MeetCondition: meeting.meet_condition,
    Migrate: migrating.migrate,
    VoidBase: bases.void_base,
    TakeTurn: turns.take_turn,
    ReportDelivery: reporting.report_delivery,
}
"""One for each command; a test holds it against `AnyCommand`."""
