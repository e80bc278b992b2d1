import re
from datetime import datetime, timedelta
from typing import Annotated, TypeAlias

import typer

_LENGTH = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_DURATION = re.compile(
    r"([0-9]{1,6}) *(?:(s)(?:ec(?:ond)?s?)?|(m)(?:in(?:ute)?s?)?|(h)(?:ours?)?|(d)(?:ays?)?)"
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def duration(text: str) -> timedelta:
    """Read `90s`, `30m`, `2 hours` or `7 days`; raises BadParameter for anything else."""
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None:
        raise typer.BadParameter(f"{text!r} is not a duration; write for example 30m or 7 days.")
    unit = next(unit for unit in match.groups()[1:] if unit)
    return int(match[1]) * _LENGTH[unit]


def digest(text: str) -> str:
    """Check the form of a digest; raises BadParameter."""
    if not _DIGEST.fullmatch(text):
        raise typer.BadParameter(
            "write sha256: and 64 small hexadecimal digits, as `undersigned digest` does."
        )
    return text


Instant: TypeAlias = str
"""An instant as the API reads it."""


def instant(text: str) -> Instant:
    """Read a date, or a date and time, in this machine's zone unless it names one."""
    try:
        return datetime.fromisoformat(text.strip()).astimezone().isoformat()
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            f"{text!r} is no instant; write for example 2026-12-01, 2026-12-01T09:30 or "
            "2026-12-01T09:30:00Z."
        ) from error


def example(*lines: str) -> str:
    """Write the examples below a command's help, each line as it stands."""
    title = "Example:" if len(lines) == 1 else "Examples:"
    return "\n".join(["\b", title, *(f"  {line}" for line in lines)])


Model: TypeAlias = Annotated[str, typer.Argument(help="The model's name, as fraud-scorer.")]
Version: TypeAlias = Annotated[str, typer.Argument(help="The version, as 14.")]
Url: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        envvar="UNDERSIGNED_URL",
        show_default=False,
        help="Where the API answers; http://127.0.0.1:8080 when not given.",
    ),
]
Key: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="KEY",
        envvar="UNDERSIGNED_KEY",
        show_default=False,
        help="The API key; better given by the variable, which other users don't see. When the "
        "URL is on this machine, `admin.key` in the data directory (.undersigned/, or "
        "UNDERSIGNED_DATA_DIR) is used when none is given.",
    ),
]
Repeat: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--idempotency-key",
        show_default=False,
        help="To repeat what had an unknown outcome; it then counts once.",
    ),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Limit: TypeAlias = Annotated[
    int, typer.Option("--limit", min=1, metavar="N", help="At most so many.")
]
