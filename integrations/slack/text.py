"""Words from outside, made safe to show in Slack.

Source: https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import urlsplit

Json: TypeAlias = dict[str, Any]

LONGEST_SECTION = 1_400
"""Characters of one section; Slack takes 3,000, and about 13,000 over all blocks of a message."""

LONGEST_LINE = 240
LONGEST_FALLBACK = 700
"""Characters of a message's `text`; an update takes 4,000 bytes, and escaping makes five of one."""

LONGEST_LINK = 500
"""Characters of an address that a card links; one more query string must not crowd out the rest."""

# Marks that turn the direction of text or can't be seen: with them one name looks like another.
_HIDDEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_LOOKALIKES = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u02cb"})
_MARKED = re.compile(r"<(?P<kind>[@#!]?)(?P<target>[^<>|]+)(?:\|(?P<label>[^<>]*))?>")
"""A mention, a channel, a command or a link, as Slack writes them."""
_EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")


def escape(text: str) -> str:
    """Escape Slack's three control characters, so that nothing mentions, links or commands."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """Put text on one line without hidden marks, and cut it where it is too long."""
    seen = (each for each in _HIDDEN.sub("", text) if each.isprintable() or each.isspace())
    return shorten(" ".join("".join(seen).split()), longest)


def calm(text: str, longest: int) -> str:
    """Take hidden marks out of text that keeps its lines, and cut it where it is too long."""
    seen = (each for each in _HIDDEN.sub("", text) if each.isprintable() or each == "\n")
    return shorten("".join(seen).strip(), longest)


def unformatted(text: str) -> str:
    """Give the words of a message as its author wrote them, out of what Slack sends."""
    plain_ = _MARKED.sub(_said, text)
    return plain_.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _said(marked: re.Match[str]) -> str:
    """Say in words what a mark in angle brackets stands for."""
    kind, target, label = marked["kind"], marked["target"], marked["label"] or ""
    if kind:
        name = label.lstrip("@#") or target.partition("^")[0]
        return label if target.startswith("date^") else f"{'#' if kind == '#' else '@'}{name}"
    return f"{label} ({target})" if label and label not in target else target


def shorten(text: str, longest: int) -> str:
    """Cut text to so many characters, the last of them an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def inline(text: str, longest: int = LONGEST_LINE) -> str:
    """Put text from outside within a line of mrkdwn: it can't mention, link or format."""
    calm = _EDGE_UNDERSCORE.sub("\uff3f", one_line(text, longest).translate(_LOOKALIKES))
    return escape(calm)


def code(text: str, longest: int = 100) -> str:
    """Put a name from outside in monospace."""
    shown = escape(one_line(text, longest).translate(_LOOKALIKES)) or "—"
    return f"`{shown}`"


def moment(at: datetime, style: str = "{date_short_pretty} {time}") -> str:
    """Show an instant in the reader's zone."""
    fallback = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(at.timestamp())}^{style}|{fallback}>"


def lines(items: Iterable[str], longest: int = LONGEST_SECTION) -> str:
    """Join lines up to a length, and say how many were left out."""
    taken: list[str] = []
    rest = list(items)
    room = longest - len("…and 10000 more")
    while rest and len(rest[0]) + 1 <= room:
        room -= len(rest[0]) + 1
        taken.append(rest.pop(0))
    if rest:
        taken.append(f"…and {len(rest)} more")
    return "\n".join(taken)


def joined(items: Iterable[str], longest: int = LONGEST_SECTION, most: int = 12) -> str:
    """Join items by commas up to a length and a number, and say how many were left out."""
    rest = list(items)
    taken: list[str] = []
    room = longest - len(" and 10000 more")
    while rest and len(taken) < most and len(rest[0]) + 2 <= room:
        room -= len(rest[0]) + 2
        taken.append(rest.pop(0))
    return ", ".join(taken) + (f" and {len(rest)} more" if rest else "")


def link(uri: str | None, label: str, longest: int = LONGEST_LINK) -> str | None:
    """Link a web address from outside, saying where it leads; None for what is not safe to follow.

    Another scheme, a name before the host, and anything that isn't plain printable ASCII may lead
    elsewhere than it seems.
    """
    host = web_host(uri or "")
    if uri is None or not host:
        return None
    target = escape(uri).replace("|", "%7C")
    return (
        f"<{target}|{inline(label, 80)} at {inline(host, 80)}>" if len(target) <= longest else None
    )


def web_host(uri: str) -> str:
    """Name the host of a web address that is safe to follow; empty for any other."""
    if not (uri.isascii() and uri.isprintable()) or any(mark in uri for mark in ' <>"`\\'):
        return ""
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:  # brackets that don't pair
        return ""
    is_plain = parts.scheme.lower() in {"http", "https"} and "@" not in parts.netloc
    return host if is_plain else ""


def mrkdwn(text: str) -> Json:
    """Make a text object that Slack doesn't search for links and channel names."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str, longest: int) -> Json:
    """Make a text object without any formatting."""
    return {"type": "plain_text", "text": one_line(text, longest) or "—", "emoji": False}


def section(text: str, block_id: str | None = None) -> Json:
    """Make a paragraph."""
    block: Json = {"type": "section", "text": mrkdwn(text)}
    return {**block, "block_id": block_id} if block_id else block


def context(text: str, block_id: str | None = None) -> Json:
    """Make a small grey line."""
    block: Json = {"type": "context", "elements": [mrkdwn(text)]}
    return {**block, "block_id": block_id} if block_id else block


def quote(text: str, block_id: str | None = None) -> Json:
    """Make a quotation that is shown whole and exactly: rich text is never parsed."""
    element = {"type": "rich_text_quote", "elements": [{"type": "text", "text": text or "—"}]}
    block: Json = {"type": "rich_text", "elements": [element]}
    return {**block, "block_id": block_id} if block_id else block


def quoted(blocks: Iterable[Json], block_id: str) -> str | None:
    """Read a quotation back out of blocks that Slack sends."""
    for block in blocks:
        if block.get("block_id") == block_id and block.get("type") == "rich_text":
            parts = [part for each in block["elements"] for part in each.get("elements", [])]
            return "".join(str(part.get("text", "")) for part in parts)
    return None
