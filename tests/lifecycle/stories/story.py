"""One version to which anything may be sent, read by an auditor, and what holds at every moment."""

from datetime import timedelta
from itertools import product
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant
from pydantic_core import from_json, to_json

from lifecycle.commands import (
    AnyCommand,
    Attach,
    ConditionGiven,
    Decide,
    Prepare,
    Refused,
    Register,
    RequestReview,
    TakeTurn,
    Tick,
)
from lifecycle.decide import decide
from lifecycle.evolve import evolve, fold
from lifecycle.explain import explain
from lifecycle.facts import AnyFact, fact_json, parse_fact
from lifecycle.gates import answer
from lifecycle.instants import next_deadline
from lifecycle.projecting import Projector, replay, view
from lifecycle.state import EDITION, SignoffStatus, StageStatus, VersionStatus, blank
from lifecycle.trust_facts import RosterTurned
from lifecycle.values import signoff_id
from tests.lifecycle.audit.auditor import Auditor
from tests.lifecycle.audit.doors import why_closed
from tests.lifecycle.definitions import MODEL, VERSION, digest
from tests.lifecycle.forgetful import decided
from tests.lifecycle.stories.setting import Crowd, Setting
from tests.lifecycle.world import START

LARGEST_STATE = 256 * 1024
BYTES = tuple(digest(word) for word in ("one", "two", "three"))
INSTANT = timedelta(microseconds=1)
NEVER = timedelta(days=500)
LONGEST_REST = 40
"""Ticks in a row after which the clock of a version nobody touches must stand still."""


