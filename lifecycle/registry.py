"""Facts about lifecycles, people, models and keys: who made whom an owner, who issued a key.

Each subject has a chain of its own; its record is the fold of its facts.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from lifecycle.definition import Lifecycle
from lifecycle.fact_values import Via
from lifecycle.roster import GroupFile, ModelFile, PersonFile, RotationFile
from lifecycle.slack_links import How
from lifecycle.values import Frozen, Instant, later


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
    by_person: str | None = later(None)
    """The person behind the principal, who may not sign by naming themselves a delegate."""


class SlackFact(RegistryFact):
    """Something about a person's Slack account."""

    person: str
    enterprise: str | None = None
    team: str
    user: str


class SlackLinked(SlackFact):
    """A Slack account was a person's, as earlier releases linked it: by e-mail at once."""

    kind: Literal["SlackLinked"] = "SlackLinked"
    how: Literal["email", "admin", "code"] = "email"


class SlackProposed(SlackFact):
    """A Slack account with a person's address was found; it decides nothing yet."""

    kind: Literal["SlackProposed"] = "SlackProposed"
    email: str
    name: str = ""
    """As Slack shows the account."""


class SlackConfirmed(SlackFact):
    """A Slack account is a person's: what is done with it is theirs from now on."""

    kind: Literal["SlackConfirmed"] = "SlackConfirmed"
    how: How
    by_person: str | None = None
    """The person behind the principal; an administrator may confirm their own account."""
    via: Via
    """Through what it was confirmed: an administrator's key, or the account itself and the key that
    its code was made with."""


class SlackBarred(SlackFact):
    """Slack says what a person's account is now: whether, and why not, it may decide."""

    kind: Literal["SlackBarred"] = "SlackBarred"
    barred: str
    """`deactivated`, `guest`, `bot`, `foreign`; empty: a full member's again."""


class SlackRemoved(SlackFact):
    """A Slack account is no longer a person's."""

    kind: Literal["SlackRemoved"] = "SlackRemoved"
    by_person: str | None = None
    via: Via | None = None
    reason: str = ""


class ModelPut(RegistryFact):
    """A model and its owners are as described."""

    kind: Literal["ModelPut"] = "ModelPut"
    file: ModelFile
    by_person: str | None = None
    """The person behind the principal, who may not sign in a role they gave themselves."""


class GroupPut(RegistryFact):
    """A group has these members."""

    kind: Literal["GroupPut"] = "GroupPut"
    group: str
    file: GroupFile
    by_person: str | None = None


class RotationPut(RegistryFact):
    """A rotation is as described."""

    kind: Literal["RotationPut"] = "RotationPut"
    rotation: str
    file: RotationFile
    by_person: str | None = None


class HandoverOffered(RegistryFact):
    """An owner, or a manager for them, offers a role to somebody; the owner answers until then."""

    kind: Literal["HandoverOffered"] = "HandoverOffered"
    model: str
    handover: str
    """Unique within the model, as `1`."""
    role: str
    giver: str
    receiver: str
    note: str = ""
    by_person: str | None = None


class HandoverAccepted(RegistryFact):
    """The receiver takes the role over; from here on they hold it in the giver's place."""

    kind: Literal["HandoverAccepted"] = "HandoverAccepted"
    model: str
    handover: str
    role: str
    giver: str
    receiver: str
    given_by: str
    """Who offered it: the receiver holds the role by their hand."""


class HandoverDeclined(RegistryFact):
    """The receiver does not want the role."""

    kind: Literal["HandoverDeclined"] = "HandoverDeclined"
    model: str
    handover: str
    reason: str = ""


class HandoverWithdrawn(RegistryFact):
    """The offer is taken back."""

    kind: Literal["HandoverWithdrawn"] = "HandoverWithdrawn"
    model: str
    handover: str
    reason: str = ""


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


class SlackInstalled(RegistryFact):
    """The app works in a Slack workspace from now on, or again; its token is never on record."""

    kind: Literal["SlackInstalled"] = "SlackInstalled"
    workspace: str
    """The team's id, or the enterprise's where it is installed for a whole organisation."""
    enterprise: str | None = None
    name: str = ""
    app: str = ""
    bot_user: str = ""
    installer: str = ""
    """The Slack user who consented."""
    scopes: tuple[str, ...] = ()


class SlackUninstalled(RegistryFact):
    """The app no longer works in a Slack workspace, and its token is forgotten."""

    kind: Literal["SlackUninstalled"] = "SlackUninstalled"
    workspace: str
    why: Literal["asked", "app_uninstalled", "tokens_revoked"] = "asked"


AnyRegistryFact = Annotated[
    LifecycleApplied
    | PersonPut
    | SlackLinked
    | SlackProposed
    | SlackConfirmed
    | SlackRemoved
    | SlackBarred
    | ModelPut
    | KeyCreated
    | KeyRevoked
    | GroupPut
    | RotationPut
    | HandoverOffered
    | HandoverAccepted
    | HandoverDeclined
    | HandoverWithdrawn
    | SlackInstalled
    | SlackUninstalled,
    Field(discriminator="kind"),
]
_FACT: TypeAdapter[AnyRegistryFact] = TypeAdapter(AnyRegistryFact)


def parse_registry_fact(data: Any) -> AnyRegistryFact:
    """Read a fact from its JSON form; raises pydantic.ValidationError."""
    return _FACT.validate_python(data)


def subject_of(
    kind: Literal["lifecycle", "person", "model", "key", "group", "rotation", "workspace"],
    name: str,
) -> str:
    """Name the chain of a subject, as `model/fraud-scorer`."""
    return f"{kind}/{name}"
