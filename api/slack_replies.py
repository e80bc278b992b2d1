"""What somebody says in a thread, as Slack's events bring it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.slack_payload import Sender
from integrations.slack.clicks import ReplyTo, interaction_id
from integrations.slack.text import Json, unformatted

_SAID = frozenset({"", "thread_broadcast", "file_share"})
"""Subtypes of messages that somebody wrote; others change, delete or announce something."""


@dataclass(frozen=True)
class Reply:
    """A person's message in a thread."""

    who: Sender
    channel: str
    ts: str
    thread_ts: str
    text: str

    @property
    def id(self) -> str:
        """Name it: Slack may deliver it several times."""
        return interaction_id(self.who.team, self.channel, self.ts, "reply")

    @property
    def reply_to(self) -> ReplyTo:
        """Where whoever wrote it is answered."""
        return ReplyTo(
            team=self.who.team,
            channel=self.channel,
            user=self.who.user,
            thread_ts=self.thread_ts,
        )


def reply_in(body: Json) -> Reply | None:
    """Read a person's words in a thread out of a `message` event; None for anything else."""
    event = body["event"]
    found = {name: str(event.get(name) or "") for name in ("user", "channel", "ts", "thread_ts")}
    is_persons = not event.get("bot_id") and str(event.get("subtype") or "") in _SAID
    text = unformatted(str(event.get("text") or ""))
    if not (is_persons and text and all(found.values())) or found["ts"] == found["thread_ts"]:
        return None
    return Reply(
        who=_author(body, found["user"]),
        channel=found["channel"],
        ts=found["ts"],
        thread_ts=found["thread_ts"],
        text=text,
    )


def _author(body: Json, user: str) -> Sender:
    """Read whose words they are; in a shared channel the author's team may be another."""
    event, home = body["event"], str(body.get("team_id") or "")
    team = event.get("user_team") or event.get("source_team") or event.get("team") or home
    authorizations = body.get("authorizations") or [{}]
    enterprise = authorizations[0].get("enterprise_id") or body.get("enterprise_id")
    return Sender(enterprise=enterprise if team == home else None, team=str(team), user=user)


def attempt_of(headers: Mapping[str, Sequence[str]]) -> int:
    """Read how often Slack delivered an event before; over Socket Mode, too."""
    number = (headers.get("x-slack-retry-num") or ["0"])[0]
    return int(number) if number.isascii() and number.isdigit() else 0
