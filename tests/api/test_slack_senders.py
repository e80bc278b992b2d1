"""Who did something, as the payloads of workspaces and of whole enterprises say it."""

from typing import Any

import pytest

from api.slack_payload import Sender, sender

USER = {"id": "W1", "team_id": "T1"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"team": {"id": "T1"}, "user": USER, "enterprise": None}, Sender(None, "T1", "W1")),
        (
            {"team": {"id": "T1", "enterprise_id": "E1"}, "user": USER},
            Sender("E1", "T1", "W1"),
        ),
        (
            {"team": {"id": "T1"}, "user": USER, "enterprise": {"id": "E1"}},
            Sender("E1", "T1", "W1"),
        ),
        # Somebody of another workspace in a shared channel: nobody says whose enterprise it is.
        (
            {"team": {"id": "T2"}, "user": USER, "enterprise": {"id": "E2"}},
            Sender(None, "T1", "W1"),
        ),
        # An app of a whole enterprise: Slack names no team.
        (
            {
                "team": None,
                "user": USER,
                "enterprise": {"id": "E1"},
                "is_enterprise_install": True,
            },
            Sender("E1", "T1", "W1"),
        ),
    ],
)
def test_the_team_and_the_enterprise_are_the_accounts_own(
    body: dict[str, Any], expected: Sender
) -> None:
    assert sender(body) == expected
