"""Moving a version to another definition of its lifecycle, or saying what that would change."""

from functools import partial
from typing import Any

from api.deps import Composition
from api.idempotency import Request
from api.problems import NotFound
from api.schemas_verbs import MigrationSent
from api.verbs import send
from integrations.database.registry import get_lifecycle, get_model
from integrations.working_time import resolve
from lifecycle.commands import Migrate
from lifecycle.definition import Lifecycle
from lifecycle.foreseeing import problems_of


async def migrate(
    composition: Composition, request: Request, model: str, version: str, sent: MigrationSent
) -> dict[str, Any]:
    """Move a version, or only foresee it.

    Raises NotFound for an unknown model or definition, KeyReused, and what `ask` and `preview`
    raise.
    """
    definition = await _definition(composition, model, sent.lifecycle_digest)
    calendar, now = definition.calendar, composition.clock()
    make = partial(
        Migrate,
        definition=definition,
        reason=sent.reason,
        working=resolve(calendar, now) if calendar else None,
        problems=problems_of(definition),
    )
    if not sent.dry_run:
        return await send(composition, request, model, version, make)
    command = make(by=request.principal.id, scopes=request.principal.scopes)
    found = await composition.lifecycles.preview(model, version, command, now=now)
    return {
        "lifecycle": definition.lifecycle,
        "lifecycle_digest": definition.digest,
        "changes": found.sentences,
        "sequence": found.sequence,
    }


async def _definition(composition: Composition, model: str, digest: str | None) -> Lifecycle:
    async with composition.database.transaction() as connection:
        record = await get_model(connection, model)
        if record is None:
            raise NotFound(f"There is no model {model}.")
        name = record.file.lifecycle
        found = await get_lifecycle(connection, name, digest)
    if found is None:
        of = f" of digest {digest}" if digest else ""
        raise NotFound(f"There is no lifecycle {name}{of}; apply it first.")
    return found
