"""Who did something in Slack, and where, as its payloads say it."""

from dataclasses import dataclass

from integrations.slack.cards import STATEMENT
from integrations.slack.clicks import ReplyTo
from integrations.slack.home import statement_in
from integrations.slack.text import Json, quoted


@dataclass(frozen=True)
class Sender:
    """An account: the stored identity is all three."""

    enterprise: str | None
    team: str
    user: str

    @property
    def identity(self) -> str:
        """The account as an identity of the roster."""
        return f"slack:{self.team}/{self.user}"

    def via(self) -> Json:
        """Say through what the person spoke."""
        return {
            "surface": "slack",
            "enterprise": self.enterprise,
            "team": self.team,
            "slack_user": self.user,
        }


def sender(body: Json) -> Sender:
    """Read who it was: the team is the account's own, which in a shared channel may be foreign."""
    user = body.get("user") or {}
    team = body.get("team") or {}
    enterprise = body.get("enterprise") or {}
    own = str(user.get("team_id") or team.get("id") or "")
    is_home = own == team.get("id")
    found = enterprise.get("id") or team.get("enterprise_id") if is_home else None
    return Sender(enterprise=found, team=own, user=str(user.get("id") or ""))


def event_sender(body: Json) -> Sender:
    """Read whose event it was: the envelope says for which installation it is."""
    authorizations = body.get("authorizations") or [{}]
    enterprise = authorizations[0].get("enterprise_id") or body.get("enterprise_id")
    user = (body.get("event") or {}).get("user")
    team = str(body.get("team_id") or "")
    return Sender(enterprise=enterprise, team=team, user=str(user or ""))


def shown_statement(body: Json) -> str | None:
    """Read the statement beside the button that was pressed, on a card or a home tab.

    Those words are the ones of the button's revision; newer ones are another's.
    """
    view = body.get("view") or {}
    if view.get("type") == "home":
        return statement_in(view.get("blocks", []), str(body["actions"][0].get("block_id", "")))
    return quoted((body.get("message") or {}).get("blocks", []), STATEMENT)


def reply_to(body: Json) -> ReplyTo:
    """Read where an answer to the person goes."""
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id") or ""
    who = sender(body)
    return ReplyTo(
        team=who.team,
        channel=channel,
        user=who.user,
        message_ts=container.get("message_ts") or "",
        thread_ts=container.get("thread_ts"),
    )
