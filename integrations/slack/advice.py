"""What a manager can do about what Slack refuses, by Slack's code."""

_ADVICE = {
    "cant_update_message": "The next change of the request posts its card anew.",
    "channel_not_found": "Name another `slack_channel`, or invite the app into the private one.",
    "edit_window_closed": "The next change of the request posts its card anew.",
    "is_archived": "Unarchive the channel, or name another `slack_channel`.",
    "is_inactive": "Unarchive the channel, or name another `slack_channel`.",
    "message_not_found": "The next change of the request posts its card anew.",
    "not_in_channel": "Invite the app into the channel.",
    "restricted_action": "Let the app post in the channel, or name another `slack_channel`.",
    "users_not_found": "Correct the person's `email`, or invite them into the workspace.",
}
LOST = "Install the app again, or set a token that Slack accepts."


def advice_for(error: str) -> str:
    """Say what to do about an error as it is written down; empty where nothing is known."""
    return _ADVICE.get(error.partition(":")[0], "")
