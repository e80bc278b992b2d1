"""`conversations.*`."""

from integrations.slack.sandbox.errors import ApiError
from integrations.slack.sandbox.methods import Ask, method
from integrations.slack.sandbox.records import Channel, Json, Message
from integrations.slack.sandbox.state import paged

_KINDS = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
_SCOPES = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}


@method("conversations.open", "users", "channel", "return_im", "prevent_creation")
def open_dm(ask: Ask) -> Json:
    """Open the direct messages with one person."""
    ask.require("im:write")
    workspace = ask.workspace
    if "channel" in ask.arguments:
        channel = ask.channel()
        if channel.kind != "im":
            raise ApiError("method_not_supported_for_channel_type")
        return _opened(ask, channel, is_new=False)
    wanted = [each for each in ask.arguments.required("users").split(",") if each]
    if len(wanted) != 1:
        raise ApiError("users_list_not_supplied" if not wanted else "not_enough_users")
    person = workspace.people.get(wanted[0])
    if person is None:
        raise ApiError("user_not_found")
    if person.deleted:
        raise ApiError("user_disabled")
    if person.is_bot:
        raise ApiError("cannot_dm_bot")
    before = len(workspace.channels)
    channel = workspace.dm(person)
    return _opened(ask, channel, is_new=len(workspace.channels) > before)


def _opened(ask: Ask, channel: Channel, *, is_new: bool) -> Json:
    full = ask.arguments.flag("return_im")
    shown = channel.to_json(ask.workspace.bot.id) if full else {"id": channel.id}
    return {"channel": shown} if is_new else {"no_op": True, "already_open": True, "channel": shown}


@method("conversations.list", "cursor", "exclude_archived", "limit", "types")
def list_all(ask: Ask) -> Json:
    """Show the channels that the app can see, a page at a time."""
    names = ask.arguments.text("types", "public_channel").split(",")
    if not all(name in _KINDS for name in names):
        raise ApiError("invalid_types")
    kinds = [_KINDS[name] for name in names]
    for kind in kinds:
        ask.require(f"{_SCOPES[kind]}:read")
    bot = ask.workspace.bot.id
    without_archived = ask.arguments.flag("exclude_archived")
    found = [
        channel
        for channel in ask.workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind == "public" or bot in channel.members)
        and not (without_archived and channel.is_archived)
    ]
    limit = ask.arguments.number("limit", 100, low=1, high=1000)
    page, following = paged(found, limit, ask.arguments.text("cursor"))
    return {
        "channels": [channel.to_json(bot) for channel in page],
        "response_metadata": {"next_cursor": following},
    }


@method("conversations.info", "channel", "include_num_members", "include_locale")
def info(ask: Ask) -> Json:
    """Show one channel."""
    channel = ask.channel()
    ask.require_for(channel, "read")
    return {"channel": channel.to_json(ask.workspace.bot.id)}


@method("conversations.join", "channel", scopes=("channels:join",))
def join(ask: Ask) -> Json:
    """Let the bot into a public channel."""
    channel = ask.channel()
    if channel.kind != "public":
        raise ApiError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise ApiError("is_archived")
    bot = ask.workspace.bot.id
    shown: Json = {}
    if bot in channel.members:
        shown = {
            "warning": "already_in_channel",
            "response_metadata": {"warnings": ["already_in_channel"]},
        }
    else:
        channel.members.append(bot)
        ask.workspace.touch()
    return {"channel": channel.to_json(bot), **shown}


@method("conversations.members", "channel", "cursor", "limit")
def members(ask: Ask) -> Json:
    """List who is in a channel, a page at a time."""
    channel = ask.channel()
    ask.require_for(channel, "read")
    limit = ask.arguments.number("limit", 100, low=1, high=1000)
    page, following = paged(channel.members, limit, ask.arguments.text("cursor"))
    return {"members": page, "response_metadata": {"next_cursor": following}}


_WINDOW = ("cursor", "inclusive", "latest", "limit", "oldest", "include_all_metadata")


@method("conversations.history", "channel", *_WINDOW)
def history(ask: Ask) -> Json:
    """Show a channel's messages, newest first, without the answers in threads."""
    channel = _readable(ask)
    found = [
        message
        for message in reversed(ask.workspace.messages[channel.id])
        if message.thread_ts is None or message.options.get("reply_broadcast")
    ]
    return _window(ask, found)


@method("conversations.replies", "channel", "ts", *_WINDOW)
def replies(ask: Ask) -> Json:
    """Show a thread, oldest first, beginning with its parent."""
    channel = _readable(ask)
    parent = ask.workspace.message(channel.id, ask.arguments.required("ts"))
    if parent is None:
        raise ApiError("thread_not_found")
    if parent.thread_ts is not None:
        return _window(ask, [parent])
    return _window(ask, [parent, *ask.workspace.replies(parent)])


def _readable(ask: Ask) -> Channel:
    channel = ask.channel()
    ask.require_for(channel, "history")
    if ask.workspace.bot.id not in channel.members:
        raise ApiError("not_in_channel")
    return channel


def _window(ask: Ask, found: list[Message]) -> Json:
    seen = [each for each in found if not each.is_deleted and _is_within(ask, each.ts)]
    limit = ask.arguments.number("limit", 100, low=1, high=999)
    page, following = paged(seen, limit, ask.arguments.text("cursor"))
    with_metadata = ask.arguments.flag("include_all_metadata")
    return {
        "messages": [_shown(ask, each, with_metadata=with_metadata) for each in page],
        "has_more": bool(following),
        "response_metadata": {"next_cursor": following},
    }


def _is_within(ask: Ask, ts: str) -> bool:
    try:
        oldest = float(ask.arguments.text("oldest", "0"))
        latest = float(ask.arguments.text("latest") or "inf")
    except ValueError:
        raise ApiError("invalid_ts_latest") from None
    if ask.arguments.flag("inclusive"):
        return oldest <= float(ts) <= latest
    return oldest < float(ts) < latest


def _shown(ask: Ask, message: Message, *, with_metadata: bool) -> Json:
    shown = ask.workspace.message_json(message)
    if with_metadata and message.metadata:
        shown["metadata"] = message.metadata
    return shown
