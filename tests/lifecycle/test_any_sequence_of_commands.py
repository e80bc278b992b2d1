"""Random stories: whatever is sent in whatever order, the promises of the core hold."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pydantic_core import from_json, to_json

from lifecycle.commands import (
    AnyCommand,
    Attach,
    ChangeArtifact,
    Decide,
    ObserveDeployment,
    Prepare,
    RaiseAlert,
    Refused,
    Register,
    RequestReview,
    Retire,
    Supersede,
    Tick,
    WithdrawRequest,
)
from lifecycle.deadlines import next_deadline
from lifecycle.decide import decide
from lifecycle.definition import Lifecycle
from lifecycle.evolve import evolve, fold
from lifecycle.explain import explain
from lifecycle.facts import AnyFact, fact_json, parse_fact
from lifecycle.gates import answer
from lifecycle.projecting import Projector, replay, view
from lifecycle.state import EDITION, SignoffStatus, StageStatus, VersionStatus, blank
from lifecycle.values import signoff_id
from tests.lifecycle.auditor import Auditor, EvidenceSpec, RoleSpec
from tests.lifecycle.definitions import (
    CLASSIC,
    MODEL,
    OWNERS,
    PEOPLE,
    VERSION,
    digest,
    member,
    roster,
)
from tests.lifecycle.world import START

LARGEST_STATE = 256 * 1024
BYTES = tuple(digest(word) for word in ("one", "two", "three"))
ROLES = ("data_steward", "validator", "security", "business_owner", "ciso")
EVIDENCE = {
    "datasheet": EvidenceSpec("training"),
    "evaluation": EvidenceSpec("evaluation", least_auc=0.9),
    "vuln_scan": EvidenceSpec("scanner", max_age=timedelta(days=7)),
}
SPECS: dict[str, dict[str, RoleSpec]] = {
    "scan": {},
    "data": {"data_steward": RoleSpec(1, binds_artifacts=False, binds_evidence=("datasheet",))},
    "validate": {
        "validator": RoleSpec(2, True, ("evaluation", "vuln_scan")),
        "security": RoleSpec(1, True, ("evaluation", "vuln_scan"), only_high_risk=True),
    },
    "release": {
        "business_owner": RoleSpec(1, True, ()),
        "ciso": RoleSpec(0, True, ()),
    },
}
NEEDS = {"scan": (), "data": (), "validate": ("data",), "release": ("validate", "scan")}


def _definition() -> Lifecycle:
    data, validate, release = CLASSIC["stages"]
    signoffs = [*release["signoffs"], {"role": "ciso", "quorum": "all", "statement": "I agree."}]
    scan = {"name": "scan", "accountable": "security", "evidence": ["vuln_scan"],
            "evidence_due": "1 days"}  # fmt: skip
    stages = [
        scan,
        {**data, "needs": []},
        validate,
        {**release, "needs": ["validate", "scan"], "signoffs": signoffs, "send_back_to": ["data"]},
    ]
    trust = {"valid_for": "10 days", "renew_before": "3 days", "on_lapse": "close"}
    return Lifecycle.model_validate({**CLASSIC, "stages": stages, "trust": trust})


DEFINITION = _definition()
people = st.sampled_from(PEOPLE)


class Story(RuleBasedStateMachine):
    """Sends commands to one version, and reads every fact as an auditor."""

    def __init__(self) -> None:
        super().__init__()
        self.state = blank(MODEL, VERSION)
        self.twin = blank(MODEL, VERSION)
        self.facts: list[AnyFact] = []
        self.now = START
        self.sent = 0
        self.reasons: list[str] = []
        self.cards: list[tuple[str, str]] = []
        self.owners = dict(OWNERS)
        self.risk = "low"
        self.given_by: dict[str, dict[str, str]] = {}
        self.gone: str | None = None
        self.nobody = "none"
        self.numbers = 0
        self.projector = Projector()
        self.auditor = Auditor(SPECS, EVIDENCE, NEEDS)

    def send(self, command: AnyCommand) -> None:
        try:
            facts = decide(self.state, command, self.now)
        except Refused as refused:
            self.reasons.append(refused.reason)
            return
        for fact in facts:
            self.state = evolve(self.state, fact)
            self.twin = evolve(self.twin, parse_fact(from_json(to_json(fact_json(fact)))))
            self.projector.take(self.state, fact)
            self.auditor.read(fact)
        self.facts.extend(facts)
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
            [("git:trainer",), ("git:trainer",), ("git:gus", "git:trainer"), ("git:nobody",)]
        ),
        resolved=st.sampled_from([True, True, True, False]),
        risk=st.sampled_from(["low", "high"]),
    )
    def begin(self, producers: tuple[str, ...], resolved: bool, risk: str) -> None:
        self.risk = risk
        given = {"name": "model", "uri": "s3://m", "digest": BYTES[0] if resolved else None}
        self.send(
            Register.model_validate(
                {
                    **self.named(), "model": MODEL, "version": VERSION,
                    "artifacts": [given], "producers": producers,
                }
            )
        )  # fmt: skip
        self.send(Prepare(definition=DEFINITION, edition=EDITION))
        self.read_roster()
        self.send(RequestReview(**self.named()))
        self.all_evidence_arrives()

    @rule(
        name=st.sampled_from([*EVIDENCE, "unnamed"]),
        subject=st.sampled_from(BYTES),
        verdict=st.sampled_from(["pass", "pass", "pass", "fail"]),
        source=st.sampled_from(["training", "evaluation", "scanner"]),
        auc=st.sampled_from([1, 0.95, 0.5, "text"]),
        hours=st.integers(-200, 0),
    )
    def attach(
        self, name: str, subject: str, verdict: str, source: str, auc: Any, hours: int
    ) -> None:
        self.attach_one(name, subject, source, verdict=verdict, auc=auc, hours=hours)

    def attach_one(
        self, name: str, subject: str, source: str, *, verdict: str = "pass", auc: Any = 1,
        hours: int = 0,
    ) -> None:  # fmt: skip
        named = self.named()
        self.send(
            Attach.model_validate(
                {
                    **named,
                    "name": name,
                    "subject": subject,
                    "verdict": verdict,
                    "source": source,
                    "digest": digest(f"{name} {verdict} {auc}"),
                    "value": {"auc": auc} if name == "evaluation" else {},
                    "time": self.now + timedelta(hours=hours),
                    "event_id": named["id"],
                }
            )
        )

    @rule()
    def all_evidence_arrives(self) -> None:
        subject = self.state.artifacts["model"].digest
        for name, spec in EVIDENCE.items():
            self.attach_one(name, subject or BYTES[0], spec.source)

    @rule(to=st.sampled_from(BYTES))
    def artifact_changes(self, to: str) -> None:
        self.send(ChangeArtifact(**self.named(), digest=to))

    @rule(data=st.data(), person=people, approve=st.sampled_from([True, True, False]))
    @precondition(lambda self: self.cards)
    def somebody_clicks_any_card(self, data: st.DataObject, person: str, approve: bool) -> None:
        card = data.draw(st.sampled_from(self.cards[-12:]))
        self.click(card, person, approve, data.draw(st.sampled_from(["", "Because."])))

    @rule(data=st.data(), times=st.integers(1, 6))
    def asked_people_approve(self, data: st.DataObject, times: int) -> None:
        for _ in range(times):
            self.one_who_is_asked(data, approve=True)

    @rule()
    def everybody_does_their_part(self) -> None:
        self.all_evidence_arrives()
        for _ in range(20):
            pending = self.pending()
            if not pending:
                return
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

    def pending(self) -> list[tuple[str, str, str]]:
        return [
            (s.id, s.revision, person)
            for stage in view(self.state).stages
            for s in stage.signoffs
            for person in s.can_decide
        ]

    def click(self, card: tuple[str, str], person: str, approve: bool, comment: str) -> None:
        self.send(
            Decide.model_validate(
                {
                    **self.named(),
                    "signoff": card[0],
                    "revision": card[1],
                    "person": person,
                    "decision": "approve" if approve else "request_changes",
                    "comment": comment,
                    "send_back_to": None if approve else "data",
                }
            )
        )

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

    @rule(kind=st.sampled_from(["drift", "vulnerability", "incident"]))
    def alert(self, kind: str) -> None:
        self.send(RaiseAlert(**self.named(), alert=kind, source="monitoring", event_id="a"))

    @rule(to=st.sampled_from(BYTES), where=st.sampled_from(["staging", "production"]))
    def deployed(self, to: str, where: str) -> None:
        self.send(ObserveDeployment(**self.named(), digest=to, environment=where))

    @rule(role=st.sampled_from(ROLES), person=people)
    def somebody_becomes_owner(self, role: str, person: str) -> None:
        self.owners[role] = tuple(dict.fromkeys([*self.owners[role], person]))
        self.read_roster()

    @rule(role=st.sampled_from(ROLES), person=people)
    def somebody_is_no_longer_owner(self, role: str, person: str) -> None:
        self.owners[role] = tuple(p for p in self.owners[role] if p != person)
        self.read_roster()

    @rule(risk=st.sampled_from(["low", "high"]))
    def risk_changes(self, risk: str) -> None:
        self.risk = risk
        self.read_roster()

    @rule(role=st.sampled_from(ROLES), person=people, is_own_hand=st.booleans())
    def somebody_gives_a_role(self, role: str, person: str, is_own_hand: bool) -> None:
        self.given_by = {role: {person: person if is_own_hand else "hal"}}
        self.read_roster()

    @rule(gone=st.one_of(st.none(), people, st.just("trainer")))
    def somebody_leaves_or_comes_back(self, gone: str | None) -> None:
        self.gone = gone
        self.read_roster()

    @rule(nobody=st.sampled_from(["trainer", "trainer", "ana", "cho", "none"]))
    def an_identity_is_linked(self, nobody: str) -> None:
        self.nobody = nobody
        self.read_roster()

    def read_roster(self) -> None:
        everybody = [*(member(p, manager="hal") for p in PEOPLE), member("trainer", machine=True)]
        linked = tuple(
            m.model_copy(update={"identities": (*m.identities, "git:nobody")})
            if m.id == self.nobody
            else m
            for m in everybody
            if m.id != self.gone
        )
        self.numbers += 1
        read = roster(
            dict(self.owners), number=self.numbers, risk=self.risk, people=linked,
            given_by=self.given_by,
        )  # fmt: skip
        self.send(Prepare(roster=read))

    @rule(person=st.one_of(st.none(), st.none(), people))
    def requested(self, person: str | None) -> None:
        self.send(RequestReview(**self.named(), person=person))

    @rule(reason=st.sampled_from(["", "Not yet."]))
    @precondition(lambda self: self.sent > 25)
    def perhaps_the_request_is_withdrawn(self, reason: str) -> None:
        self.send(WithdrawRequest(**self.named(), scopes=("manager",), reason=reason))

    @rule(how=st.sampled_from(["retire", "supersede"]))
    @precondition(lambda self: self.sent > 40)
    def perhaps_it_ends(self, how: str) -> None:
        if how == "retire":
            self.send(Retire(**self.named(), reason="It is old."))
        elif how == "supersede":
            self.send(Supersede(**self.named(), by_version="15"))

    @invariant()
    def facts_fold_the_same_from_their_json(self) -> None:
        assert self.twin == self.state

    @invariant()
    def every_refusal_is_a_sentence(self) -> None:
        assert all(reason.strip().endswith(".") for reason in self.reasons[-1:])

    @invariant()
    def state_stays_small(self) -> None:
        assert len(to_json(self.state)) < LARGEST_STATE

    @invariant()
    def a_stage_that_asks_has_somebody_to_ask(self) -> None:
        for stage in self.state.stages.values():
            if stage.status == StageStatus.ASKING and not self.state.is_closed:
                assert any(s.status == SignoffStatus.PENDING for s in stage.signoffs.values())

    @invariant()
    def the_gate_opens_only_for_current_bytes_and_standing_stages(self) -> None:
        shown = view(self.state)
        for to in BYTES:
            reply = answer(shown, "production", to, self.now)
            assert reply.reasons
            if not reply.allowed:
                continue
            assert self.state.artifacts["model"].digest == to
            for name, stage in self.state.stages.items():
                standing = stage.standing
                assert standing is not None, name
                assert standing.valid_until is None or standing.valid_until > self.now
            assert self.state.status == VersionStatus.APPROVED

    @invariant()
    def a_tick_at_the_next_deadline_moves_it(self) -> None:
        at = next_deadline(self.state)
        if at is None:
            return
        now, state = max(self.now, at), self.state
        for fact in decide(state, Tick(), now):
            state = evolve(state, fact)
        later = next_deadline(state)
        assert later is None or later > now, f"{later} is not after {now}"

    @invariant()
    def the_explanation_names_somebody(self) -> None:
        told = explain(self.state)
        assert told.summary
        if self.state.status in {VersionStatus.REGISTERED, VersionStatus.IN_REVIEW}:
            named = [w for w in told.waiting if w.kind != "nobody" and w.who]
            assert named or self.state.registered_at is None, told

    def teardown(self) -> None:
        assert fold(MODEL, VERSION, self.facts) == self.state
        assert replay(MODEL, VERSION, self.facts) == self.projector.projection(self.state)


TestAnySequenceOfCommands = Story.TestCase
# The same stories on every run, so that a change is judged by itself and not by luck; to explore,
# take `derandomize` out and raise `max_examples`.
TestAnySequenceOfCommands.settings = settings(
    max_examples=60,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),  # a story takes its time, whatever the machine
)
