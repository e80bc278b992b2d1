"""Which server a command talks to, and as whom."""

import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from api.cli.failures import ExitCode, Failed

if TYPE_CHECKING:
    from api.cli.client import Api
    from integrations.settings import Settings

DEFAULT_URL = "http://127.0.0.1:8080"
KEY_FILE = "admin.key"


def connect(url: str | None, key: str | None) -> "Api":
    """Give the API at `url` as the holder of `key`, each from the settings when not given.

    Raises Failed when there is no key, or the address is none.
    """
    from api.cli.client import Api

    address = (url or _from_dotenv("UNDERSIGNED_URL") or DEFAULT_URL).rstrip("/")
    host = _host_of(address)
    if host is None:
        raise Failed(
            f"{address} is not an address of the API; write for example {DEFAULT_URL}.",
            ExitCode.USAGE,
        )
    local = is_local(host)
    secret = key or _from_dotenv("UNDERSIGNED_KEY") or (_local_key() if local else None)
    if not secret:
        raise Failed(_no_key(local=local))
    if not secret.isascii() or not secret.isprintable():
        raise Failed("The key holds characters that no key has; copy it again.")
    return Api(address, secret, through_proxy=not local)


def _host_of(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        has_port = parts.port is None or parts.port > 0  # reading it raises for what is no number
    except ValueError:
        return None
    return parts.hostname if has_port and parts.scheme in {"http", "https"} else None


def is_local(host: str) -> bool:
    """Say whether a host is this machine, by its name alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def settings(**overrides: object) -> "Settings":
    """Read the settings; raises Failed that names each wrong variable and no value of it."""
    from pydantic import ValidationError

    from integrations.settings import Settings

    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        wrong = (
            f"UNDERSIGNED_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}."
            for e in error.errors()
        )
        raise Failed("\n".join(wrong), ExitCode.USAGE) from None


def _from_dotenv(name: str) -> str | None:
    """Read what typer doesn't: it knows the environment, and not `.env`."""
    from dotenv import dotenv_values

    return dotenv_values(".env").get(name)


def _local_key() -> str | None:
    """Give the admin key that `undersigned run` takes from the settings, or made."""
    if set_by_operator := settings().admin_key:
        return set_by_operator.get_secret_value()
    try:
        return _key_file().read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"{_key_file()} can't be read: {error}. Give --key.") from error


def _key_file() -> Path:
    return settings().data_dir.expanduser() / KEY_FILE


def _no_key(*, local: bool) -> str:
    ways = "Set UNDERSIGNED_KEY, or give --key"
    if local:
        return f"There is no API key: {_key_file()} doesn't exist. {ways}."
    return f"There is no API key. {ways}; an administrator makes one with `undersigned key create`."
