"""What can go wrong with a call to Slack, by what there is to do about it."""

from datetime import timedelta

import aiohttp
from slack_sdk.errors import SlackApiError

from lifecycle.receipts import TOKEN_LOST

LONGEST_RETRY_AFTER = timedelta(minutes=15)
"""More than this is taken for a mistake; Slack's own waits are below a minute or two."""

AUTH_LOST = TOKEN_LOST
_TROUBLED = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"}
)
_LIMITED = frozenset({"ratelimited", "rate_limited"})


class SlackUnavailable(Exception):  # noqa: N818 - named as the state it is
    """Slack can't do it now; the same call may work later."""

    def __init__(
        self, why: str, *, retry_after: timedelta | None = None, maybe_done: bool = False
    ) -> None:
        super().__init__(why)
        self.retry_after = retry_after
        """How long Slack asks to wait, where it does."""
        self.maybe_done = maybe_done
        """Whether Slack may have done it, and only the answer is missing."""


class SlackRefused(Exception):  # noqa: N818 - named as the answer it is
    """Slack will not do it, and says why by a code; the same call is refused again."""

    def __init__(self, error: str, detail: str = "") -> None:
        super().__init__(f"{error}: {detail}" if detail else error)
        self.error = error
        """Slack's code: `channel_not_found`, `is_archived`, …"""


class SlackAuthLost(Exception):  # noqa: N818 - named as the state it is
    """The app's token is no longer accepted; nothing works until somebody installs it again."""

    def __init__(self, error: str) -> None:
        super().__init__(
            f"Slack no longer accepts the app's token ({error}). "
            "Install the app again and set UNDERSIGNED_SLACK_BOT_TOKEN."
        )
        self.error = error


Failure = SlackUnavailable | SlackRefused | SlackAuthLost


def failure_of(error: SlackApiError | aiohttp.ClientError | TimeoutError) -> Failure:
    """Sort a failed call."""
    if isinstance(error, TimeoutError):
        return SlackUnavailable("Slack does not answer", maybe_done=True)
    if isinstance(error, aiohttp.ClientConnectorError):
        return SlackUnavailable("Slack can't be reached")
    if isinstance(error, aiohttp.ClientError):
        return SlackUnavailable(f"the connection to Slack broke ({error})", maybe_done=True)
    return _answered(error)


def _answered(error: SlackApiError) -> Failure:
    """Sort an answer; one that can't be read carries aiohttp's response in place of slack_sdk's."""
    response = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", 0)
    data = getattr(response, "data", None)
    answer = data if isinstance(data, dict) else {}
    code = str(answer.get("error", ""))
    if status == 429 or code in _LIMITED:
        return SlackUnavailable("Slack asks to slow down", retry_after=_retry_after(response))
    if code in AUTH_LOST:
        return SlackAuthLost(code)
    if not code or code in _TROUBLED:
        return SlackUnavailable(f"Slack is in trouble ({code or status})", maybe_done=True)
    messages = answer.get("response_metadata", {}).get("messages", [])
    detail = answer.get("needed") or "; ".join(str(each) for each in messages[:3])
    return SlackRefused(code, str(detail))


def _retry_after(response: object) -> timedelta:
    headers = getattr(response, "headers", {})
    given = str(headers.get("Retry-After") or headers.get("retry-after") or "1")
    seconds = int(given[:9]) if given.isascii() and given.isdecimal() else 1
    return min(timedelta(seconds=max(seconds, 1)), LONGEST_RETRY_AFTER)
