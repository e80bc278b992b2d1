"""One model version under test: sends commands, folds facts, keeps the clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

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
    ResolveAlert,
    Tick,
)
from lifecycle.definition import Lifecycle
from lifecycle.evolve import evolve
from lifecycle.explain import explain
from lifecycle.facts import AnyFact
from lifecycle.gates import answer
from lifecycle.instants import next_deadline
from lifecycle.projecting import view
from lifecycle.roster import Roster
from lifecycle.state import EDITION, Signoff, Stage, VersionState, blank
from lifecycle.values import signoff_id
from lifecycle.view import GateAnswer
from tests.lifecycle.definitions import MODEL, VERSION, WEIGHTS, roster
from tests.lifecycle.forgetful import decided

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday."""
SOURCES = {"datasheet": "training", "evaluation": "evaluation", "vuln_scan": "scanner"}


class World:
    """A version that is registered and asked for review, unless told otherwise."""

    def __init__(
        self,
        definition: Lifecycle,
        people: Roster | None = None,
        *,
        artifacts: dict[str, str | None] | None = None,
        producers: tuple[str, ...] = ("git:trainer",),
        requester: str | None = None,
        is_requested: bool = True,
        edition: int = EDITION,
        commit_authors: tuple[str, ...] = (),
    ) -> None:
        self.state: VersionState = blank(MODEL, VERSION)
        self.facts: list[AnyFact] = []
        self.now = START
        self.sent = 0
        held = {"model": WEIGHTS} if artifacts is None else artifacts
        given = [
            {"name": name, "uri": f"s3://models/{name}", "digest": digest}
            for name, digest in held.items()
        ]
        self.registration: dict[str, Any] = {
            "model": MODEL, "version": VERSION, "artifacts": given, "producers": producers,
            "commit_authors": commit_authors,
        }  # fmt: skip
        self.do(Register(id="register", by="key:ci", **self.registration))
        self.do(Prepare(definition=definition, roster=people or roster(), edition=edition))
        if is_requested:
            self.do(RequestReview(id="request", by="key:ci", person=requester))

    def do(self, command: AnyCommand) -> list[AnyFact]:
        """Send a command and fold what it leads to."""
        facts = decided(self.state, command, self.now)
        for fact in facts:
            self.state = evolve(self.state, fact)
        self.facts.extend(facts)
        return list(facts)

    def refused(self, command: AnyCommand) -> Refused:
        """Send a command that must be refused, and give the refusal."""
        with pytest.raises(Refused) as caught:
            self.do(command)
        return caught.value

    def _id(self) -> str:
        self.sent += 1
        return f"command-{self.sent}"

    def attach(self, name: str, **changes: Any) -> list[AnyFact]:
        """Attach evidence that passes, about the first artifact, unless told otherwise."""
        given = {
            "subject": WEIGHTS,
            "verdict": "pass",
            "digest": "sha256:" + "e" * 64,
            "value": {"auc": 0.95} if name == "evaluation" else {},
            "time": self.now,
            "source": SOURCES.get(name, "ci"),
            **changes,
        }
        command_id = given.pop("id", self._id())
        given.setdefault("event_id", command_id)
        return self.do(Attach(id=command_id, by="key:ci", name=name, **given))

    def register(self, registration: dict[str, Any]) -> Register:
        """Give a registration to send."""
        return Register(id=self._id(), by="key:ci", **registration)

    def change(self, digest: str, artifact: str | None = None) -> list[AnyFact]:
        """Change the bytes of an artifact."""
        return self.do(ChangeArtifact(id=self._id(), by="key:ci", artifact=artifact, digest=digest))

    def deploy(self, digest: str = WEIGHTS, environment: str = "production") -> list[AnyFact]:
        """See bytes in an environment."""
        return self.do(
            ObserveDeployment(id=self._id(), by="key:ci", digest=digest, environment=environment)
        )

    def alert(self, kind: str, summary: str = "", name: str = "a") -> list[AnyFact]:
        """Raise an alert."""
        given = {"alert": kind, "summary": summary, "source": "monitoring", "event_id": name}
        return self.do(RaiseAlert(id=self._id(), by="key:ci", **given))

    def resolve(self, kind: str, name: str = "a") -> list[AnyFact]:
        """Resolve an alert."""
        given = {"alert": kind, "source": "monitoring", "event_id": "b", "alert_id": name}
        return self.do(ResolveAlert(id=self._id(), by="key:ci", **given))

    def request(self, person: str | None = None) -> list[AnyFact]:
        """Ask for review."""
        return self.do(RequestReview(id=self._id(), by=person or "key:ci", person=person))

    def people(self, people: Roster) -> list[AnyFact]:
        """Read the roster again."""
        return self.do(Prepare(roster=people))

    def wait(self, length: timedelta) -> list[AnyFact]:
        """Let time pass and tick once at the end of it."""
        self.now += length
        return self.do(Tick())

    def tick_until(self, until: datetime) -> list[AnyFact]:
        """Tick at every deadline up to an instant, as a workflow does."""
        facts: list[AnyFact] = []
        for _ in range(200):
            at = next_deadline(self.state)
            if at is None or at > until:
                self.now = max(self.now, until)
                return facts
            self.now = max(self.now, at)
            facts += self.do(Tick())
        raise AssertionError("the clock does not come to rest")

    def decision(
        self, stage: str, role: str, person: str, decision: str = "approve", **changes: Any
    ) -> Decide:
        """Give a decision on a request as it stands now."""
        signoff = self.stage(stage).signoffs.get(role)
        round_ = changes.pop("round", signoff.round if signoff else self.stage(stage).round)
        given = {
            "id": self._id(),
            "by": person,
            "signoff": signoff_id(MODEL, VERSION, stage, round_, role),
            "person": person,
            "decision": decision,
            "revision": signoff.revision if signoff else "sha256:" + "0" * 64,
            "comment": "Looked at it.",
            **changes,
        }
        return Decide.model_validate(given)

    def approve(self, stage: str, role: str, person: str, **changes: Any) -> list[AnyFact]:
        """Approve a request as it stands now."""
        return self.do(self.decision(stage, role, person, **changes))

    def decline(self, stage: str, role: str, person: str, **changes: Any) -> list[AnyFact]:
        """Request changes."""
        return self.do(self.decision(stage, role, person, "request_changes", **changes))

    def stage(self, name: str) -> Stage:
        """Give a stage as it is."""
        return self.state.stages[name]

    def status(self, name: str) -> str:
        """Give a stage's status."""
        return str(self.stage(name).status)

    def signoff(self, stage: str, role: str) -> Signoff:
        """Give a request of the current round."""
        return self.stage(stage).signoffs[role]

    def gate(self, digest: str = WEIGHTS, gate: str = "production") -> GateAnswer:
        """Ask a gate."""
        return answer(view(self.state), gate, digest, self.now)

    def explained(self) -> str:
        """Give the explanation's summary."""
        return explain(self.state).summary

    def waited_for(self) -> list[tuple[str, str]]:
        """Give the kinds and ids of whom or what is waited for."""
        return [(w.kind, w.who) for w in explain(self.state).waiting]

    def evidence_arrives(self) -> None:
        """Attach everything that the classic lifecycle names."""
        for name in SOURCES:
            self.attach(name)

    def approve_classic(self) -> None:
        """Take the classic lifecycle (low risk) to its end."""
        self.evidence_arrives()
        self.approve("data", "data_steward", "ana")
        self.approve("validate", "validator", "ben")
        self.approve("validate", "validator", "cho")
        self.approve("release", "business_owner", "eve")


def kinds(facts: list[AnyFact]) -> list[str]:
    """Give the kinds of facts, in order."""
    return [fact.kind for fact in facts]