class Story(RuleBasedStateMachine):
    """Sends commands to one version, and reads every fact as an auditor."""

    setting: ClassVar[Setting]

    def __init__(self) -> None:
        super().__init__()
        self.state = blank(MODEL, VERSION)
        self.twin = blank(MODEL, VERSION)
        self.facts: list[AnyFact] = []
        self.now = START
        self.sent = 0
        self.refusal: Refused | None = None
        self.reasons: list[str] = []
        self.cards: list[tuple[str, str]] = []
        self.crowd = Crowd(self.setting)
        self.projector = Projector()
        self.auditor = Auditor(self.setting.books, self.setting.book, self.setting.before)

    def send(self, command: AnyCommand) -> None:
        self.refusal = None
        try:
            facts = decided(self.state, command, self.now)
        except Refused as refused:
            self.refusal = refused
            self.reasons.append(refused.reason)
            return
        for fact in facts:
            self.facts.append(fact)
            self.state = evolve(self.state, fact)
            self.twin = evolve(self.twin, parse_fact(from_json(to_json(fact_json(fact)))))
            self.projector.take(self.state, fact)
            self.auditor.read(fact)
        for stage in self.state.stages.values():
            for role, signoff in stage.signoffs.items():
                name = signoff_id(MODEL, VERSION, stage.name, signoff.round, role)
                if (name, signoff.revision) not in self.cards:
                    self.cards.append((name, signoff.revision))

    def named(self) -> dict[str, str]:
        self.sent += 1
        return {"id": f"c{self.sent}", "by": "key:ci"}

    @initialize(
        producers=st.sampled_from(
            [*[("git:trainer",)] * 4, ("git:gus", "git:trainer"), ("git:nobody",)]
        ),
        authors=st.sampled_from([("git:trainer",), ("git:hal",), ("git:trainer", "git:nobody")]),
        resolved=st.sampled_from([True, True, True, True, True, False]),
        risk=st.sampled_from(["low", "high"]),
        answers=st.sampled_from([20, 3, 4, 2, 0]),
    )
    def begin(
        self, producers: tuple[str, ...], authors: tuple[str, ...], resolved: bool, risk: str,
        answers: int,
    ) -> None:  # fmt: skip
        self.crowd.risk = risk
        given = {"name": "model", "uri": "s3://m", "digest": BYTES[0] if resolved else None}
        self.send(
            Register.model_validate(
                {
                    **self.named(), "model": MODEL, "version": VERSION, "artifacts": [given],
                    "producers": producers, "commit_authors": authors,
                }
            )
        )  # fmt: skip
        previous = self.setting.previous
        self.send(Prepare(definition=self.setting.definition, edition=EDITION, previous=previous))
        self.read_roster()
        self.send(RequestReview(**self.named()))
        self.all_evidence()
        if answers:
            self.go_on(answers)

    def read_roster(self) -> None:
        self.send(Prepare(roster=self.crowd.roster()))

    def all_evidence(self) -> None:
        subject = self.state.artifacts["model"].digest
        for name, spec in self.setting.book.evidence.items():
            self.attach_one(name, subject or BYTES[0], spec.source)

    def attach_one(
        self, name: str, subject: str, source: str, *, verdict: str = "pass", auc: Any = 1,
        hours: int = 0, findings: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        named = self.named()
        value: dict[str, Any] = {"auc": auc} if name == "evaluation" else {}
        spec = self.setting.book.evidence.get(name)
        if spec is not None and spec.lists_findings:
            value["findings"] = [
                {"id": f"f-{one}", "title": f"It is {one}.", "severity": one} for one in findings
            ]
        self.send(
            Attach.model_validate(
                {
                    **named,
                    "name": name,
                    "subject": subject,
                    "verdict": verdict,
                    "source": source,
                    "digest": digest(f"{name} {verdict} {auc}"),
                    "value": value,
                    "time": self.now + timedelta(hours=hours),
                    "event_id": named["id"],
                }
            )
        )

    def pending(self) -> list[tuple[str, str, str]]:
        return [
            (s.id, s.revision, person)
            for stage in view(self.state).stages
            for s in stage.signoffs
            for person in s.can_decide
        ]

    def click(
        self, card: tuple[str, str], person: str, approve: bool, comment: str,
        conditions: tuple[ConditionGiven, ...] = (),
    ) -> None:  # fmt: skip
        shown = {s.id: s for stage in view(self.state).stages for s in stage.signoffs}
        choices = shown[card[0]].send_back_to if card[0] in shown else ()
        reasons = self.auditor.book.reasons[:1]
        self.send(
            Decide.model_validate(
                {
                    **self.named(), "signoff": card[0], "revision": card[1], "person": person,
                    "decision": "approve" if approve else "request_changes", "comment": comment,
                    "send_back_to": None if approve or not choices else choices[-1],
                    "reasons": () if approve else reasons, "conditions": conditions,
                }
            )
        )  # fmt: skip

    def go_on(self, answers: int = 20) -> None:
        """Let people do what they are waited for, up to so many answers."""
        self.all_evidence()
        tried: set[tuple[str, str, str]] = set()
        for _ in range(answers):
            self.take_turns()
            pending = [one for one in self.pending() if one not in tried]
            if not pending:
                return
            tried.add(pending[0])
            name, revision, person = pending[0]
            self.click((name, revision), person, approve=True, comment="Looked at it.")

    def take_turns(self) -> None:
        for name, stage in self.state.stages.items():
            if stage.ticket and not stage.has_turn:
                self.send(TakeTurn(**self.named(), stage=name))

    @invariant()
    def facts_fold_the_same_from_their_json(self) -> None:
        assert self.twin == self.state

    @invariant()
    def every_refusal_is_a_sentence(self) -> None:
        assert all(reason.strip().endswith(".") for reason in self.reasons[-1:]), self.reasons[-1]

    @invariant()
    def state_stays_small(self) -> None:
        assert len(to_json(self.state)) < LARGEST_STATE

    @invariant()
    def a_stage_that_asks_has_somebody_to_ask(self) -> None:
        for name, stage in self.state.stages.items():
            if stage.status == StageStatus.ASKING and not self.state.is_closed:
                is_waiting = any(s.status == SignoffStatus.PENDING for s in stage.signoffs.values())
                assert is_waiting or self.auditor.blocking(name), f"{name} asks nobody"

    @invariant()
    def what_stands_is_what_an_auditor_reckons(self) -> None:
        stands = {name for name, stage in self.state.stages.items() if stage.standing is not None}
        reckoned = set(self.auditor.stands)
        assert stands <= reckoned, f"{stands - reckoned} do not stand"
        own = set(self.auditor.book.stages)
        assert own & stands == own & reckoned, f"{own & reckoned - stands} stand"

    @invariant()
    def gates_open_only_by_the_reckoning_of_an_auditor(self) -> None:
        shown = view(self.state)
        for gate, to in product(self.auditor.book.gates, BYTES):
            for at in (self.now, self.now + timedelta(hours=80), self.now + timedelta(days=20)):
                # A gate is asked at any instant, also of a state that has not ticked since.
                reply = answer(shown, gate, to, at)
                assert reply.reasons
                why = why_closed(self.auditor, gate, to, at)
                assert not reply.allowed or not why, f"{gate} is open although {why}"

    @invariant()
    def a_tick_at_the_next_deadline_moves_it(self) -> None:
        state, now = self.state, self.now
        for _ in range(2):
            at = next_deadline(state)
            if at is None:
                return
            now = max(now, at)
            for fact in decide(state, Tick(), now):
                state = evolve(state, fact)
            later = next_deadline(state)
            assert later is None or later > now, f"{later} is not after {now}"

    @invariant()
    def nothing_follows_from_time_before_the_next_deadline(self) -> None:
        at = next_deadline(self.state)
        spans = [(at - self.now) / 2, at - self.now - INSTANT] if at else [NEVER]
        for span in spans:
            if span >= timedelta(0):
                found = decide(self.state.model_copy(), Tick(), self.now + span)
                # Who is on call is put on record whenever something happens, and waited for only
                # while somebody is asked.
                has_turned = found and isinstance(found[0], RosterTurned)
                assert not found or has_turned, f"{found} at {self.now + span}, before {at}"

    @invariant()
    def the_explanation_names_somebody(self) -> None:
        told = explain(self.state)
        assert told.summary
        if self.state.status in {VersionStatus.REGISTERED, VersionStatus.IN_REVIEW}:
            named = [w for w in told.waiting if w.kind != "nobody" and w.who]
            # In the quiet after a change nobody is waited for, and it says until when.
            assert named or told.upcoming or self.state.registered_at is None, told

    def teardown(self) -> None:
        assert fold(MODEL, VERSION, self.facts) == self.state
        assert replay(MODEL, VERSION, self.facts) == self.projector.projection(self.state)
