"""The payloads that Slack sends, built from what is on somebody's screen.

Source: https://docs.slack.dev/reference/interaction-payloads and
https://docs.slack.dev/apis/events-api
"""

import re

from integrations.slack.sandbox.api_views import view_json
from integrations.slack.sandbox.forms import entered, state_values
from integrations.slack.sandbox.records import Channel, Json, Message, Person, View
from integrations.slack.sandbox.state import Workspace


def envelope(workspace: Workspace, kind: str, person: Person) -> Json:
    """Say what every interaction says: of what kind, by whom, where."""
    enterprise = workspace.enterprise_id
    team: Json = {"id": workspace.team_id, "domain": workspace.team_name.lower()}
    if enterprise:
        team |= {"enterprise_id": enterprise, "enterprise_name": "Sandbox Enterprise"}
    return {
        "type": kind,
        "user": {
            "id": person.id,
            "username": person.handle,
            "name": person.handle,
            "team_id": person.team_id,
        },
        "api_app_id": workspace.app_id,
        "token": workspace.verification_token,
        # For a whole organisation the team is only that of the user.
        "team": None if workspace.is_org_wide else team,
        "enterprise": {"id": enterprise, "name": "Sandbox Enterprise"} if enterprise else None,
        "is_enterprise_install": workspace.is_org_wide,
    }


def channel_reference(channel: Channel) -> Json:
    """Name a channel as payloads do."""
    name = {"im": "directmessage", "private": "privategroup"}.get(channel.kind, channel.name)
    return {"id": channel.id, "name": name}


def action(workspace: Workspace, block_id: str, element: Json, value: object) -> Json:
    """Say what was done; `value` is what was chosen or entered, None for a button."""
    done: Json = {"action_id": element["action_id"], "block_id": block_id}
    if element["type"] == "button":
        done |= {name: element[name] for name in ("text", "value", "style") if name in element}
        done["type"] = "button"
    else:
        done |= entered(element, value)
        if "placeholder" in element:
            done["placeholder"] = element["placeholder"]
    return {**done, "action_ts": workspace.new_ts()}


def message_action(
    workspace: Workspace,
    person: Person,
    message: Message,
    version: int,
    done: tuple[str, Json, object],
    values: Json | None = None,
) -> Json:
    """Build `block_actions` of an element in a message, as that version shows it."""
    channel = workspace.channels[message.channel]
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.only_for is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = {
        **envelope(workspace, "block_actions", person),
        "container": container,
        "trigger_id": workspace.grant_trigger(person.id),
        "channel": channel_reference(channel),
        "state": {"values": state_values(list(message.elements(version)), values)},
        "response_url": workspace.grant_response_url("actions", person.id, channel.id, message),
        "actions": [action(workspace, *done)],
    }
    if message.only_for is None:
        seen = message.version(version)
        shown = workspace.message_json(message)
        payload["message"] = {**shown, "text": seen.text, "blocks": seen.blocks}
    return payload


def view_action(
    workspace: Workspace,
    person: Person,
    view: View,
    done: tuple[str, Json, object],
    values: Json | None = None,
) -> Json:
    """Build `block_actions` of an element in a modal or home tab."""
    trigger_view = view.id if view.type == "modal" else None
    entered_values = state_values(list(view.elements()), values)
    return {
        **envelope(workspace, "block_actions", person),
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": workspace.grant_trigger(person.id, trigger_view),
        "view": view_json(workspace, view, entered_values),
        "actions": [action(workspace, *done)],
    }


def submission(workspace: Workspace, person: Person, view: View, values: Json) -> Json:
    """Build `view_submission`."""
    return {
        **envelope(workspace, "view_submission", person),
        "trigger_id": workspace.grant_trigger(person.id, view.id),
        "view": view_json(workspace, view, values),
        "response_urls": [],
    }


def closing(workspace: Workspace, person: Person, view: View, *, is_cleared: bool) -> Json:
    """Build `view_closed`."""
    return {
        **envelope(workspace, "view_closed", person),
        "view": view_json(workspace, view),
        "is_cleared": is_cleared,
    }


