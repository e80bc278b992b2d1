"""Facts about lifecycles, people, models and keys: who made whom an owner, who issued a key.

Each subject has a chain of its own; its record is the fold of its facts.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from lifecycle.definition import Lifecycle
from lifecycle.roster import ModelFile, PersonFile
from lifecycle.values import Frozen, Instant


class RegistryFact(Frozen):
    """Something that an administrator or manager did."""

    at: Instant
    by: str
    """The principal: a person's id, `key:<id>` or `system`."""


class LifecycleApplied(RegistryFact):
    """A definition became the current one of its name."""

    kind: Literal["LifecycleApplied"] = "LifecycleApplied"
    digest: str
    definition: Lifecycle


class PersonPut(RegistryFact):
    """A person is as described."""

    kind: Literal["PersonPut"] = "PersonPut"
    person: str
    file: PersonFile


class SlackLinked(RegistryFact):
    """A Slack account belongs to a person from now on."""

    kind: Literal["SlackLinked"] = "SlackLinked"
    person: str
    enterprise: str | None = None
    team: str
    user: str
    how: Literal["email", "admin", "code"] = "email"


class ModelPut(RegistryFact):
    """A model and its owners are as described."""

    kind: Literal["ModelPut"] = "ModelPut"
    file: ModelFile
    by_person: str | None = None
    """The person behind the principal, who may not sign in a role they gave themselves."""


class KeyCreated(RegistryFact):
    """A key was issued. `secret_hash` is the SHA-256 of 256 random bits."""

    kind: Literal["KeyCreated"] = "KeyCreated"
    key: str
    secret_hash: str
    scopes: tuple[str, ...]
    person: str | None = None
    models: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    expires_at: Instant | None = None


class KeyRevoked(RegistryFact):
    """A key is no longer accepted."""

    kind: Literal["KeyRevoked"] = "KeyRevoked"
    key: str


AnyRegistryFact = Annotated[
    LifecycleApplied | PersonPut | SlackLinked | ModelPut | KeyCreated | KeyRevoked,
    Field(discriminator="kind"),
]
_FACT: TypeAdapter[AnyRegistryFact] = TypeAdapter(AnyRegistryFact)


def parse_registry_fact(data: Any) -> AnyRegistryFact:
    """Read a fact from its JSON form; raises pydantic.ValidationError."""
    return _FACT.validate_python(data)


class ModelRecord(Frozen):
    """A model as its facts left it."""

    file: ModelFile
    given_by: dict[str, dict[str, str]] = {}
    """For each role and owner, the person who gave the role."""


def fold_model(record: ModelRecord | None, fact: ModelPut) -> ModelRecord:
    """Take a new description.

    Who already held a role keeps whoever gave it; a role that somebody gave themselves is confirmed
    by the next one who describes the model with it.
    """
    known = record.given_by if record else {}
    giver = fact.by_person or fact.by

    def given(role: str, person: str) -> str:
        before = known.get(role, {}).get(person, giver)
        return giver if before == person else before

    return ModelRecord(
        file=fact.file,
        given_by={
            role: {person: given(role, person) for person in people}
            for role, people in fact.file.owners.items()
        },
    )


def subject_of(kind: Literal["lifecycle", "person", "model", "key"], name: str) -> str:
    """Name the chain of a subject, as `model/fraud-scorer`."""
    return f"{kind}/{name}"
