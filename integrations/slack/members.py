"""A workspace, and what an account in it is."""

from dataclasses import dataclass

from integrations.slack.text import Json

LONGEST_NAME = 100
"""Characters of an account's name that are kept, to be compared by whoever confirms it."""
SLACKBOT = "USLACKBOT"
_BARRED = {
    "deactivated": ("deleted", "is_forgotten"),
    "bot": ("is_bot", "is_workflow_bot", "is_connector_bot"),
    "foreign": ("is_stranger", "is_external"),
    "guest": ("is_restricted", "is_ultra_restricted", "is_invited_user"),
}
"""What says that an account may not decide. `is_app_user` is none of it: so Slack marks members who
authorised the app."""


@dataclass(frozen=True)
class Account:
    """A person's account in a workspace."""

    id: str
    team: str
    enterprise: str | None
    barred: str = ""
    """Why it may not decide: `deactivated`, `bot`, `guest`, `foreign`; empty: a full member's."""
    name: str = ""
    """As Slack shows it."""
    teams: tuple[str, ...] = ()
    """The workspaces of an enterprise that it is a member of."""

    @property
    def can_decide(self) -> bool:
        """Whether it is a full member's: no bot, guest, stranger or deactivated account."""
        return not self.barred


@dataclass(frozen=True)
class Team:
    """The workspace that a token belongs to."""

    id: str
    enterprise: str | None
    bot_user: str
    scopes: frozenset[str]
    url: str = ""
    """The workspace's address, with a slash at its end."""

    @property
    def is_org_wide(self) -> bool:
        """Whether it stands for all workspaces of an organisation."""
        return self.id == self.enterprise

    def has(self, team: str, enterprise: str | None) -> bool:
        """Whether an account of this team is one of the workspace's, or its organisation's."""
        return team == self.id or (enterprise is not None and enterprise == self.id)

    def link(self, channel: str, ts: str) -> str:
        """Give the address of a message, for members of the workspace."""
        return f"{self.url}archives/{channel}/p{ts.replace('.', '')}" if self.url else ""

    def barred(self, account: Account) -> str:
        """Say why an account may not decide here; empty where it may."""
        if account.barred:
            return account.barred
        teams = (account.team, *account.teams)
        return "" if any(self.has(team, account.enterprise) for team in teams) else "foreign"


def account_in(user: Json) -> Account:
    """Read a user object, as Slack answers it and sends it with `user_change`."""
    enterprise = user.get("enterprise_user") or {}
    barred = next((why for why, marks in _BARRED.items() if any(user.get(m) for m in marks)), "")
    if user["id"] == SLACKBOT:  # which Slack doesn't mark as a bot
        barred = "bot"
    return Account(
        id=str(user["id"]),
        team=str(user["team_id"]),
        enterprise=enterprise.get("enterprise_id"),
        barred=barred,
        name=str(user.get("real_name") or user.get("name") or "")[:LONGEST_NAME],
        teams=tuple(str(team) for team in enterprise.get("teams") or ()),
    )
