"""Tokens encrypted for the database: opened only in the row that they were sealed for."""

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = "v1"
KEY_BYTES = 32
_NONCE_BYTES = 12


class KeysUnusable(ValueError):  # noqa: N818 - it names what was found
    """The keys of the store are missing or malformed; the sentence never holds one."""


class SealBroken(Exception):  # noqa: N818 - it names what was found
    """A sealed text was made by a key that isn't here, for another row, or was changed."""


class Seal:
    """Encrypts by the newest key and decrypts by any, with AES-256-GCM.

    What a text is sealed for is authenticated with it: moved to another row it doesn't open.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take keys of 32 bytes, newest first; raises KeysUnusable."""
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise KeysUnusable(f"Each key is {KEY_BYTES} bytes; at least one is needed.")
        self._newest = _name_of(keys[0])
        self._ciphers = {_name_of(key): AESGCM(key) for key in keys}

    @classmethod
    def of(cls, keys: str) -> "Seal":
        """Read keys as settings hold them: URL-safe Base64, newest first, between commas."""
        try:
            return cls([_decoded(one) for one in keys.split(",") if one.strip()])
        except (binascii.Error, ValueError) as error:
            raise KeysUnusable(
                "UNDERSIGNED_SLACK_STORE_KEYS is to be one or more keys of 32 bytes in URL-safe "
                "Base64, newest first, between commas; `undersigned slack store-key` makes one."
            ) from error

    def close(self, text: str, purpose: str) -> str:
        """Encrypt a text for one place, named by `purpose`."""
        nonce = os.urandom(_NONCE_BYTES)
        bound = _bound(self._newest, purpose)
        sealed = self._ciphers[self._newest].encrypt(nonce, text.encode(), bound)
        return f"{FORMAT}.{self._newest}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, purpose: str) -> str:
        """Decrypt a text in the place that it was sealed for; raises SealBroken."""
        version, _, rest = sealed.partition(".")
        name, _, body = rest.partition(".")
        cipher = self._ciphers.get(name)
        if version != FORMAT or cipher is None:
            raise SealBroken("It is sealed by a key that is not among the keys of the store.")
        try:
            raw = base64.urlsafe_b64decode(body)
            opened = cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound(name, purpose))
        except (InvalidTag, ValueError):
            # Without the cause, whose frames hold what was to be opened.
            raise SealBroken("It was changed, or sealed for another place.") from None
        return opened.decode()

    def is_newest(self, sealed: str) -> bool:
        """Whether a text is sealed by the newest key."""
        return sealed.startswith(f"{FORMAT}.{self._newest}.")


def new_key() -> str:
    """Make a key as settings hold it."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def _decoded(text: str) -> bytes:
    return base64.b64decode(text.strip(), altchars=b"-_", validate=True)


def _name_of(key: bytes) -> str:
    """Name a key without telling anything of it."""
    return hashlib.sha256(b"undersigned slack store key\0" + key).hexdigest()[:16]


def _bound(name: str, purpose: str) -> bytes:
    return f"undersigned/slack/{FORMAT}/{name}/{purpose}".encode()
