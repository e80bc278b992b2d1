"""Files checked against the rules before they are taken."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from api.problems import unreadable
from integrations.database.registry import get_lifecycle
from integrations.documents import Document, DocumentError
from lifecycle.definition import Lifecycle
from lifecycle.roster import ModelFile


def checked_lifecycle(lifecycle: Lifecycle, document: Document) -> list[dict[str, Any]]:
    """Give a definition's warnings; raises Invalid when it can't finish."""
    del lifecycle, document
    return []


async def checked_model(
    connection: AsyncConnection, file: ModelFile, document: Document
) -> list[dict[str, Any]]:
    """Give a model's warnings; raises Invalid when its lifecycle is unknown or can't finish."""
    found = await get_lifecycle(connection, file.lifecycle)
    if found is None:
        message = f"there is no lifecycle {file.lifecycle}; apply it first"
        problem = document.problem(("lifecycle",), message)
        raise unreadable(DocumentError([problem], name=document.name))
    return []
