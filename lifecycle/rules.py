"""What the parts of a lifecycle file say: who signs, what counts as evidence, when who is told."""

from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from lifecycle.durations import Duration, Share, parse_after
from lifecycle.memory import remembered
from lifecycle.values import Name, Sentence, SentInstant, Strict, Whole, later

Condition = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
After = Annotated[Share | Duration, BeforeValidator(parse_after)]
HoursOfDay = Annotated[
    str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$")
]
Percentage = Annotated[str, StringConstraints(pattern=r"^([1-9][0-9]?|100)%$")]
Quorum = Annotated[Whole, Field(ge=1, le=100)] | Literal["all"] | Percentage
Risk = Literal["low", "medium", "high", "critical"]
Severity = Literal["low", "medium", "high", "critical"]
Target = Annotated[
    str, StringConstraints(pattern=r"^((person|group|rotation):)?[a-z0-9][a-z0-9._-]{0,99}$")
]
"""A role, `manager`, `accountable`, or `person:ana`, `group:risk`, `rotation:ml-oncall`."""
Channel = Annotated[str, StringConstraints(pattern=r"^#[^\s#]{1,80}$")]


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

    never: tuple[Literal["producer", "requester", "commit_author"], ...] = (
        "producer",
        "requester",
    )
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
    findings: bool = later(False)
    """Whether each entry of `value.findings` opens a finding."""


class EscalationStep(Strict):
    """One step of a chain: after a time, remind, tell or ask somebody, or move the stage."""

    after: After
    remind: Literal["owners"] | None = None
    tell: Target | Channel | None = None
    ask: Target | None = None
    hold: Literal[True] | None = later(None)
    return_to: Name | None = later(None)
    expire: Literal[True] | None = later(None)

    @model_validator(mode="after")
    def _one_action(self) -> "EscalationStep":
        actions = (self.remind, self.tell, self.ask, self.hold, self.return_to, self.expire)
        if sum(action is not None for action in actions) != 1:
            raise ValueError(
                "a step has exactly one of `remind`, `tell`, `ask`, `hold`, `return_to` and "
                "`expire`"
            )
        return self


class Assign(Strict):
    """Whom of a role's owners to ask: those with the least to do, or each in turn."""

    least_loaded: Annotated[Whole, Field(ge=1, le=100)] | None = None
    rotate: Annotated[Whole, Field(ge=1, le=100)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Assign":
        if (self.least_loaded is None) == (self.rotate is None):
            raise ValueError("write `all`, `{least_loaded: 2}` or `{rotate: 2}`")
        return self

    @property
    def count(self) -> int:
        """How many owners are asked."""
        return self.least_loaded or self.rotate or 1


def _all_is_default(value: Any) -> Any:
    return None if value == "all" else value


class SignoffRule(Strict):
    """One role's request at a stage: the statement it undersigns and what that binds to."""

    role: Name
    statement: Sentence
    quorum: Quorum = 1
    when: Condition | None = None
    binds: tuple[str, ...] | None = None
    carry_over: bool = False
    confirm: bool = False
    any_of: tuple[Name, ...] = later(())
    """Roles whose owners may sign this request; `role` is then only its name."""
    changes_quorum: Annotated[Whole, Field(ge=1, le=100)] = later(1)
    comment: Literal["optional", "required"] = later("optional")
    advisory: bool = later(False)
    after: tuple[Name, ...] = later(())
    assign: Annotated[Assign | None, BeforeValidator(_all_is_default)] = later(None)
    fallback: Name | None = later(None)
    """The role that is asked when nobody of this one is eligible."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        """Name a request of several roles by them, unless the file names it."""
        if isinstance(value, dict) and value.get("any_of") and "role" not in value:
            roles = value["any_of"]
            if isinstance(roles, (list, tuple)) and all(isinstance(one, str) for one in roles):
                return {**value, "role": "-or-".join(roles)}
        return value

    @model_validator(mode="before")
    @classmethod
    def _says_something(cls, value: Any) -> Any:
        """Ask for the sentence in words; without it nobody knows what was signed."""
        said = value.get("statement") if isinstance(value, dict) else ""
        if isinstance(value, dict) and (
            said is None or (isinstance(said, str) and not said.strip())
        ):
            raise ValueError(
                f"{value.get('role') or 'this role'} would sign nothing; write the sentence that "
                "is undersigned under `statement`"
            )
        return value

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles whose owners may sign."""
        return self.any_of or (self.role,)

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
    independent_of: tuple[Name, ...] = later(())
    """Earlier stages whose signers may not sign here."""
    one_at_a_time: bool = later(False)
    """Whether only one version of a model is in this stage; others queue, in order."""


class Reopenings(Strict):
    """How often a stage may reopen before it is held, and how long cards wait after a change."""

    at_most: Annotated[Whole, Field(ge=1, le=100)] = 3
    within: Duration = Duration.model_validate("1 hour")
    quiet: Duration | None = None


class Tier(Strict):
    """How long approvals of models of one risk stand."""

    valid_for: Duration
    renew_before: Duration | None = None
    on_lapse: Literal["close", "warn"] | None = None


class Trust(Strict):
    """How long an approval stands, and what happens when it lapses."""

    valid_for: Duration
    renew_before: Duration | None = None
    renew: tuple[Name, ...] | None = None
    on_lapse: Literal["close", "warn"] = "close"
    by_risk: dict[Risk, Tier] = later({})

    @remembered
    def tier(self, risk: str | None) -> Tier:
        """Give the lengths for a model of a risk, with the file's own where the tier is silent."""
        own = self.by_risk.get(risk) if risk is not None else None  # type: ignore[call-overload]  # any text may be looked up
        base = own or Tier(valid_for=self.valid_for)
        return base.model_copy(
            update={
                "renew_before": base.renew_before or self.renew_before,
                "on_lapse": base.on_lapse or self.on_lapse,
            }
        )


class ReopenRule(Strict):
    """A signal about the world that reopens a stage."""

    event: Literal["alert.raised", "base.voided"]
    when: Condition | None = None
    stage: Name
    roles: tuple[Name, ...] | None = None
    gate: Literal["keep", "close"] = "close"
    firing_for: Duration | None = later(None)
    """How long an alert must fire before the stage reopens; at once without it."""


class FindingsRule(Strict):
    """Which findings block, and who may accept their risk by signing for it."""

    blocks: tuple[Severity, ...] = ("high", "critical")
    accepted_by: Name | None = None
    statement: Sentence = "I accept the risk of this finding for these bytes."
    due: Duration | None = None
    """How long the accepting role has, from the moment it is asked."""
    escalate: Name | None = None


class AfterReview(Strict):
    """The review that an override owes."""

    role: Name
    statement: Sentence
    due: Duration
    escalate: Name | None = None


class OverrideRule(Strict):
    """Break-glass: who may open a gate without its stages, for how long, and who reviews it."""

    roles: tuple[Name, ...] = Field(min_length=1)
    at_most: Duration = Duration.model_validate("4 hours")
    review: AfterReview


class Freeze(Strict):
    """A window in which gates stay closed whatever is approved."""

    model_config = ConfigDict(serialize_by_alias=True)

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    starts: SentInstant = Field(alias="from")
    until: SentInstant
    gates: tuple[Name, ...] = ()
    """The gates that it closes; none: all."""

    @model_validator(mode="after")
    def _in_order(self) -> "Freeze":
        if self.until <= self.starts:
            raise ValueError("the window ends before it starts; write the earlier time first")
        return self
