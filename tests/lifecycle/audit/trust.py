"""Findings, overrides and what else opens or closes gates beside the stages."""

from datetime import datetime
from typing import NamedTuple

from lifecycle.facts import AnyFact, ReviewRequested
from lifecycle.stage_facts import ChangesRequested, StageApproved
from lifecycle.trust_facts import (
    AcceptanceRequested,
    FindingClosed,
    FindingOpened,
    GateOverridden,
    OverrideEnded,
    TrustRestored,
    TrustSuspended,
)
from tests.lifecycle.audit.ballots import Known
from tests.lifecycle.audit.book import Book


class Opened(NamedTuple):
    """A gate that somebody opened without its stages."""

    gate: str
    digests: tuple[str, ...]
    at: datetime
    until: datetime


class Found(NamedTuple):
    """A finding that is open."""

    severity: str
    stage: str | None


class Trust(Known):
    """Follows what gates depend on beside the stages."""

    def __init__(self, books: dict[str, Book], first: Book) -> None:
        super().__init__(books, first)
        self.effective_at: datetime | None = None
        self.findings: dict[str, Found] = {}
        self.reported: set[tuple[str, str]] = set()
        """What was opened because evidence reports it."""
        self.overrides: dict[str, Opened] = {}
        self.owed: dict[str, datetime] = {}
        """For each override, until when somebody must review it."""
        self.declined: set[str] = set()
        """Overrides that somebody did not want to put up with."""
        self.is_suspended = False
        self.met: set[str] = set()

    def read_trust(self, fact: AnyFact) -> None:
        """Take what is found, overridden or suspended."""
        match fact:
            case ReviewRequested():
                self.effective_at = fact.effective_at or self.effective_at
            case FindingOpened():
                self.findings[fact.finding] = Found(fact.severity, fact.stage)
                if fact.evidence:
                    self.reported.add((fact.evidence, fact.entry))
            case AcceptanceRequested():
                self.deeds[f"finding.{fact.finding}"] = fact.by
            case FindingClosed():
                self.findings.pop(fact.finding, None)
            case _:
                self._read_override(fact)

    def _read_override(self, fact: AnyFact) -> None:
        match fact:
            case GateOverridden():
                self._overridden(fact)
            case OverrideEnded():
                self.overrides.pop(fact.override, None)
            case TrustSuspended():
                self.is_suspended = True
            case TrustRestored():
                assert not self.is_review_late(fact.at), "trust is restored without a review"
                self.is_suspended = False
            case ChangesRequested() if fact.stage.startswith("override."):
                self.declined.add(fact.stage)
            case StageApproved():
                self.declined.discard(fact.stage)
            case _:
                pass

    def _overridden(self, fact: GateOverridden) -> None:
        people = self.people(fact.at)
        assert fact.role in self.book.overrides, f"{fact.role} may not override"
        assert fact.person in people.owners((fact.role,)), f"{fact.person} is no {fact.role}"
        assert people.is_able(fact.person), f"{fact.person} may not override"
        assert not people.gave_themselves(fact.role, fact.person), "overridden by one's own hand"
        assert fact.reason, "overridden without a reason"
        assert set(fact.digests) <= {d for d in self.artifacts.values() if d}
        self.overrides[fact.override] = Opened(fact.gate, fact.digests, fact.at, fact.until)
        self.owed[f"override.{fact.override}"] = fact.at + self.book.review_due
        self.deeds[f"override.{fact.override}"] = fact.person

    def is_review_late(self, at: datetime) -> bool:
        """Say whether an override is unreviewed past its time, or was declined."""
        owed = {name: due for name, due in self.owed.items() if name not in self.signed}
        return any(due <= at or name in self.declined for name, due in owed.items())

    def blocking(self, stage: str) -> str:
        """Give an open finding that keeps a stage from being approved, or nothing."""
        if stage.startswith(("finding.", "override.")):
            return ""
        for name, one in self.findings.items():
            blocks = one.severity in self.book.blocks and one.stage in {None, stage}
            if blocks and f"finding.{name}" not in self.signed:
                return name
        return ""

    def unreported(self) -> list[str]:
        """Give blocking entries of the results that count that nobody was told of."""
        names = [name for name, spec in self.book.evidence.items() if spec.lists_findings]
        results = [(name, found) for name in names if (found := self.newest(name))]
        return [
            entry["id"]
            for name, found in results
            for entry in found.value.get("findings", ())
            if entry["severity"] in self.book.blocks and (name, entry["id"]) not in self.reported
        ]

    def lasts_until(self, stage: str, risk: str | None, since: datetime) -> datetime | None:
        """Give when an approval that was given at an instant closes the gate again."""
        lasts = self.book.lasts
        if not lasts or risk in self.book.warns or stage.startswith(("finding.", "override.")):
            return None
        length = lasts.get(risk or "any", lasts.get("any"))
        return since + length if length else None
