"""What a lifecycle file says: stages, who signs what, evidence, deadlines, gates, trust."""

from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from lifecycle.canonical import digest_of
from lifecycle.durations import Duration, Share, parse_after
from lifecycle.values import Name, Sentence, Strict

Condition = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
After = Annotated[Share | Duration, BeforeValidator(parse_after)]
HoursOfDay = Annotated[
    str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$")
]
Percentage = Annotated[str, StringConstraints(pattern=r"^([1-9][0-9]?|100)%$")]
Quorum = Annotated[int, Field(ge=1, le=100)] | Literal["all"] | Percentage


class Calendar(Strict):
    """When an organisation works: a zone, daily hours, and a country's holidays."""

    zone: str
    hours: HoursOfDay = "09:00-17:00"
    holidays: str | None = None
    weekdays: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = (
        "mon", "tue", "wed", "thu", "fri",
    )  # fmt: skip


class Separation(Strict):
    """Who may not sign, whatever their role."""

    never: tuple[Literal["producer", "requester"], ...] = ("producer", "requester")
    one_person: Literal["one_role", "any_role"] = "one_role"


class EvidenceRule(Strict):
    """When a named result counts as met."""

    # `from` is a word of Python; every writer, Temporal's converter too, writes the file's key.
    model_config = ConfigDict(serialize_by_alias=True)

    sources: tuple[Annotated[str, StringConstraints(min_length=1, max_length=200)], ...] = Field(
        default=(), alias="from"
    )
    require: Condition | None = None
    max_age: Duration | None = None


class EscalationStep(Strict):
    """One step of a chain: after a time, remind, tell or ask somebody."""

    after: After
    remind: Literal["owners"] | None = None
    tell: Name | None = None
    ask: Name | None = None

    @model_validator(mode="after")
    def _one_action(self) -> "EscalationStep":
        if sum(action is not None for action in (self.remind, self.tell, self.ask)) != 1:
            raise ValueError("a step has exactly one of `remind`, `tell` and `ask`")
        return self


class SignoffRule(Strict):
    """One role's request at a stage: the statement it undersigns and what that binds to."""

    role: Name
    statement: Sentence
    quorum: Quorum = 1
    when: Condition | None = None
    binds: tuple[str, ...] | None = None
    carry_over: bool = False
    confirm: bool = False

    def needed(self, owners: int) -> int:
        """Give how many distinct people must approve, of so many owners; never fewer than one."""
        if isinstance(self.quorum, int):
            return self.quorum
        percent = 100 if self.quorum == "all" else int(self.quorum.removesuffix("%"))
        return max(1, -(-owners * percent // 100))


class StageRule(Strict):
    """A step of the lifecycle."""

    name: Name
    needs: tuple[Name, ...] | None = None
    accountable: Name | None = None
    evidence: tuple[Name, ...] = ()
    evidence_due: Duration | None = None
    signoffs: tuple[SignoffRule, ...] = ()
    due: Duration | None = None
    escalate: Name | None = None
    send_back_to: tuple[Name, ...] = ()


class Trust(Strict):
    """How long an approval stands, and what happens when it lapses."""

    valid_for: Duration
    renew_before: Duration | None = None
    renew: tuple[Name, ...] | None = None
    on_lapse: Literal["close", "warn"] = "close"


class ReopenRule(Strict):
    """A signal about the world that reopens a stage."""

    event: Literal["alert.raised"]
    when: Condition | None = None
    stage: Name
    roles: tuple[Name, ...] | None = None
    gate: Literal["keep", "close"] = "close"


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
                update["accountable"] = stage.signoffs[0].role
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
    def digest(self) -> str:
        """The definition's identity: the digest of its canonical content."""
        return digest_of(self.content())

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
