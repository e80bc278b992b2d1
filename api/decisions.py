"""An owner's answer to a sign-off, on its way to the workflow and back."""

import asyncio
from typing import Any

from api.auth import Principal
from api.deps import Composition
from api.idempotency import LOOKED_UP_WITHIN
from api.problems import DatabaseUnreachable, Forbidden, NotFound, OtherRevision
from api.registration import told
from api.schemas_versions import DecisionSent
from integrations.database.versions import get_version
from lifecycle.commands import Decide, Refused
from lifecycle.fact_values import Via
from lifecycle.values import SignoffKey


def signoff_key(text: str) -> SignoffKey:
    """Read a sign-off's id from a path, where its version may be decoded; raises NotFound."""
    try:
        return SignoffKey.parse(text)
    except ValueError as error:
        raise NotFound(str(error)) from error


async def decide_signoff(
    composition: Composition,
    principal: Principal,
    key: SignoffKey,
    sent: DecisionSent,
    update_id: str,
) -> dict[str, Any]:
    """Send a decision without asking the database, and give what it led to.

    Raises Forbidden for a key that is nobody's, a Refusal with the rule's sentence, and what `ask`
    raises.
    """
    if principal.person is None:
        raise Forbidden("This key belongs to nobody, and only people decide; use a key of yours.")
    command = Decide(
        id=update_id,
        by=principal.id,
        signoff=str(key),
        person=principal.person,
        decision=sent.decision,
        revision=sent.revision,
        comment=sent.comment,
        send_back_to=sent.send_back_to,
        reasons=sent.reasons,
        conditions=sent.conditions_given,
        via=Via(surface="api", key=principal.key.id),
    )
    try:
        answer = await composition.lifecycles.ask(
            key.model, key.version, command, update_id=update_id
        )
    except Refused as refused:
        if refused.code != OtherRevision.kind:
            raise
        current = await _current(composition, key)
        raise OtherRevision(refused.reason, **current) from refused
    return told(composition, key.model, key.version, answer)


async def _current(composition: Composition, key: SignoffKey) -> dict[str, Any]:
    """Find what stands now, for whoever decided on something else; nothing while it is unknown."""
    try:
        async with asyncio.timeout(LOOKED_UP_WITHIN.total_seconds()):
            async with composition.database.transaction() as connection:
                view = await get_version(connection, key.model, key.version)
    except (DatabaseUnreachable, TimeoutError):
        return {}
    for stage in (view or {}).get("stages", ()):
        for signoff in stage["signoffs"]:
            if (stage["name"], signoff["role"]) == (key.stage, key.role):
                return {"current_signoff": signoff["id"], "current_revision": signoff["revision"]}
    return {}
