"""Slack's request signature, version 0."""

import hashlib
import hmac


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Sign a request body.

    Source: https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
