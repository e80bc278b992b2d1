"""What is answered by the routes of Slack workspaces."""

from pydantic import BaseModel

from lifecycle.values import Instant


class LinkMade(BaseModel):
    """Leave to install the app once."""

    url: str
    """To be opened by whoever installs the app in their workspace."""
    expires_at: Instant


class WorkspaceListed(BaseModel):
    """A workspace that the app was installed in; never its token."""

    id: str
    """The team's id, or the enterprise's where it is installed for a whole organisation."""
    enterprise: str | None
    name: str
    url: str
    state: str
    """`installed`, `settings` where the token is the settings' own, or why it ended: `asked`,
    `app_uninstalled`, `tokens_revoked`."""
    scopes_missing: list[str]
    since: Instant | None
    """Since when it is in this state."""
    installed_by: str | None


class WorkspacesListed(BaseModel):
    """All workspaces, those first that were installed first."""

    items: list[WorkspaceListed]
    next: str | None = None
    as_of: Instant


class WorkspaceGone(BaseModel):
    """What came of taking the app out."""

    workspace: str
    in_slack: bool
    """Whether Slack took it out; else remove it in the workspace's settings."""


class FindingShown(BaseModel):
    """One thing that was looked at."""

    level: str
    about: str
    sentence: str


class CheckMade(BaseModel):
    """What was found in one workspace."""

    workspace: str
    items: list[FindingShown]
