"""What an auditor knows of a lifecycle beforehand, written down a second time."""

from datetime import datetime, timedelta
from typing import NamedTuple

DAYS = timedelta(days=1)


class RoleSpec(NamedTuple):
    """What a role of a stage must show."""

    quorum: int | str = 1
    """A number, `all`, or a percentage of those who may sign."""
    binds_artifacts: bool = True
    binds_evidence: tuple[str, ...] = ()
    only_high_risk: bool = False
    roles: tuple[str, ...] = ()
    """Roles whose owners may sign; none: its own."""
    fallback: str = ""
    after: tuple[str, ...] = ()
    is_advice: bool = False
    changes: int = 1
    """How many must request changes before the version goes back."""
    needs_comment: bool = False
    carries: bool = False


class StageSpec(NamedTuple):
    """What a stage must show."""

    roles: dict[str, RoleSpec]
    needs: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    independent_of: tuple[str, ...] = ()
    is_queued: bool = False
    """Whether it takes one version of the model at a time."""


class EvidenceSpec(NamedTuple):
    """What makes a piece of evidence count."""

    source: str
    least_auc: float | None = None
    max_age: timedelta | None = None
    lists_findings: bool = False


class Freeze(NamedTuple):
    """A time in which gates stay closed."""

    starts: datetime
    until: datetime


class Book(NamedTuple):
    """A lifecycle, as an auditor reads it."""

    stages: dict[str, StageSpec]
    evidence: dict[str, EvidenceSpec]
    gates: dict[str, tuple[str, ...]]
    """For each gate every stage on the way to it."""
    never: tuple[str, ...] = ("producer", "requester")
    reasons: tuple[str, ...] = ()
    lasts: dict[str, timedelta] = {}
    """For each risk how long approvals stand; with the key `any` for every other."""
    warns: tuple[str, ...] = ()
    """Risks for which a lapse only warns."""
    blocks: tuple[str, ...] = ()
    """Severities of findings that block."""
    accepts: str = ""
    """The role that may accept a finding."""
    overrides: tuple[str, ...] = ()
    review: str = ""
    """The role that reviews overrides."""
    review_due: timedelta = DAYS
    freezes: tuple[Freeze, ...] = ()

    def stage(self, name: str) -> StageSpec:
        """Find a stage; reviews of overrides and acceptances of findings are stages too."""
        if name.startswith("override."):
            return StageSpec({self.review: RoleSpec(binds_artifacts=False)})
        if name.startswith("finding."):
            return StageSpec({self.accepts: RoleSpec()})
        return self.stages[name]
