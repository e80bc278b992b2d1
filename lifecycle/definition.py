"""What a lifecycle file says: stages, who signs what, evidence, deadlines, gates, trust."""

from typing import Any, Literal

from pydantic import Field, field_validator

from lifecycle.canonical import digest_of
from lifecycle.memory import remembered
from lifecycle.rules import (
    Assign,
    Calendar,
    EscalationStep,
    EvidenceRule,
    FindingsRule,
    Freeze,
    HoursOfDay,
    OverrideRule,
    Reopenings,
    ReopenRule,
    Separation,
    SignoffRule,
    StageRule,
    Tier,
    Trust,
)
from lifecycle.values import Name, Sentence, Strict, later

__all__ = [
    "Assign",
    "Calendar",
    "EscalationStep",
    "EvidenceRule",
    "FindingsRule",
    "Freeze",
    "HoursOfDay",
    "Lifecycle",
    "OverrideRule",
    "ReopenRule",
    "Reopenings",
    "Separation",
    "SignoffRule",
    "StageRule",
    "Tier",
    "Trust",
]


class Lifecycle(Strict):
    """A whole definition; `lint` says whether it can finish."""

    lifecycle: Name
    start: Literal["on_request", "on_registration"] = "on_request"
    supersede: bool = True
    producers: Literal["required", "optional"] = "required"
    calendar: Calendar | None = None
    roles: tuple[Name, ...] = Field(min_length=1)
    separation: Separation = Separation()
    evidence: dict[Name, EvidenceRule] = {}
    escalations: dict[Name, tuple[EscalationStep, ...]] = {}
    stages: tuple[StageRule, ...] = Field(min_length=1, max_length=50)
    gates: dict[Name, tuple[Name, ...]] = {}
    trust: Trust | None = None
    reopen: tuple[ReopenRule, ...] = ()
    reopenings: Reopenings | None = later(None)
    reasons: dict[Name, Sentence] = later({})
    """The reasons that a request for changes chooses from, where there are any."""
    findings: FindingsRule | None = later(None)
    override: OverrideRule | None = later(None)
    freezes: tuple[Freeze, ...] = later(())

    @field_validator("stages", mode="after")
    @classmethod
    def _with_defaults(cls, stages: tuple[StageRule, ...]) -> tuple[StageRule, ...]:
        """Write the defaults out: the stage above, and the first role asked answers for a stage."""
        filled: list[StageRule] = []
        for stage in stages:
            update: dict[str, Any] = {}
            if stage.needs is None:
                update["needs"] = (filled[-1].name,) if filled else ()
            if stage.accountable is None and stage.signoffs:
                update["accountable"] = stage.signoffs[0].roles[0]
            filled.append(stage.model_copy(update=update))
        return tuple(filled)

    def stage(self, name: str) -> StageRule:
        """Find a stage; raises KeyError when there is none of that name."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise KeyError(name)

    def content(self) -> dict[str, Any]:
        """Give the definition as JSON without what is default, as its digest sees it."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    @property
    @remembered
    def digest(self) -> str:
        """The definition's identity: the digest of its canonical content."""
        return digest_of(self.content())

    @remembered
    def needs_of(self, name: str) -> tuple[str, ...]:
        """Give a stage and all that it needs, in the file's order."""
        wanted = {name}
        grown = True
        while grown:
            needed = {n for s in self.stages if s.name in wanted for n in s.needs or ()}
            grown = not needed <= wanted
            wanted |= needed
        return tuple(stage.name for stage in self.stages if stage.name in wanted)

    def dependents_of(self, name: str) -> tuple[str, ...]:
        """Give the stages that need a stage, directly or through others, in the file's order."""
        return tuple(
            s.name for s in self.stages if s.name != name and name in self.needs_of(s.name)
        )
