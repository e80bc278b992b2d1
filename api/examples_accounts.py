"""What the routes of Slack accounts are shown with in the API's description."""

from api.examples import AT

SLACK_LINK = {
    "person": "ana",
    "name": "Ana Ruiz",
    "state": "proposed",
    "barred": "",
    "how": "email",
    "enterprise": None,
    "team": "T024BE7LD",
    "user": "U0G9QF9C6",
    "slack_name": "Ana Ruiz",
    "email": "ana@example.com",
    "by": "system",
    "at": AT,
}
SLACK_CONFIRMED = {"person": "ana", "team": "T024BE7LD", "user": "U0G9QF9C6", "changed": True}
ACCOUNT = {"enterprise": None}
SLACK_CODE = {"code": "7QK4-M2ZP-9WT3", "person": "ana", "expires_at": AT}
