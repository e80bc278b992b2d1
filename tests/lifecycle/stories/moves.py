"""What may happen in every story: results, bytes, answers, time, and changes of people."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lifecycle.commands import (
    ChangeArtifact,
    ObserveDeployment,
    RequestReview,
    Retire,
    Supersede,
    Tick,
    WithdrawAnswer,
    WithdrawRequest,
)
from lifecycle.instants import next_deadline
from tests.lifecycle.definitions import PEOPLE
from tests.lifecycle.stories.setting import SOURCES, Crowd
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
        # Who approved may object after all, as long as others are waited for.
        if not approve:
            may |= {(card[0], p) for held in self.auditor.ballots.values() for p in held}
        self.click(card, person, approve, data.draw(st.sampled_from(["", "Because."])))
        assert self.refusal or (card[0], person) in may, f"{person} was not asked for {card}"

    @rule(data=st.data(), times=st.integers(1, 6))
    def asked_people_approve(self, data: st.DataObject, times: int) -> None:
        for _ in range(times):
            self.one_who_is_asked(data, approve=True)

    # Each story leaves some rules out; these three names are one rule that most stories have.
    everybody_does_their_part = rule()(Story.go_on)
    everybody_goes_on = rule()(Story.go_on)
    everybody_answers = rule()(Story.go_on)

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

    @rule(data=st.data(), hours=st.sampled_from([None, None, 30]))
    def requested(self, data: st.DataObject, hours: int | None) -> None:
        signed = sorted({p for held in self.auditor.ballots.values() for p in held})
        person = data.draw(st.sampled_from([None, None, "hal", *signed]))
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

    @rule(
        data=st.data(),
        person=people,
        what=st.sampled_from(["owns", "owns no more", "is given", "gives themselves"]),
    )
    def somebody_holds_other_roles(self, data: st.DataObject, person: str, what: str) -> None:
        owners = self.crowd.owners
        role = data.draw(st.sampled_from(sorted(owners)))
        if what == "owns":
            owners[role] = tuple(dict.fromkeys([*owners[role], person]))
        elif what == "owns no more":
            gone = data.draw(st.sampled_from([*owners[role], person]))
            owners[role] = tuple(one for one in owners[role] if one != gone)
        else:
            holder = data.draw(st.sampled_from([*owners[role], person]))
            self.crowd.given_by = {role: {holder: "hal" if what == "is given" else holder}}
        self.read_roster()

    @rule(
        person=st.sampled_from([*PEOPLE, "trainer", None, None]),
        what=st.sampled_from(["is unknown", "left", "is linked", "is linked"]),
    )
    def somebody_is_known_otherwise(self, person: str | None, what: str) -> None:
        if what == "is unknown":
            self.crowd.gone = person
        elif what == "left":
            self.crowd.left = person if person != "trainer" else None
        else:
            self.crowd.linked = person or "trainer"
        self.read_roster()

    @rule(data=st.data(), what=st.sampled_from(["requested", "left", "owns no more", "gave"]))
    @precondition(lambda self: self.auditor.seated())
    def a_signer_may_sign_no_more(self, data: st.DataObject, what: str) -> None:
        """Take somebody whose vote reached a quorum in a round that is still open."""
        (_, role), person = data.draw(st.sampled_from(self.auditor.seated()))
        if what == "requested":
            self.send(RequestReview(**self.named(), person=person))
        elif what == "left":
            self.crowd.left = person
        elif what == "gave":
            self.crowd.given_by = {role: {person: person}}
        else:
            owners = self.crowd.owners
            self.crowd.owners = {
                r: tuple(p for p in held if p != person) for r, held in owners.items()
            }
        self.read_roster()
        if data.draw(st.booleans()):
            self.go_on()

    @rule(risk=st.sampled_from(["low", "high"]))
    def risk_changes(self, risk: str) -> None:
        self.crowd.risk = risk
        self.read_roster()

    @rule()
    def the_people_are_as_at_first(self) -> None:
        number, risk = self.crowd.number, self.crowd.risk
        self.crowd = Crowd(self.setting)
        self.crowd.number, self.crowd.risk, self.crowd.linked = number, risk, "trainer"
        self.read_roster()
