"""Examples of Slack workspaces for the OpenAPI schema."""

from typing import Any

LINK: dict[str, Any] = {
    "url": "https://undersigned.example.com/slack/install?ticket=…",
    "expires_at": "2026-03-02T09:45:00Z",
}
WORKSPACE: dict[str, Any] = {
    "id": "T0123ABCD",
    "enterprise": None,
    "name": "Example",
    "url": "https://example.slack.com/",
    "state": "installed",
    "scopes_missing": [],
    "since": "2026-03-02T09:30:00Z",
    "installed_by": "key:4f9a1c22b7e0",
}
CHECK = {
    "workspace": "T0123ABCD",
    "items": [
        {"level": "ok", "about": "token", "sentence": "The token belongs to T0123ABCD."},
    ],
}
GONE = {"workspace": "T0123ABCD", "in_slack": True}

UNDELIVERED = {
    "signoff": "fraud-scorer:14:validate:1:validator",
    "model": "fraud-scorer",
    "version": "14",
    "stage": "validate",
    "role": "validator",
    "person": None,
    "channel": "#model-fraud",
    "state": "failed",
    "error": "is_archived",
    "advice": "Unarchive the channel, or name another `slack_channel`.",
    "at": "2026-03-02T09:30:00Z",
}
TOKEN_LOST = {
    "workspace": "T0123456",
    "since": "2026-03-02T09:30:00Z",
    "code": "token_revoked",
    "advice": "Install the app again, or set a token that Slack accepts.",
}
