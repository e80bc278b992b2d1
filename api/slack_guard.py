"""Slack's request signature, checked before anything reads the body."""

import hashlib
import hmac
from datetime import datetime, timedelta

OLDEST = timedelta(minutes=5)
"""Source: https://docs.slack.dev/authentication/verifying-requests-from-slack"""

LONGEST_TIMESTAMP = 12


def is_from_slack(
    secret: str, timestamp: str | None, signature: str | None, body: bytes, now: datetime
) -> bool:
    """Tell whether Slack signed a request, not long ago.

    slack_sdk's verifier raises on a timestamp that is no number, a signature that is not ASCII and
    a body that is not UTF-8; all of them are simply not from Slack.
    """
    if not secret or timestamp is None or signature is None:
        return False
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= LONGEST_TIMESTAMP):
        return False
    if abs(now.timestamp() - int(timestamp)) > OLDEST.total_seconds():
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    signed = b"v0:" + timestamp.encode() + b":" + body
    expected = "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))
