"""What is sent to and answered by the routes of keys."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, model_validator

from api.auth import Scope
from api.schemas import Sent
from lifecycle.values import Instant, Name

Pattern = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21-\x7e ]+$")
]
Patterns = Annotated[tuple[Pattern, ...], Field(max_length=100)]


class NewKey(Sent):
    """A key to issue."""

    scopes: tuple[Scope, ...] = Field(min_length=1, max_length=6)
    person: Name | None = None
    """Whose key it is; an `owner` key has one."""
    models: Patterns = ()
    """Models that a pipeline speaks for; `*` stands for any characters."""
    events: Patterns = ()
    """Types of events that it may send; `*` stands for any characters."""
    sources: Patterns = ()
    """Sources of events that it may speak as; `*` stands for any characters."""
    expires_at: Instant | None = None

    @model_validator(mode="after")
    def _complete(self) -> "NewKey":
        if len(set(self.scopes)) != len(self.scopes):
            raise ValueError("name each scope once")
        if "owner" in self.scopes and self.person is None:
            raise ValueError("an owner's key belongs to a person; give `person`")
        if "pipeline" in self.scopes:
            missing = [name for name in ("models", "events", "sources") if not getattr(self, name)]
            if missing:
                raise ValueError(
                    f"a pipeline's key says what it speaks for; give {' and '.join(missing)}"
                    ' (`["*"]` for all)'
                )
        return self


class KeyIssued(BaseModel):
    """A key, shown this once."""

    id: str
    key: str | None
    """The whole text to send; none when the answer is a repeat, since it is stored nowhere."""


class KeyListed(BaseModel):
    """A key without its secret."""

    id: str
    scopes: list[str]
    person: str | None
    models: list[str]
    events: list[str]
    sources: list[str]
    created_at: Instant
    created_by: str
    expires_at: Instant | None
    revoked_at: Instant | None
