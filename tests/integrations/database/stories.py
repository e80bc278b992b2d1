"""Versions whose facts come from the rules, as the workflow hands them over."""

from datetime import UTC, datetime, timedelta
from typing import Any

from lifecycle.canonical import Entry, Head, append, digest_of
from lifecycle.commands import AnyCommand, parse_command
from lifecycle.decide import decide
from lifecycle.definition import Lifecycle
from lifecycle.evolve import evolve
from lifecycle.facts import fact_json
from lifecycle.projecting import Projector
from lifecycle.recording import Recording, version_subject
from lifecycle.roster import Roster
from lifecycle.state import blank
from lifecycle.values import signoff_id

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
LIFECYCLE = Lifecycle.model_validate(
    {
        "lifecycle": "two-steps",
        "roles": ["validator", "business_owner"],
        "producers": "optional",
        "evidence": {"evaluation": {"from": ["evaluation"], "require": "value.auc >= 0.9"}},
        "escalations": {
            "standard": [
                {"after": "50%", "remind": "owners"},
                {"after": "100%", "tell": "manager"},
            ]
        },
        "stages": [
            {
                "name": "validate",
                "evidence": ["evaluation"],
                "evidence_due": "1 days",
                "signoffs": [
                    {"role": "validator", "quorum": 2, "statement": "I reviewed the evaluation."}
                ],
                "due": "2 days",
                "escalate": "standard",
            },
            {
                "name": "release",
                "signoffs": [{"role": "business_owner", "statement": "I own the outcome."}],
                "due": "2 days",
            },
        ],
        "gates": {"production": ["release"]},
    }
)


class Story:
    """One version, told command by command, with what is not recorded yet."""

    def __init__(self, roster: Roster, version: str = "1") -> None:
        self.roster = roster
        self.state = blank(roster.model, version)
        self.now = START
        self.head = Head()
        self.entries: list[Entry] = []
        self.projector = Projector()
        self.bytes = digest_of([roster.model, version])

    @property
    def subject(self) -> str:
        return version_subject(self.state.model, self.state.version)

    def do(self, kind: str, **fields: Any) -> None:
        self.take(parse_command({"kind": kind, **fields}))

    def take(self, command: AnyCommand) -> None:
        for fact in decide(self.state, command, self.now):
            self.state = evolve(self.state, fact)
            self.projector.take(self.state, fact)
            entry = append(self.subject, self.head, fact_json(fact))
            self.head = entry.head
            self.entries.append(entry)

    def later(self, length: timedelta) -> None:
        self.now += length
        self.do("Tick")

    def recording(self) -> Recording:
        """Hand over what is not recorded yet, and begin anew."""
        recording = Recording(
            subject=self.subject,
            entries=tuple(self.entries),
            projection=self.projector.projection(self.state),
        )
        self.entries, self.projector = [], Projector()
        return recording

    def begin(self) -> None:
        artifact = {"uri": "s3://models/it", "digest": self.bytes}
        self.do(
            "Register",
            model=self.state.model,
            version=self.state.version,
            artifacts=[artifact],
            by="key:ci",
        )
        self.do("Prepare", definition=LIFECYCLE, roster=self.roster)
        self.do("RequestReview", by="key:ci")

    def attach(self, auc: float, event_id: str = "e1") -> None:
        self.now += timedelta(minutes=1)
        self.do(
            "Attach",
            id=f"event:{event_id}",
            by="key:ci",
            name="evaluation",
            subject=self.bytes,
            verdict="pass",
            digest=digest_of(auc),
            value={"auc": auc},
            time=self.now,
            source="evaluation",
            event_id=event_id,
        )

    def change_bytes(self) -> None:
        self.bytes = digest_of([self.bytes])
        self.do("ChangeArtifact", digest=self.bytes)

    def sign(self, person: str, stage: str = "validate", role: str = "validator") -> None:
        signoff = self.state.stages[stage].signoffs[role]
        self.do(
            "Decide",
            signoff=signoff_id(self.state.model, self.state.version, stage, signoff.round, role),
            person=person,
            by=person,
            decision="approve",
            revision=signoff.revision,
        )
