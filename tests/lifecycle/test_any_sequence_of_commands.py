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
)
from lifecycle.deadlines import next_deadline
from lifecycle.decide import decide
from lifecycle.definition import Lifecycle
from lifecycle.evolve import evolve, fold
from lifecycle.explain import explain
from lifecycle.facts import AnyFact, fact_json, parse_fact
from lifecycle.gates import answer
from lifecycle.projecting import Projector, replay, view
from lifecycle.state import SignoffStatus, StageStatus, VersionStatus, blank
from lifecycle.values import signoff_id
from tests.lifecycle.auditor import Auditor, EvidenceSpec, RoleSpec
from tests.lifecycle.definitions import CLASSIC, MODEL, PEOPLE, VERSION, digest, member, roster
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
        self.cards: list[tuple[str, str]] = []
        self.projector = Projector()
        self.auditor = Auditor(SPECS, EVIDENCE, NEEDS)

    def send(self, command: AnyCommand) -> None:
        try:
            facts = decide(self.state, command, self.now)
        except Refused as refused:
            assert refused.reason, refused.code
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
        producers=st.sampled_from([("git:trainer",), ("git:ben", "git:trainer"), ("git:nobody",)]),
        resolved=st.booleans(),
    )
    def begin(self, producers: tuple[str, ...], resolved: bool) -> None:
        given = {"name": "model", "uri": "s3://m", "digest": BYTES[0] if resolved else None}
        self.send(
            Register.model_validate(
                {
                    **self.named(), "model": MODEL, "version": VERSION,
                    "artifacts": [given], "producers": producers,
                }
            )
        )  # fmt: skip
        self.send(Prepare(definition=DEFINITION, roster=roster()))
        self.send(RequestReview(**self.named()))

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

    @rule(data=st.data())
    def somebody_who_is_asked_declines(self, data: st.DataObject) -> None:
        self.one_who_is_asked(data, approve=False)

    def one_who_is_asked(self, data: st.DataObject, *, approve: bool) -> None:
        shown = [
            (s.id, s.revision, person)
            for stage in view(self.state).stages
            for s in stage.signoffs
            for person in s.can_decide
        ]
        if shown:
            name, revision, person = data.draw(st.sampled_from(shown))
            self.click((name, revision), person, approve, "Because.")

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

    @rule(
        owners=st.fixed_dictionaries(
            {role: st.lists(people, max_size=3, unique=True).map(tuple) for role in ROLES}
        ),
        risk=st.sampled_from(["low", "high"]),
        self_given=st.one_of(st.none(), st.tuples(st.sampled_from(ROLES), people)),
        gone=st.sampled_from([None, "ben", "fay", "trainer"]),
        nobody_is=st.sampled_from([None, "ana", "cho"]),
    )
    def roster_changes(
        self, owners: dict[str, tuple[str, ...]], risk: str, self_given: tuple[str, str] | None,
        gone: str | None, nobody_is: str | None,
    ) -> None:  # fmt: skip
        known = [member(p, manager="hal") for p in PEOPLE] + [member("trainer", machine=True)]
        linked = [
            m.model_copy(update={"identities": ("git:nobody",)}) if m.id == nobody_is else m
            for m in known
            if m.id != gone
        ]
        given = {self_given[0]: {self_given[1]: self_given[1]}} if self_given else {}
        number = (self.state.roster.number if self.state.roster else 0) + 1
        people_ = roster(owners, number=number, risk=risk, people=tuple(linked), given_by=given)
        self.send(Prepare(roster=people_))

    @rule(risk=st.sampled_from(["low", "high"]))
    def roster_is_whole_again(self, risk: str) -> None:
        number = (self.state.roster.number if self.state.roster else 0) + 1
        everybody = [member(p, manager="hal") for p in PEOPLE]
        machine = member("trainer", machine=True)
        linked = machine.model_copy(update={"identities": ("git:trainer", "git:nobody")})
        self.send(
            Prepare(roster=roster(number=number, risk=risk, people=(*everybody, linked)))
        )

    @rule(person=st.one_of(st.none(), st.none(), people))
    def requested(self, person: str | None) -> None:
        self.send(RequestReview(**self.named(), person=person))

    @rule(how=st.sampled_from([*["live on"] * 8, "retire", "supersede"]))
    def perhaps_it_ends(self, how: str) -> None:
        if how == "retire":
            self.send(Retire(**self.named(), reason="It is old."))
        elif how == "supersede":
            self.send(Supersede(**self.named(), by_version="15"))

    @invariant()
    def facts_fold_the_same_from_their_json(self) -> None:
        assert self.twin == self.state

    @invariant()
    def state_stays_small(self) -> None:
        assert len(to_json(self.state)) < LARGEST_STATE

    @invariant()
    def no_approval_is_a_void_round(self) -> None:
        for stage in self.state.stages.values():
            if stage.status == StageStatus.ASKING:
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
TestAnySequenceOfCommands.settings = settings(
    max_examples=100,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
