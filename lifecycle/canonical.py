"""Canonical bytes, digests and the hash chain of facts (RFC 8785, SHA-256)."""

import hashlib
from typing import Any

import rfc8785

from lifecycle.values import Frozen

GENESIS = "sha256:" + "0" * 64
"""What the first entry of a chain names as the entry before it."""


def canonical(value: Any) -> bytes:
    """Give the canonical JSON of a value; raises rfc8785.CanonicalizationError on NaN or 2^53."""
    return rfc8785.dumps(value)


def digest_of_bytes(data: bytes) -> str:
    """Name bytes by their SHA-256, as `sha256:<hex>`."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest_of(value: Any) -> str:
    """Name a JSON value by the SHA-256 of its canonical bytes."""
    return digest_of_bytes(canonical(value))


def short(digest: str) -> str:
    """Shorten a digest for a sentence: its first twelve hexadecimal characters."""
    return digest.removeprefix("sha256:")[:12]


class Head(Frozen):
    """The end of a chain: how many entries it has and the hash of the last."""

    sequence: int = 0
    hash: str = GENESIS


class Entry(Frozen):
    """One fact as it is recorded; `body` is hashed as it stands, and never made again."""

    subject: str
    sequence: int
    hash: str
    body: str

    @property
    def head(self) -> Head:
        """The end of the chain once this entry is on it."""
        return Head(sequence=self.sequence, hash=self.hash)


def append(subject: str, head: Head, fact: dict[str, Any]) -> Entry:
    """Put a fact (its JSON form) at the end of a subject's chain.

    The canonical bytes hold subject, sequence, the hash before, and the fact, so that no entry can
    be altered, moved or left out without every later hash being another.
    """
    sequence = head.sequence + 1
    body = canonical({"subject": subject, "seq": sequence, "prev": head.hash, "fact": fact})
    return Entry(subject=subject, sequence=sequence, hash=digest_of_bytes(body), body=body.decode())
