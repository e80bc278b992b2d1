"""Who did what in Slack, and where, as its payloads say it."""

import logging
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from integrations.slack.cards import STATEMENT
from integrations.slack.clicks import Choice, Form, QuestionRef, ReplyTo, interaction_id
from integrations.slack.home import statement_in
from integrations.slack.text import Json, quoted
from integrations.slack.threads import QUESTION
from lifecycle.values import SignoffKey

_log = logging.getLogger(__name__)


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
            "is_account": True,
        }


def sender(body: Json) -> Sender:
    """Read who it was: the team is the account's own, which in a shared channel may be foreign.

    Where the app is installed for a whole enterprise, Slack names no team beside the account's.
    """
    user = body.get("user") or {}
    team = body.get("team") or {}
    enterprise = body.get("enterprise") or {}
    own = str(user.get("team_id") or team.get("id") or "")
    # For a whole organisation the team is left out; who is no member of it is nobody's account.
    is_home = own == team.get("id") or (not team and bool(body.get("is_enterprise_install")))
    found = enterprise.get("id") or team.get("enterprise_id") if is_home else None
    return Sender(enterprise=found, team=own, user=str(user.get("id") or ""))


def event_sender(body: Json) -> Sender:
    """Read whose event it was: the envelope says for which installation it is."""
    authorizations = body.get("authorizations") or [{}]
    enterprise = authorizations[0].get("enterprise_id") or body.get("enterprise_id")
    user = (body.get("event") or {}).get("user")
    team = str(body.get("team_id") or "")
    return Sender(enterprise=enterprise, team=team, user=str(user or ""))


def command_sender(body: Json) -> Sender:
    """Read who typed a command; its fields are flat."""
    return Sender(
        enterprise=body.get("enterprise_id"),
        team=str(body.get("team_id") or ""),
        user=str(body.get("user_id") or ""),
    )


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


def choice_of(body: Json) -> Choice | None:
    """Read what was clicked; a menu's choice is about the sign-off of the buttons beside it."""
    for value in _values(body):
        try:
            found = Choice.parse(value)
            SignoffKey.parse(found.signoff)
        except ValueError:
            continue
        return found
    _log.warning("a button without a value that can be read")
    return None


def question_of(body: Json) -> QuestionRef | None:
    """Read which question's button was pressed."""
    try:
        found = QuestionRef.parse(str((body.get("actions") or [{}])[0].get("value") or ""))
        SignoffKey.parse(found.signoff)
    except ValueError:
        _log.warning("a question's button without a value that can be read")
        return None
    return found


def shown_question(body: Json) -> str:
    """Read the question beside the button that was pressed."""
    return quoted((body.get("message") or {}).get("blocks", []), QUESTION) or ""


def _values(body: Json) -> list[str]:
    actions = body.get("actions") or [{}]
    own = actions[0].get("value")
    if own is not None:
        return [str(own)]
    shown = (body.get("message") or body.get("view") or {}).get("blocks") or []
    beside = [one for one in shown if one.get("block_id") == actions[0].get("block_id")]
    elements = [each for block in beside for each in block.get("elements") or []]
    return [str(each["value"]) for each in elements if each.get("value")]


def menu_choice(body: Json) -> str:
    """Read what was chosen from a menu; empty when nothing was."""
    action = (body.get("actions") or [{}])[0]
    return str((action.get("selected_option") or {}).get("value") or "")


def click_id(body: Json, who: Sender) -> str:
    """Name a click: Slack makes a trigger for each, and repeats it when it delivers twice."""
    action = (body.get("actions") or [{}])[0]
    trigger = str(body.get("trigger_id") or action.get("action_ts", ""))
    return interaction_id(who.team, who.user, str(action.get("action_id")), trigger)


def submission_id(body: Json, who: Sender) -> str:
    """Name a submission: one modal is one, however often it is sent."""
    return interaction_id(who.team, who.user, "view", str(body["view"]["id"]))


def form_of(body: Json) -> Form | None:
    """Read what a modal remembers; None when it is none of ours."""
    try:
        return Form.model_validate_json(body["view"].get("private_metadata") or "")
    except ValidationError:
        return None


def entered(body: Json, field: str) -> str:
    """Read what was typed, chosen or picked in a field; empty when nothing was."""
    state = _state(body, field)
    chosen = (state.get("selected_option") or {}).get("value")
    found = state.get("value") or chosen or state.get("selected_user")
    return str(found or "").strip()


def entered_several(body: Json, field: str) -> tuple[str, ...]:
    """Read what was chosen in a field that takes several, or one in modals of before."""
    state = _state(body, field)
    chosen = state.get("selected_options") or [state.get("selected_option") or {}]
    return tuple(str(each["value"]) for each in chosen if each.get("value"))


def entered_day(body: Json, field: str) -> date | None:
    """Read a day that was picked."""
    found = _state(body, field).get("selected_date")
    return date.fromisoformat(str(found)) if found else None


def _state(body: Json, field: str) -> Json:
    values = body.get("view", {}).get("state", {}).get("values", {})
    found: Json = values.get(field, {}).get(field, {})
    return found
