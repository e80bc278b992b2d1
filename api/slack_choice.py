"""Whether it is clear in which Slack workspace a model's owners are asked."""

from sqlalchemy.ext.asyncio import AsyncConnection

from api.deps import Composition
from api.problems import unreadable
from integrations.database.slack_installations import list_installations
from integrations.documents import Document, DocumentError
from lifecycle.roster import ModelFile

KEY = "slack_team"


async def checked_workspace(
    connection: AsyncConnection, composition: Composition, file: ModelFile, document: Document
) -> None:
    """Raise Invalid, naming the choices, for a workspace that isn't one, or none of several."""
    own = await composition.slack_home.id()
    choices = {one.id: one.name for one in await list_installations(connection) if one.is_live}
    if own is not None:
        choices.setdefault(own, "")
    named = ", ".join(f"{id_} ({name})" if name else id_ for id_, name in choices.items())
    if file.slack_team is None and len(choices) > 1:
        problem = f"The app is in several Slack workspaces; say in which its cards go: {named}."
    elif file.slack_team is not None and choices and file.slack_team not in choices:
        problem = f"The app is not installed in {file.slack_team}; it is in: {named}."
    else:
        return
    raise unreadable(DocumentError([document.problem((KEY,), problem)], name=document.name))
