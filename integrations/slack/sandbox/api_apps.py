"""`apps.connections.open`, the door to Socket Mode, and `apps.uninstall`."""

import secrets

from integrations.slack.sandbox.methods import Ask, method
from integrations.slack.sandbox.records import Json


@method("apps.connections.open", scopes=("connections:write",), caller="app")
def open_connection(ask: Ask) -> Json:
    """Give an address for one WebSocket connection."""
    ticket = secrets.token_urlsafe(24)
    ask.workspace.tickets.add(ticket)
    host = ask.workspace.root_url.replace("http", "ws", 1)
    return {"url": f"{host}/link/?ticket={ticket}&app_id={ask.workspace.app_id}"}


@method("apps.uninstall", "client_id", "client_secret")
def uninstall(ask: Ask) -> Json:
    """Take the app out of the workspace; its token is revoked, and the app is told."""
    ask.registration.check_client("", dict(ask.arguments.values))
    ask.branch.tokens.revoke()
    if ask.branch.on_uninstalled is not None:
        ask.branch.on_uninstalled()
    return {}
