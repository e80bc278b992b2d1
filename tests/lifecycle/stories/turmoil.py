"""What happens to a version's trust: alerts, findings, conditions, overrides, queues, moves."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lifecycle.commands import (
    CloseFinding,
    ConditionGiven,
    EndOverride,
    MeetCondition,
    Migrate,
    OpenFinding,
    OverrideGate,
    RaiseAlert,
    RequestAcceptance,
    ResolveAlert,
    TakeTurn,
    VoidBase,
)
from tests.lifecycle.stories.moves import people
from tests.lifecycle.stories.story import BYTES, Story

kinds = st.sampled_from(["drift", "breach", "noise", "incident"])


class Signals(Story):
    """The world outside reports problems, and that they are gone."""

    @rule(kind=kinds, name=st.sampled_from("ab"))
    @precondition(lambda self: self.auditor.stands)
    def alert(self, kind: str, name: str) -> None:
        given = {"alert": kind, "source": "monitoring", "event_id": name}
        self.send(RaiseAlert.model_validate({**self.named(), **given}))

    @rule(kind=kinds, name=st.sampled_from("ab"))
    @precondition(lambda self: self.state.alerts)
    def alert_is_over(self, kind: str, name: str) -> None:
        given = {"alert": kind, "source": "monitoring", "event_id": name}
        self.send(ResolveAlert.model_validate({**self.named(), **given}))

    @rule()
    @precondition(lambda self: self.auditor.stands)
    def a_model_below_is_voided(self) -> None:
        self.send(VoidBase(**self.named(), model="base", version="3", why="It fell."))

    @rule(ahead=st.booleans())
    @precondition(lambda self: any(stage.ticket for stage in self.state.stages.values()))
    def a_place_in_the_queue_is_told(self, ahead: bool) -> None:
        self.send(TakeTurn(**self.named(), stage="check", behind=("12",) if ahead else ()))

    @rule()
    @precondition(lambda self: self.sent > 15)
    def the_version_is_moved(self) -> None:
        definitions = (self.setting.definition, self.setting.another)
        here = self.state.lifecycle_digest
        to = next(one for one in definitions if one is not None and one.digest != here)
        self.send(Migrate(**self.named(), definition=to, scopes=("manager",)))


class Reservations(Story):
    """People sign on conditions, and report what is wrong."""

    @rule(data=st.data(), hours=st.sampled_from([2, 50, 200]))
    @precondition(lambda self: self.pending())
    def somebody_signs_on_a_condition(self, data: st.DataObject, hours: int) -> None:
        name, revision, person = data.draw(st.sampled_from(self.pending()))
        condition = ConditionGiven(text="Mend it.", due=self.now + timedelta(hours=hours))
        self.click((name, revision), person, True, "Yes, if.", (condition,))
        if data.draw(st.booleans()):
            self.go_on()

    @rule(data=st.data(), person=people)
    @precondition(lambda self: self.state.conditions)
    def a_condition_is_met(self, data: st.DataObject, person: str) -> None:
        condition = data.draw(st.sampled_from(sorted(self.state.conditions)))
        self.send(MeetCondition(**self.named(), person=person, condition=condition))

    @rule(
        found=st.sets(st.sampled_from(["low", "high", "critical"])), subject=st.sampled_from(BYTES)
    )
    def a_scan_reports(self, found: set[str], subject: str) -> None:
        self.attach_one("vuln_scan", subject, "scanner", findings=tuple(sorted(found)))

    @rule(
        person=people,
        severity=st.sampled_from(["low", "high"]),
        stage=st.sampled_from([None, "check", "release"]),
    )
    def somebody_finds_something(self, person: str, severity: str, stage: str | None) -> None:
        given = {"person": person, "title": "It leaks.", "severity": severity, "stage": stage}
        self.send(OpenFinding.model_validate({**self.named(), **given}))

    @rule(data=st.data(), person=people, is_closed=st.booleans())
    @precondition(lambda self: self.auditor.findings)
    def a_finding_is_dealt_with(self, data: st.DataObject, person: str, is_closed: bool) -> None:
        finding = data.draw(st.sampled_from(sorted(self.auditor.findings)))
        given = {**self.named(), "person": person, "finding": finding}
        if is_closed:
            self.send(CloseFinding.model_validate({**given, "resolution": "Mended."}))
        else:
            self.send(RequestAcceptance.model_validate(given))


class Emergencies(Story):
    """People open gates without their stages."""

    @rule(
        data=st.data(),
        person=st.sampled_from(["cho", "gus", "hal", "ana"]),
        hours=st.sampled_from([1, 20, 20, 50]),
    )
    def a_gate_is_overridden(self, data: st.DataObject, person: str, hours: int) -> None:
        gate = data.draw(st.sampled_from(sorted(self.auditor.book.gates)))
        given = {"person": person, "gate": gate, "hours": hours, "reason": "It burns."}
        self.send(OverrideGate.model_validate({**self.named(), **given}))

    @rule(data=st.data(), person=people)
    @precondition(lambda self: self.state.overrides)
    def an_override_is_ended(self, data: st.DataObject, person: str) -> None:
        override = data.draw(st.sampled_from(sorted(self.state.overrides)))
        self.send(EndOverride(**self.named(), person=person, override=override))
