"""What one person sees of the workspace, as plain values for the page to draw."""

from integrations.slack.sandbox.records import Channel, Json, Message, Person, View
from integrations.slack.sandbox.state import Workspace

MOST_MESSAGES = 200
HOME = "home"
"""The place that is the app's home tab."""


def screen(workspace: Workspace, me: Person, where: str) -> Json:
    """Show a person's places, and the one that they look at."""
    own = _places(workspace, me)
    place = next((each for each in own if each.id == where), workspace.dm(me))
    home = workspace.homes.get(me.id)
    return {
        "team": workspace.team_name,
        "me": me.id,
        "people": [
            {"id": each.id, "name": each.name}
            for each in workspace.people.values()
            if not each.is_bot and not each.deleted
        ],
        "names": {
            **{each.id: each.name for each in workspace.people.values()},
            **{each.id: each.name for each in workspace.channels.values()},
        },
        "places": [_place(workspace, each, me) for each in own],
        "place": HOME if where == HOME else place.id,
        "messages": [_message(each) for each in _seen(workspace, place, me)[-MOST_MESSAGES:]],
        "home": _view(home) if home else None,
        "modals": [_view(each) for each in workspace.stacks.get(me.id, [])],
    }


def _places(workspace: Workspace, me: Person) -> list[Channel]:
    direct = workspace.dm(me)
    rooms = (
        each
        for each in workspace.channels.values()
        if each.kind != "im" and me.id in each.members and not each.is_archived
    )
    return [*sorted(rooms, key=lambda each: each.name), direct]


def _place(workspace: Workspace, channel: Channel, me: Person) -> Json:
    seen = _seen(workspace, channel, me)
    return {
        "id": channel.id,
        "name": channel.name if channel.kind != "im" else workspace.bot.name,
        "kind": channel.kind,
        "latest": seen[-1].ts if seen else "",
    }


def _seen(workspace: Workspace, channel: Channel, me: Person) -> list[Message]:
    """List what a person sees in a channel, oldest first: all of it, and what is theirs alone."""
    own = [
        each
        for each in workspace.ephemerals
        if each.only_for == me.id and each.channel == channel.id
    ]
    both = [each for each in [*workspace.messages[channel.id], *own] if not each.is_deleted]
    return sorted(both, key=lambda each: each.ts)


def _message(message: Message) -> Json:
    return {
        "ts": message.ts,
        "thread": message.thread_ts or message.ts,
        "author": {"name": message.author.name, "is_bot": message.author.is_bot},
        "text": message.text,
        "blocks": message.blocks,
        "version": len(message.versions) - 1,
        "is_edited": message.edited is not None,
        "is_private": message.only_for is not None,
    }


def _view(view: View) -> Json:
    words: Json = {
        name: view.content[name]["text"]
        for name in ("title", "submit", "close")
        if name in view.content
    }
    return {**words, "id": view.id, "hash": view.hash, "blocks": view.blocks, "errors": view.errors}
