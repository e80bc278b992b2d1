"""What people ask for beside decisions, on its way to the workflow and back."""

from collections.abc import Callable
from functools import partial
from typing import Any

from api.auth import Principal
from api.deps import Composition
from api.idempotency import Request, refuse_reuse
from api.paging import must_see
from api.problems import Forbidden
from api.registration import told
from api.schemas_verbs import Verb
from integrations.database.visibility import sees
from lifecycle.commands import AnyCommand
from lifecycle.fact_values import Via
from lifecycle.values import SignoffKey


async def ask_about_signoff(
    composition: Composition, request: Request, key: SignoffKey, sent: Verb
) -> dict[str, Any]:
    """Ask for something about a sign-off, in the name of the key's person.

    No database is needed on the way. Raises Forbidden for a key that is nobody's, KeyReused, and
    what `ask` raises.
    """
    if request.principal.person is None:
        raise Forbidden("This key belongs to nobody, and this is a person's; use a key of yours.")
    make = partial(sent.command, signoff=str(key))
    return await send(composition, request, key.model, key.version, make)


async def ask_about_version(
    composition: Composition, request: Request, model: str, version: str, sent: Verb
) -> dict[str, Any]:
    """Ask for something about a version; raises Forbidden, KeyReused, and what `ask` raises.

    Where the rules judge every person anyway, nothing is looked up: a producer holds no role, and
    an override must not wait for the database.
    """
    principal = request.principal
    if not sent.is_judged or principal.has("pipeline"):
        await check_sees(composition, principal, model)
    return await send(composition, request, model, version, sent.command)


async def check_sees(composition: Composition, principal: Principal, model: str) -> None:
    """Raise Forbidden when a key neither sees a model nor speaks for it.

    The answer shows the version, and some things anybody may ask for.
    """
    if principal.sees_all or (principal.has("pipeline") and sees(principal.key.models, model)):
        return
    async with composition.database.transaction() as connection:
        await must_see(connection, principal, model)


async def send(
    composition: Composition,
    request: Request,
    model: str,
    version: str,
    make: Callable[..., AnyCommand],
) -> dict[str, Any]:
    """Send a command to a version's workflow, and give what it led to.

    `make` is given what the rules judge an asker by: the person, the key and its scopes.
    """
    await refuse_reuse(composition, request)
    principal, update_id = request.principal, request.update_id
    command = make(
        id=update_id,
        by=principal.id,
        person=principal.person or "",
        scopes=principal.scopes,
        via=Via(surface="api", key=principal.key.id),
    )
    answer = await composition.lifecycles.ask(model, version, command, update_id=update_id)
    return told(composition, model, version, answer)
