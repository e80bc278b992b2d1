"""What a running version hands over to be recorded, and the name of its chain."""

from urllib.parse import unquote

from lifecycle.canonical import Entry
from lifecycle.values import Frozen, encode_part
from lifecycle.view import Projection


class Recording(Frozen):
    """What a version's workflow hands over: new entries of one chain and the rows they lead to."""

    subject: str
    entries: tuple[Entry, ...] = ()
    projection: Projection | None = None
    """The rows after the last entry; None when more entries follow at once."""


def version_subject(model: str, version: str) -> str:
    """Name the chain of a model version, as `version/fraud-scorer/14`, percent-encoded."""
    return f"version/{encode_part(model)}/{encode_part(version)}"


def parse_version_subject(subject: str) -> tuple[str, str]:
    """Give the model and version of a chain's name; raises ValueError when it names neither."""
    kind, model, version = subject.split("/")
    if kind != "version":
        raise ValueError(f"{subject} is not a version's chain.")
    return unquote(model), unquote(version)
