"""What may happen in every story: results, bytes, answers, time, and changes of people."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lifecycle.commands import (
    ChangeArtifact,
    ConditionGiven,
    Decide,
    ObserveDeployment,
    RequestReview,
    Retire,
    Supersede,
    Tick,
    WithdrawAnswer,
    WithdrawRequest,
)
from lifecycle.deadlines import next_deadline
from lifecycle.projecting import view
from tests.lifecycle.definitions import PEOPLE
from tests.lifecycle.stories.setting import SOURCES
from tests.lifecycle.stories.story import BYTES, Story

people = st.sampled_from(PEOPLE)
ALLOWED = {"needed-elsewhere", "already-objected"}
"""Why somebody who can decide may be refused one of the two answers."""


class Answers(Story):
    """People answer, results come, bytes change, time passes."""

    @rule(
        name=st.sampled_from([*SOURCES, "unnamed"]),
        subject=st.sampled_from(BYTES),
        verdict=st.sampled_from(["pass", "pass", "pass", "fail"]),
        source=st.sampled_from(sorted(SOURCES.values())),
        auc=st.sampled_from([1, 0.95, 0.5, "text"]),
        hours=st.integers(-200, 0),
    )
    def attach(
        self, name: str, subject: str, verdict: str, source: str, auc: Any, hours: int
    ) -> None:
        self.attach_one(name, subject, source, verdict=verdict, auc=auc, hours=hours)

    @rule()
    def all_evidence_arrives(self) -> None:
        self.all_evidence()

    @rule(to=st.sampled_from(BYTES))
    def artifact_changes(self, to: str) -> None:
        self.send(ChangeArtifact(**self.named(), digest=to))

    @rule(data=st.data(), person=people, approve=st.sampled_from([True, True, False]))
    @precondition(lambda self: self.cards)
    def somebody_clicks_any_card(self, data: st.DataObject, person: str, approve: bool) -> None:
        card = data.draw(st.sampled_from(self.cards[-12:]))
        may = {(name, who) for name, _, who in self.pending()}
        self.click(card, person, approve, data.draw(st.sampled_from(["", "Because."])))
        assert self.refusal or (card[0], person) in may, f"{person} was not asked for {card}"

    @rule(data=st.data(), times=st.integers(1, 6))
    def asked_people_approve(self, data: st.DataObject, times: int) -> None:
        for _ in range(times):
            self.one_who_is_asked(data, approve=True)

    @rule()
    def everybody_does_their_part(self) -> None:
        self.all_evidence()
        tried: set[tuple[str, str, str]] = set()
        for _ in range(20):
            pending = [one for one in self.pending() if one not in tried]
            if not pending:
                return
            tried.add(pending[-1])
            name, revision, person = pending[-1]
            self.click((name, revision), person, approve=True, comment="Looked at it.")

    @rule(data=st.data())
    def somebody_who_is_asked_declines(self, data: st.DataObject) -> None:
        self.one_who_is_asked(data, approve=False)

    def one_who_is_asked(self, data: st.DataObject, *, approve: bool) -> None:
        pending = self.pending()
        if pending:
            name, revision, person = data.draw(st.sampled_from(pending))
            self.click((name, revision), person, approve, "Because.")
            code = self.refusal.code if self.refusal else ""
            assert code in {"", *ALLOWED}, f"{person} is asked for {name} and refused: {code}"

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

    @rule(data=st.data())
    @precondition(lambda self: self.auditor.ballots)
    def an_answer_is_taken_back(self, data: st.DataObject) -> None:
        votes = [(s, r, p) for (s, r), held in self.auditor.ballots.items() for p in held]
        if votes:
            stage, role, person = data.draw(st.sampled_from(votes))
            ids = [n for n, _ in self.cards if n.split(":")[2::2] == [stage, role]]
            if ids:
                given = {**self.named(), "person": person, "signoff": ids[-1]}
                self.send(WithdrawAnswer.model_validate(given))

    @rule(hours=st.sampled_from([1, 12, 40, 100, 300]))
    def time_passes_and_the_clock_is_late(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.send(Tick())

    @rule()
    def the_next_deadline_comes(self) -> None:
        at = next_deadline(self.state)
        if at is not None:
            self.now = max(self.now, at)
            self.send(Tick())

    @rule(to=st.sampled_from(BYTES), where=st.sampled_from(["staging", "production"]))
    def deployed(self, to: str, where: str) -> None:
        self.send(ObserveDeployment(**self.named(), digest=to, environment=where))

    @rule(person=st.one_of(st.none(), st.none(), people), hours=st.sampled_from([None, None, 30]))
    def requested(self, person: str | None, hours: int | None) -> None:
        at = self.now + timedelta(hours=hours) if hours else None
        self.send(RequestReview(**self.named(), person=person, effective_at=at))

    @rule(reason=st.sampled_from(["", "Not yet."]))
    @precondition(lambda self: self.sent > 25)
    def perhaps_the_request_is_withdrawn(self, reason: str) -> None:
        self.send(WithdrawRequest(**self.named(), scopes=("manager",), reason=reason))

    @rule(how=st.sampled_from(["retire", "supersede"]))
    @precondition(lambda self: self.sent > 60)
    def perhaps_it_ends(self, how: str) -> None:
        if how == "retire":
            self.send(Retire(**self.named(), reason="It is old."))
        elif how == "supersede":
            self.send(Supersede(**self.named(), by_version="15"))


class Changes(Story):
    """People come, go, and hold other roles."""

    @rule(data=st.data(), person=people)
    def somebody_becomes_owner(self, data: st.DataObject, person: str) -> None:
        role = data.draw(st.sampled_from(sorted(self.crowd.owners)))
        self.crowd.owners[role] = tuple(dict.fromkeys([*self.crowd.owners[role], person]))
        self.read_roster()

    @rule(data=st.data())
    def somebody_is_no_longer_owner(self, data: st.DataObject) -> None:
        held = [(role, p) for role, owners in self.crowd.owners.items() for p in owners]
        if held:
            role, person = data.draw(st.sampled_from(held))
            self.crowd.owners[role] = tuple(p for p in self.crowd.owners[role] if p != person)
            self.read_roster()

    @rule(risk=st.sampled_from(["low", "high"]))
    def risk_changes(self, risk: str) -> None:
        self.crowd.risk = risk
        self.read_roster()

    @rule(data=st.data(), person=people, is_own_hand=st.booleans())
    def somebody_gives_a_role(self, data: st.DataObject, person: str, is_own_hand: bool) -> None:
        role = data.draw(st.sampled_from(sorted(self.crowd.owners)))
        self.crowd.given_by = {role: {person: person if is_own_hand else "hal"}}
        self.read_roster()

    @rule(gone=st.one_of(st.none(), people, st.just("trainer")))
    def somebody_is_unknown_or_known_again(self, gone: str | None) -> None:
        self.crowd.gone = gone
        self.read_roster()

    @rule(left=st.one_of(st.none(), people))
    def somebody_leaves_or_comes_back(self, left: str | None) -> None:
        self.crowd.left = left
        self.read_roster()

    @rule(linked=st.sampled_from(["trainer", "trainer", "ana", "cho", "none"]))
    def an_identity_is_linked(self, linked: str) -> None:
        self.crowd.linked = linked
        self.read_roster()

    @rule()
    def the_people_are_as_at_first(self) -> None:
        number, risk = self.crowd.number, self.crowd.risk
        self.crowd = type(self.crowd)(self.setting)
        self.crowd.number, self.crowd.risk, self.crowd.linked = number, risk, "trainer"
        self.read_roster()
