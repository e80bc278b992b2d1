"""Which workspaces there are, and how the app stands in one of them."""

from typing import Any

from api.deps import Composition
from api.problems import NotFound
from api.slack_installing import open_token
from integrations.database import slack_installations as store
from integrations.slack.client import open_client
from integrations.slack.manifest import SCOPES, Finding, check
from integrations.slack.sealing import SealBroken


async def workspaces(composition: Composition) -> list[dict[str, Any]]:
    """List all workspaces that the app was installed in, as they are shown."""
    async with composition.database.transaction() as connection:
        found = await store.list_installations(connection)
    return [
        {
            "id": one.id,
            "enterprise": one.enterprise,
            "name": one.name,
            "url": one.url,
            "state": one.state,
            "scopes_missing": [each for each in SCOPES if each not in one.scopes],
            "since": one.installed_at if one.is_live else one.ended_at,
            "installed_by": one.installed_by,
        }
        for one in found
    ]


async def check_workspace(composition: Composition, workspace: str) -> list[Finding]:
    """Look at the app in one workspace; raises NotFound."""
    async with composition.database.transaction() as connection:
        known = await store.get_installation(connection, workspace)
        sealed = await store.sealed_token(connection, workspace)
    if known is None or sealed is None:
        raise NotFound(f"The app is installed in no workspace {workspace}.")
    try:
        token = open_token(composition.settings, workspace, sealed)
    except SealBroken as broken:
        return [Finding("error", "token", f"The token can't be decrypted: {broken}")]
    async with open_client(token, composition.settings.slack_api_url) as client:
        return await check(client)