def escaped(workspace: Workspace, text: str) -> str:
    """Write what was typed as Slack sends it to a command with `should_escape`."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    handles = {person.handle: person.id for person in workspace.people.values()}

    def mention(found: re.Match[str]) -> str:
        id_ = handles.get(found[1])
        return f"<@{id_}|{found[1]}>" if id_ else found[0]

    return re.sub(r"(?<!\S)@([^\s@]+)", mention, plain)


def slash_command(
    workspace: Workspace, person: Person, channel: Channel, command: str, text: str
) -> Json:
    """Build a slash command; its fields are flat."""
    payload: Json = {
        "token": workspace.verification_token,
        "team_id": workspace.team_id,
        "team_domain": workspace.team_name.lower(),
        "channel_id": channel.id,
        "channel_name": channel_reference(channel)["name"],
        "user_id": person.id,
        "user_name": person.handle,
        "command": command,
        "text": escaped(workspace, text),
        "api_app_id": workspace.app_id,
        "is_enterprise_install": str(workspace.is_org_wide).lower(),
        "response_url": workspace.grant_response_url("commands", person.id, channel.id, None),
        "trigger_id": workspace.grant_trigger(person.id),
    }
    if workspace.enterprise_id:
        payload |= {
            "enterprise_id": workspace.enterprise_id,
            "enterprise_name": "Sandbox Enterprise",
        }
    return payload


def shortcut(workspace: Workspace, person: Person, callback_id: str) -> Json:
    """Build a global shortcut."""
    return {
        **envelope(workspace, "shortcut", person),
        "callback_id": callback_id,
        "action_ts": workspace.new_ts(),
        "trigger_id": workspace.grant_trigger(person.id),
    }


def message_shortcut(
    workspace: Workspace, person: Person, message: Message, callback_id: str
) -> Json:
    """Build a shortcut in the menu of a message."""
    channel = workspace.channels[message.channel]
    return {
        **envelope(workspace, "message_action", person),
        "callback_id": callback_id,
        "action_ts": workspace.new_ts(),
        "trigger_id": workspace.grant_trigger(person.id),
        "response_url": workspace.grant_response_url("actions", person.id, channel.id, message),
        "message_ts": message.ts,
        "channel": channel_reference(channel),
        "message": workspace.message_json(message),
    }


def said(workspace: Workspace, message: Message) -> Json:
    """Build the `message` event of a new message."""
    channel = workspace.channels[message.channel]
    event = {
        **workspace.message_json(message),
        "channel": channel.id,
        "channel_type": {"public": "channel", "private": "group", "im": "im"}[channel.kind],
        "event_ts": message.ts,
    }
    parent = workspace.message(message.channel, message.thread_ts or "")
    return {**event, "parent_user_id": parent.author.id} if parent else event


def changed(workspace: Workspace, event: Json, before: Json) -> Json:
    """Build the `message` event of a message that shows something else than before."""
    where = {name: event[name] for name in ("channel", "channel_type")}
    ts = workspace.new_ts()
    now = {name: value for name, value in event.items() if name not in {*where, "event_ts"}}
    return {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        **where,
        "message": now,
        "previous_message": before,
        "ts": ts,
        "event_ts": ts,
    }


def event_callback(workspace: Workspace, event: Json) -> Json:
    """Wrap an event as the Events API does."""
    return {
        "token": workspace.verification_token,
        "team_id": workspace.team_id,
        "context_team_id": workspace.team_id,
        "context_enterprise_id": workspace.enterprise_id,
        "api_app_id": workspace.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(workspace.clock.now().timestamp()),
        "authorizations": [
            {
                "enterprise_id": workspace.enterprise_id,
                "team_id": None if workspace.is_org_wide else workspace.team_id,
                "user_id": workspace.bot.id,
                "is_bot": True,
                "is_enterprise_install": workspace.is_org_wide,
            }
        ],
        "is_ext_shared_channel": False,
    }
