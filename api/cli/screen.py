"""What a command prints. Text from outside is never markup and never moves the cursor."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table


def clean(text: object) -> str:
    """Give text without what a terminal would obey: control characters, bidirectional marks."""
    return "".join(
        char if char.isprintable() else " " if char.isspace() else "" for char in str(text)
    )


def say(text: str = "") -> None:
    """Print lines to read; each is cleaned."""
    _print(text, Console(file=sys.stdout, markup=False, highlight=False, emoji=False))


def complain(text: str) -> None:
    """Print lines beside the result, on stderr: failures, progress."""
    _print(text, Console(file=sys.stderr, markup=False, highlight=False, emoji=False))


def print_json(data: object) -> None:
    """Print JSON for scripts; characters that a terminal could obey are escaped."""
    sys.stdout.write(json.dumps(data, indent=2) + "\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table: drawn on a terminal, aligned lines of whole cells otherwise."""
    cells = [[clean(cell) for cell in row] for row in rows]
    console = Console(file=sys.stdout, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        for line in _aligned([[name.upper() for name in columns], *cells]):
            sys.stdout.write(line + "\n")
        return
    drawn = Table(*columns, box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for row in cells:
        drawn.add_row(*row)
    console.print(drawn)


def _print(text: str, console: Console) -> None:
    for line in text.split("\n"):
        console.print(clean(line), soft_wrap=True)


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(_padded, row, widths)).rstrip() for row in rows]


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - cell_len(cell))


def is_terminal() -> bool:
    """Say whether a person can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def shown(value: Any) -> str:
    """Write a value of a list, nothing as a dash."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None or value == "" else str(value)
