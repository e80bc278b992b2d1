"""The lifecycles that this release ships as starting points."""

from functools import cache
from importlib.resources import files

from integrations.documents import Document, parse_documents

_FOLDER = files("lifecycle") / "templates"
_SUMMARY = "# "
NAMES = (
    "classic-ml",
    "genai-application",
    "model-platform",
    "foundation-model",
    "bank-mrm",
    "eu-ai-act-high-risk",
)
"""In the order in which they are listed."""


@cache
def template(name: str) -> Document:
    """Read a template; raises KeyError when there is none of that name."""
    if name not in NAMES:
        raise KeyError(name)
    (document,) = parse_documents(template_text(name), name=f"template {name}")
    return document


def template_text(name: str) -> str:
    """Give a template as it is written, with its comments."""
    return (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def summary(name: str) -> str:
    """Give the line that says what a template is for: the first of its file."""
    return template_text(name).partition("\n")[0].removeprefix(_SUMMARY)


def is_overlay(name: str) -> bool:
    """Say whether a template is laid over others rather than used alone."""
    data = template(name).data
    return isinstance(data, dict) and "overlay" in data


def starting_text(name: str) -> str:
    """Give a file of the starting sets: `people`, `NAME.model`, `NAME.lifecycle`."""
    return (_FOLDER / "starting" / f"{name}.yaml").read_text(encoding="utf-8")
