"""`chat.*`."""

from integrations.slack.sandbox.blocks import with_ids
from integrations.slack.sandbox.content import (
    blocks_of,
    metadata_of,
    refuse_text,
    refuse_text_of_update,
)
from integrations.slack.sandbox.errors import ApiError
from integrations.slack.sandbox.methods import Ask, method
from integrations.slack.sandbox.records import Channel, Json, Message, Version
from integrations.slack.sandbox.state import Workspace

_LOOK = ("mrkdwn", "parse", "link_names", "unfurl_links", "unfurl_media")


@method(
    "chat.postMessage",
    *("channel", "text", "blocks", "thread_ts", "reply_broadcast", "metadata"),
    *_LOOK,
    scopes=("chat:write",),
)
def post_message(ask: Ask) -> Json:
    """Post as the bot into a channel, a thread, or a person's direct messages."""
    text, blocks, metadata = (
        ask.arguments.text("text"),
        blocks_of(ask.arguments),
        metadata_of(ask.arguments),
    )
    if not text and not blocks:
        raise ApiError("no_text")
    refuse_text(text)
    channel = _target(ask)
    thread_ts = _thread(ask, channel)
    message = new_message(ask.workspace, channel, text, blocks or [])
    message.thread_ts = thread_ts
    message.metadata = metadata or None
    message.options = {
        name: ask.arguments.flag(name)
        for name in ("unfurl_links", "unfurl_media", "mrkdwn", "reply_broadcast")
        if name in ask.arguments
    }
    ask.workspace.messages[channel.id].append(message)
    ask.workspace.on_own(message, None)
    ask.workspace.touch()
    return {
        "channel": channel.id,
        "ts": message.ts,
        "message": _with_metadata(ask.workspace, message),
    }


def new_message(workspace: Workspace, channel: Channel, text: str, blocks: list[Json]) -> Message:
    """Make a message of the bot's, not yet shown anywhere."""
    shown = with_ids(blocks, lambda: workspace.new_id("b"))
    version = Version(text=text, blocks=shown, at=workspace.clock.now())
    return Message(
        channel=channel.id, ts=workspace.new_ts(), author=workspace.bot, versions=[version]
    )


def _with_metadata(workspace: Workspace, message: Message) -> Json:
    shown = workspace.message_json(message)
    return {**shown, "metadata": message.metadata} if message.metadata else shown


def _target(ask: Ask) -> Channel:
    """Find where a message goes: a channel by id or name, or a person by id."""
    workspace, wanted = ask.workspace, ask.arguments.required("channel")
    person = workspace.people.get(wanted)
    if person is not None:
        if person.deleted or person.is_bot:
            raise ApiError("channel_not_found")
        return workspace.dm(person)
    named = (each for each in workspace.channels.values() if each.name == wanted.lstrip("#"))
    channel = workspace.channels.get(wanted) or (next(named, None) if wanted else None)
    is_member = channel is not None and workspace.bot.id in channel.members
    if channel is None or (channel.kind == "private" and not is_member):
        raise ApiError("channel_not_found")
    if channel.is_archived:
        raise ApiError("is_archived")
    if not is_member and "chat:write.public" not in ask.scopes:
        raise ApiError("not_in_channel")
    _refuse_deactivated(workspace, channel)
    return channel


def _refuse_deactivated(workspace: Workspace, channel: Channel) -> None:
    if channel.kind == "im" and workspace.people[channel.other(workspace.bot.id)].deleted:
        raise ApiError("channel_not_found")


def _thread(ask: Ask, channel: Channel) -> str | None:
    thread_ts = ask.arguments.text("thread_ts")
    if not thread_ts:
        return None
    parent = ask.workspace.message(channel.id, thread_ts)
    if parent is None or parent.is_deleted:
        raise ApiError("thread_not_found")
    return parent.thread_ts or parent.ts


def _own(ask: Ask, otherwise: str) -> Message:
    """Find the bot's own message that an argument names, or refuse with this code."""
    channel = ask.channel()
    message = ask.workspace.message(channel.id, ask.arguments.required("ts"))
    if message is None or message.is_deleted:
        raise ApiError("message_not_found")
    if message.author is not ask.workspace.bot:
        raise ApiError(otherwise)
    if channel.is_archived:
        raise ApiError("is_inactive")
    return message


@method(
    "chat.update",
    *("channel", "ts", "text", "blocks", "metadata", "reply_broadcast"),
    *_LOOK,
    scopes=("chat:write",),
)
def update(ask: Ask) -> Json:
    """Change one of the bot's messages; text without blocks removes the blocks."""
    text, blocks, metadata = (
        ask.arguments.text("text"),
        blocks_of(ask.arguments),
        metadata_of(ask.arguments),
    )
    if "text" not in ask.arguments and blocks is None and metadata is None:
        raise ApiError("no_text")
    refuse_text_of_update(text)
    message = _own(ask, "cant_update_message")
    if "text" not in ask.arguments and blocks is None:
        text, blocks = message.text, message.blocks
    if not text and not blocks:
        raise ApiError("no_text")
    before = ask.workspace.message_json(message)
    show(ask.workspace, message, text, blocks or [])
    ask.workspace.on_own(message, before)
    if metadata is not None:
        message.metadata = metadata or None
    ask.workspace.touch()
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": _with_metadata(ask.workspace, message),
    }


def show(workspace: Workspace, message: Message, text: str, blocks: list[Json]) -> None:
    """Add a version to a message; the older ones stay on old screens."""
    shown = with_ids(blocks, lambda: workspace.new_id("b"))
    message.versions.append(Version(text=text, blocks=shown, at=workspace.clock.now()))
    if not blocks:
        message.edited = {"user": workspace.bot.id, "ts": workspace.new_ts()}


@method("chat.delete", "channel", "ts", scopes=("chat:write",))
def delete(ask: Ask) -> Json:
    """Remove one of the bot's messages."""
    message = _own(ask, "cant_delete_message")
    message.is_deleted = True
    ask.workspace.touch()
    return {"channel": message.channel, "ts": message.ts}


@method(
    "chat.postEphemeral",
    *("channel", "user", "text", "blocks", "thread_ts", "link_names", "parse"),
    scopes=("chat:write",),
)
def post_ephemeral(ask: Ask) -> Json:
    """Show something to one person in a channel, until they reload."""
    text, blocks = ask.arguments.text("text"), blocks_of(ask.arguments)
    if not text and not blocks:
        raise ApiError("no_text")
    refuse_text(text)
    person = ask.workspace.people.get(ask.arguments.required("user"))
    channel = _target(ask)
    if person is None or person.id not in channel.members:
        raise ApiError("user_not_in_channel")
    message = new_message(ask.workspace, channel, text, blocks or [])
    message.only_for = person.id
    message.thread_ts = _thread(ask, channel)
    ask.workspace.ephemerals.append(message)
    ask.workspace.touch()
    return {"message_ts": message.ts}


@method("chat.getPermalink", "channel", "message_ts")
def permalink(ask: Ask) -> Json:
    """Give the address of a message."""
    channel = ask.channel()
    ts = ask.arguments.required("message_ts")
    message = ask.workspace.message(channel.id, ts)
    if message is None or message.is_deleted:
        raise ApiError("message_not_found")
    site = f"https://{ask.workspace.team_name.lower()}.slack.com"
    address = f"{site}/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": address}
