"""`views.*`, and the modals on each person's screen."""

import secrets

from integrations.slack.sandbox.blocks import with_ids
from integrations.slack.sandbox.errors import ApiError, invalid_arguments
from integrations.slack.sandbox.forms import state_values
from integrations.slack.sandbox.methods import Ask, method
from integrations.slack.sandbox.records import Json, View
from integrations.slack.sandbox.state import Workspace
from integrations.slack.sandbox.view_rules import check_view

MOST_IN_A_STACK = 3


@method("views.open", "trigger_id", "view")
def open_view(ask: Ask) -> Json:
    """Open a modal for whoever caused the trigger."""
    content = _content(ask, "modal")
    trigger = ask.workspace.redeem_trigger(ask.arguments.required("trigger_id"))
    for view in ask.workspace.stacks.get(trigger.user, []):
        close(ask.workspace, view)
    return {"view": view_json(ask.workspace, put(ask.workspace, trigger.user, content))}


@method("views.push", "trigger_id", "view")
def push_view(ask: Ask) -> Json:
    """Lay a modal over the one that the trigger came from."""
    content = _content(ask, "modal")
    trigger = ask.workspace.redeem_trigger(ask.arguments.required("trigger_id"))
    if trigger.view is None or not ask.workspace.stacks.get(trigger.user):
        raise ApiError("not_found")
    return {"view": view_json(ask.workspace, push(ask.workspace, trigger.user, content))}


@method("views.update", "view", "view_id", "external_id", "hash")
def update_view(ask: Ask) -> Json:
    """Change an open modal."""
    content = _content(ask, "modal", "home")
    view = _wanted(ask)
    if "hash" in ask.arguments and ask.arguments.text("hash") != view.hash:
        raise ApiError("hash_conflict")
    if content["type"] != view.type:
        raise invalid_arguments("the view's type can't change [json-pointer:/view/type]")
    fill(ask.workspace, view, content)
    return {"view": view_json(ask.workspace, view)}


def _wanted(ask: Ask) -> View:
    workspace = ask.workspace
    view_id, external_id = ask.arguments.text("view_id"), ask.arguments.text("external_id")
    if not view_id and not external_id:
        raise invalid_arguments("missing required field: view_id")
    for view in [*open_views(workspace), *workspace.homes.values()]:
        if (view_id and view.id == view_id) or (
            external_id and view.content.get("external_id") == external_id
        ):
            return view
    raise ApiError("not_found")


@method("views.publish", "user_id", "view", "hash")
def publish(ask: Ask) -> Json:
    """Show a person's home tab."""
    content = _content(ask, "home")
    user = ask.arguments.required("user_id")
    if user not in ask.workspace.people:
        raise invalid_arguments("invalid `user_id`")
    home = ask.workspace.homes.get(user)
    if home and "hash" in ask.arguments and ask.arguments.text("hash") != home.hash:
        raise ApiError("hash_conflict")
    if home is None:
        home = _new(ask.workspace, user, content)
        ask.workspace.homes[user] = home
    fill(ask.workspace, home, content)
    return {"view": view_json(ask.workspace, home)}


def _content(ask: Ask, *allowed: str) -> Json:
    content = ask.arguments.structure("view", "invalid_arguments")
    if content is None:
        raise invalid_arguments("missing required field: view")
    check_view(content, *allowed)
    checked: Json = content
    _refuse_taken(ask.workspace, checked, ask.arguments.text("external_id"))
    return checked


def _refuse_taken(workspace: Workspace, content: Json, own: str) -> None:
    wanted = content.get("external_id")
    taken = {view.content.get("external_id") for view in open_views(workspace)}
    if wanted and wanted != own and wanted in taken:
        raise ApiError("duplicate_external_id")


def open_views(workspace: Workspace) -> list[View]:
    """List all modals on all screens."""
    return [view for stack in workspace.stacks.values() for view in stack]


def _new(workspace: Workspace, user: str, content: Json) -> View:
    view_id = workspace.new_id("V")
    view = View(id=view_id, user=user, content=content, hash="", root_view_id=view_id)
    fill(workspace, view, content)
    return view


def fill(workspace: Workspace, view: View, content: Json) -> None:
    """Put new content into a view; its hash changes."""
    blocks = with_ids(content["blocks"], lambda: workspace.new_id("b"))
    view.content = {**content, "blocks": blocks}
    view.hash = f"{workspace.new_ts()}.{secrets.token_hex(4)}"
    view.errors = {}
    workspace.touch()


def put(workspace: Workspace, user: str, content: Json) -> View:
    """Show a modal on an empty screen."""
    view = _new(workspace, user, content)
    workspace.stacks[user] = [view]
    workspace.touch()
    return view


def push(workspace: Workspace, user: str, content: Json) -> View:
    """Lay a modal over those that are open.

    Raises `ApiError` `push_limit_reached` at the fourth.
    """
    stack = workspace.stacks[user]
    if len(stack) >= MOST_IN_A_STACK:
        raise ApiError("push_limit_reached")
    view = _new(workspace, user, content)
    view.root_view_id, view.previous_view_id = stack[0].root_view_id, stack[-1].id
    stack.append(view)
    workspace.touch()
    return view


def close(workspace: Workspace, view: View) -> None:
    """Take one modal off the screen."""
    view.is_open = False
    workspace.closed_views[view.id] = view
    workspace.stacks[view.user] = [
        each for each in workspace.stacks.get(view.user, []) if each is not view
    ]
    workspace.touch()


def view_json(workspace: Workspace, view: View, values: Json | None = None) -> Json:
    """Show a view as answers and payloads do."""
    content = view.content
    shown: Json = {
        "id": view.id,
        "team_id": workspace.team_id,
        "type": view.type,
        "blocks": view.blocks,
        "private_metadata": content.get("private_metadata", ""),
        "callback_id": view.callback_id,
        "state": {"values": state_values(list(view.elements())) if values is None else values},
        "hash": view.hash,
        "title": content.get("title"),
        "clear_on_close": content.get("clear_on_close", False),
        "notify_on_close": content.get("notify_on_close", False),
        "close": content.get("close"),
        "submit": content.get("submit"),
        "previous_view_id": view.previous_view_id,
        "root_view_id": view.root_view_id,
        "app_id": workspace.app_id,
        "external_id": content.get("external_id", ""),
        "app_installed_team_id": workspace.team_id,
        "bot_id": workspace.bot.bot_id,
    }
    return shown
