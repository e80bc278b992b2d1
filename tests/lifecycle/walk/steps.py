"""Everything that can be sent to a version at one place of the walk."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from lifecycle.commands import (
    Acknowledge,
    AnswerQuestion,
    AnyCommand,
    AskQuestion,
    Attach,
    ChangeArtifact,
    CloseFinding,
    ConditionGiven,
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
    Release,
    RequestAcceptance,
    RequestReview,
    ResolveAlert,
    Retire,
    Snooze,
    Supersede,
    Tick,
    VoidBase,
    WithdrawAnswer,
    WithdrawRequest,
)
from lifecycle.definition import Lifecycle
from lifecycle.instants import next_deadline
from lifecycle.state import Finding, SignoffStatus, VersionState
from lifecycle.values import signoff_id
from tests.lifecycle.definitions import MODEL, VERSION
from tests.lifecycle.walk.setting import BYTES, OTHER, OTHER_PLAIN, PEOPLE, ROSTERS

Step = tuple[AnyCommand, datetime]
DAY = timedelta(days=1)
REPORT = {"pass": "sha256:" + "a" * 64, "fail": "sha256:" + "f" * 64}


def steps(state: VersionState, now: datetime) -> Iterator[Step]:
    """Give every kind of command, each with the instant at which it is sent.

    Where several would be alike, one stands for all: delegations are of the first stage, conditions
    and questions of the second, evidence is about the current bytes, people change once, and what
    anybody may do is done by one person.
    """
    named = {"id": f"c{state.sequence}", "by": "key:ci"}
    for command in (
        *_about_signoffs(state, named, now),
        *_about_bytes(named, state, now),
        *_about_version(state, named),
    ):
        yield command, now
    due = next_deadline(state)
    if due is not None:
        yield Tick(), max(due, now)


def _about_signoffs(state: VersionState, named: dict[str, Any], now: datetime) -> list[AnyCommand]:
    commands: list[AnyCommand] = []
    for stage in state.stages.values():
        for role, signoff in {**stage.earlier, **stage.signoffs}.items():
            id_ = signoff_id(MODEL, VERSION, stage.name, signoff.round, role)
            is_current = role in stage.signoffs
            for person in PEOPLE:
                about = {**named, "by": person, "signoff": id_, "person": person}
                on = {**about, "revision": signoff.revision, "comment": "Because."}
                commands.append(Decide(**on, decision="approve"))
                if is_current and signoff.status == SignoffStatus.PENDING:
                    commands += _while_pending(on, about, now)
                    # At the deadline, where a step is planned anyway: no other instant comes of it.
                    commands.append(Snooze(**about, until=stage.due or now + DAY))
                if any(v.person == person for v in signoff.votes):
                    commands.append(WithdrawAnswer(**about, reason="I was wrong."))
    return commands


def _while_pending(on: dict[str, Any], about: dict[str, Any], now: datetime) -> list[AnyCommand]:
    other = PEOPLE[(PEOPLE.index(about["person"]) + 1) % len(PEOPLE)]
    commands: list[AnyCommand] = [
        Decide(**on, decision="request_changes", send_back_to="data"),
        Acknowledge(**about),
    ]
    if ":release:" in about["signoff"]:
        condition = ConditionGiven(text="Mend it.", due=now + DAY)
        commands.append(Decide(**on, decision="approve", conditions=(condition,)))
        commands.append(AskQuestion(**about, text="Why?"))
    else:
        commands.append(Delegate(**about, to=other, until=now + DAY))
    return commands


def _about_bytes(named: dict[str, Any], state: VersionState, now: datetime) -> list[AnyCommand]:
    commands: list[AnyCommand] = []
    for subject in BYTES:
        for verdict, report in REPORT.items():
            if subject not in state.digests:
                continue
            given = {"subject": subject, "verdict": verdict, "digest": report, "time": now}
            event = f"{state.sequence:06d}"
            commands.append(Attach(**named, name="report", source="ci", event_id=event, **given))
        commands.append(ChangeArtifact(**named, digest=subject))
        commands.append(ObserveDeployment(**named, digest=subject, environment="production"))
    return commands


def _about_version(state: VersionState, named: dict[str, Any]) -> list[AnyCommand]:
    alert = {"alert": "drift", "source": "watch", "event_id": "1"}
    ana, cho = ({**named, "by": person, "person": person} for person in ("ana", "cho"))
    return [
        RequestReview(**named),
        RequestReview(**cho),
        RaiseAlert(**named, **alert),
        ResolveAlert(**named, **alert),
        VoidBase(**named, model="base", version="1"),
        Retire(**named),
        Supersede(**named, by_version="15"),
        Prepare(roster=ROSTERS[1].model_copy(update={"number": state.sequence})),
        Migrate(**named, definition=_other(state), scopes=("manager",)),
        WithdrawRequest(**named, reason="Not now.", scopes=("manager",)),
        *_about_risk(state, ana, cho),
        *(Release(**ana, stage=s, reason="Go on.") for s in state.stages),
        *(
            AnswerQuestion(**ana, question=q.id, text="Because.", scopes=("manager",))
            for s in state.stages.values()
            for q in s.questions
            if not q.answer
        ),
    ]


def _other(state: VersionState) -> Lifecycle:
    has_extras = state.lifecycle is not None and state.lifecycle.override is not None
    return OTHER if has_extras else OTHER_PLAIN


def _about_risk(state: VersionState, ana: dict[str, Any], cho: dict[str, Any]) -> list[AnyCommand]:
    """Give what concerns overrides, findings and conditions; one of each at a time is enough."""
    commands: list[AnyCommand] = [
        *(EndOverride(**ana, override=o.id) for o in state.overrides.values() if not o.is_over),
        *(CloseFinding(**ana, finding=f.id, resolution="Mended.") for f in _open(state)),
        *(RequestAcceptance(**cho, finding=f.id) for f in _open(state)),
        *(MeetCondition(**ana, condition=c) for c in state.conditions),
        *(MeetCondition(**cho, condition=c) for c in state.conditions),
    ]
    if not state.overrides:
        burning = {"gate": "production", "reason": "It burns.", "hours": 4}
        commands += [OverrideGate(**ana, **burning), OverrideGate(**cho, **burning)]
    if not _open(state):
        commands.append(OpenFinding(**cho, title="It leaks.", severity="high"))
    return commands


def _open(state: VersionState) -> list[Finding]:
    return [one for one in state.findings.values() if one.closed_at is None]
