"""May these bytes pass this door? Whatever can't be told is a no."""

from collections.abc import Sequence
from datetime import timedelta

from api.auth import Principal
from api.deps import Composition
from api.lifecycles import CannotTell, NothingSent, OutcomeUnknown, UnknownVersion, VersionClosed
from api.metrics import GATES
from api.problems import DatabaseUnreachable
from api.schemas_versions import GateShown
from api.visibility import visible_models
from integrations.database.events import has_unapplied
from integrations.database.older_versions import open_among
from integrations.database.versions import get_version, versions_with_digest
from integrations.database.visibility import sees
from lifecycle.canonical import short
from lifecycle.gates import answer
from lifecycle.values import Frozen
from lifecycle.view import VersionView
from workflows.messages import GateQuestion

MOST_NAMED = 10
CANNOT_TELL = "It can't be told now, and that is a no"


class Asked(Frozen):
    """A question to a gate."""

    digest: str
    gate: str
    model: str | None = None
    version: str | None = None
    max_age: timedelta | None = None
    """How old an answer may be; None: only the workflow's own."""


async def ask_gate(composition: Composition, principal: Principal, asked: Asked) -> GateShown:
    """Answer for one digest; never raises for what can't be reached, but says no."""
    try:
        shown = await _answer(composition, principal, asked)
    except DatabaseUnreachable:
        shown = _no(
            composition, asked, f"{CANNOT_TELL}: the database can't be reached.", certain=False
        )
    GATES.labels(str(shown.allowed).lower(), str(shown.certain).lower()).inc()
    return shown


async def _answer(composition: Composition, principal: Principal, asked: Asked) -> GateShown:
    if asked.model is not None and asked.version is not None:
        if _sees_without_looking(principal, asked.model):
            return await _of_version(composition, asked, asked.model, asked.version)
        places = [(asked.model, asked.version)]
    else:
        places = await _places(composition, asked)
    async with composition.database.transaction() as connection:
        visible = await visible_models(connection, principal)
        seen = [place for place in places if sees(visible, place[0])]
        if len(seen) > 1:
            seen = await open_among(connection, seen) or seen
    if not seen:
        return _no(composition, asked, _unknown(asked))
    if len(seen) > 1:
        return _no(composition, asked, _ambiguous(asked, seen))
    return await _of_version(composition, asked, *seen[0])


def _sees_without_looking(principal: Principal, model: str) -> bool:
    """Say whether the key alone, without the database, shows that it may ask for a model."""
    if principal.sees_all:
        return True
    named = principal.key.models
    if set(principal.key.scopes) == {"gate"} and not named:
        return True
    return bool({"gate", "pipeline"} & set(principal.key.scopes)) and sees(named, model)


async def _places(composition: Composition, asked: Asked) -> list[tuple[str, str]]:
    async with composition.database.transaction() as connection:
        found = await versions_with_digest(connection, asked.digest, asked.model)
    return [place for place in found if asked.version in {None, place[1]}]


def _unknown(asked: Asked) -> str:
    of = f" of {asked.model}" if asked.model else ""
    version = f" {asked.version}" if asked.version else ""
    return (
        f"No version{of}{version} that this key sees holds the bytes {short(asked.digest)} now;"
        " register them, or check the digest."
    )


def _ambiguous(asked: Asked, places: Sequence[tuple[str, str]]) -> str:
    names = ", ".join(f"{model} {version}" for model, version in places[:MOST_NAMED])
    more = f" and {len(places) - MOST_NAMED} more" if len(places) > MOST_NAMED else ""
    wanted = "`version`" if asked.model else "`model`, and `version` where it has several"
    return (
        f"{short(asked.digest)} is held by {len(places)} versions: {names}{more}. Name one with"
        f" {wanted}."
    )


async def _of_version(
    composition: Composition, asked: Asked, model: str, version: str
) -> GateShown:
    if asked.max_age is not None:
        known = await _projected(composition, asked, model, version, asked.max_age)
        if known is not None:
            return known
    now = composition.clock()
    try:
        reply = await composition.lifecycles.gate(
            model, version, GateQuestion(gate=asked.gate, digest=asked.digest, now=now)
        )
    except (CannotTell, NothingSent, OutcomeUnknown):
        why = f"{CANNOT_TELL}: {model} {version} gave no answer in time. Ask again."
        return _no(composition, asked, why, certain=False)
    except (UnknownVersion, VersionClosed):
        return await _of_the_record(composition, asked, model, version)
    if reply.status == "ready" and reply.recorded == reply.sequence:
        composition.confirmations.note(model, version, reply.sequence, now)
        return GateShown(**reply.answer.model_dump(), certain=True)
    if not reply.answer.allowed:
        return GateShown(**reply.answer.model_dump(), certain=False)
    why = f"{CANNOT_TELL}: what {model} {version} was told last is not recorded yet. Ask again."
    return _no(composition, asked, why, certain=False)


async def _projected(
    composition: Composition, asked: Asked, model: str, version: str, max_age: timedelta
) -> GateShown | None:
    """Answer from the rows when the workflow lately said to this process that they are the newest.

    None when that is not so: too long ago, rows behind, or events accepted and not yet applied.
    """
    now = composition.clock()
    try:
        async with composition.database.transaction() as connection:
            # In this order: an event applied in between is in the rows that are read after it.
            if await has_unapplied(connection, model, version):
                return None
            doc = await get_version(connection, model, version)
    except DatabaseUnreachable:
        return None  # the workflow may still know
    if doc is None:
        return None
    view = VersionView.model_validate(doc)
    if not composition.confirmations.confirms(model, version, view.sequence, now, max_age):
        return None
    return GateShown(**answer(view, asked.gate, asked.digest, now).model_dump(), certain=True)


async def _of_the_record(
    composition: Composition, asked: Asked, model: str, version: str
) -> GateShown:
    """Answer for a version whose workflow is gone: its story has ended, or it never began."""
    async with composition.database.transaction() as connection:
        doc = await get_version(connection, model, version)
    if doc is None:
        return _no(composition, asked, f"{model} {version} is not registered.")
    said = answer(VersionView.model_validate(doc), asked.gate, asked.digest, composition.clock())
    if said.allowed:
        why = f"{CANNOT_TELL}: {model} {version} is open, and nobody keeps it."
        return _no(composition, asked, why, certain=False)
    return GateShown(**said.model_dump(), certain=True)


def _no(composition: Composition, asked: Asked, reason: str, *, certain: bool = True) -> GateShown:
    return GateShown(
        allowed=False,
        certain=certain,
        reasons=(reason,),
        gate=asked.gate,
        model=asked.model,
        version=asked.version,
        as_of=composition.clock(),
    )
