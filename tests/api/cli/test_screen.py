import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import typer
from rich.text import Text

from api.cli import moments, screen
from api.cli.parameters import duration

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢字", "plain é 漢字"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("one\ntwo\tthree\r", "one two three "),
        ("\u202egnp.exe\u2066", "gnp.exe"),
        ("a\u00a0b\u2028c", "a b c"),
        ("\x9b2Jc1 \ud800surrogate", "2Jc1 surrogate"),
    ],
)
def test_nothing_that_a_terminal_obeys_is_left(text: str, shown: str) -> None:
    assert screen.clean(text) == shown


def test_on_a_terminal_markup_in_a_table_is_text_too(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm-256color")

    screen.table(("name",), [["[red]ana[/red] :smile: \x1b[5m"]])

    assert "[red]ana[/red] :smile: [5m" in Text.from_ansi(terminal.getvalue()).plain
    assert "\x1b[5m" not in terminal.getvalue()


def test_columns_line_up_with_wide_characters(capsys: pytest.CaptureFixture[str]) -> None:
    screen.table(("name", "n"), [["漢字", 1], ["ana", 22]])

    assert capsys.readouterr().out.splitlines() == ["NAME  N", "漢字  1", "ana   22"]


def test_json_holds_no_character_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    screen.print_json({"name": "\x9b2J\u202e\x1b é"})

    assert capsys.readouterr().out.isascii()


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(hours=2, minutes=59), "2 h"),
        (timedelta(days=400), "400 d"),
    ],
)
def test_a_length_is_told_in_its_largest_unit(length: timedelta, text: str) -> None:
    assert moments.span(length) == text
    assert moments.ago(NOON - length, NOON) == f"{text} ago"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(hours=3), "3 h"),
        (timedelta(hours=3, minutes=5, seconds=50), "3 h 5 min"),
        (timedelta(days=5) - timedelta(seconds=1), "4 d 23 h"),
        (timedelta(days=2, minutes=59), "2 d"),
    ],
)
def test_a_deadline_is_told_in_two_units(length: timedelta, text: str) -> None:
    assert moments.due(NOON + length, NOON) == f"due in {text}"


def test_an_instant_on_the_other_side_of_now_is_told_so() -> None:
    assert moments.ago(NOON + timedelta(hours=1), NOON) == "in 1 h"
    assert moments.due(NOON - timedelta(days=2), NOON) == "overdue by 2 d"
    assert moments.ago(None, NOON) == moments.due(None, NOON) == "-"


def test_an_instant_is_told_in_the_local_zone(in_zone: Callable[[str], None]) -> None:
    in_zone("Europe/Paris")

    assert moments.local(NOON) == "2026-01-01 13:00 CET"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("0s", timedelta(0)),
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("2 hours", timedelta(hours=2)),
        ("1 min", timedelta(minutes=1)),
        ("7 days", timedelta(days=7)),
        ("1 Day", timedelta(days=1)),
    ],
)
def test_a_duration_is_read_as_people_write_it(text: str, length: timedelta) -> None:
    assert duration(text) == length


@pytest.mark.parametrize("text", ["", "soon", "30", "-1h", "1.5h", "1 month", "1 fortnight", "٣s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not a duration"):
        duration(text)
