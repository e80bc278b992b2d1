"""The demo: the whole story once, told on the terminal."""

import asyncio
import time

from rich.console import Console
from rich.markup import escape

from api.demo.setting import setting
from api.demo.story import STORY

PEOPLE = (
    ("ana", "Ana Ruiz"),
    ("ben", "Ben Okafor"),
    ("cho", "Cho Lee"),
    ("dee", "Dee Park"),
    ("eve", "Eve Lind"),
    ("fay", "Fay Wolf"),
)
MOTTO = "these bytes, this statement, these people, this deadline, this door."
_out = Console(highlight=False, soft_wrap=True)


def run_demo() -> int:
    """Tell the story; 0 when every step held, 1 with the step's name when one did not."""
    return asyncio.run(_tell())


async def _tell() -> int:
    started = time.perf_counter()
    _out.print(
        "[bold]Undersigned[/]: these bytes, this statement, these people, this deadline, this door."
    )
    _out.print("Starting PostgreSQL, Temporal, a stand-in Slack, the API and a worker …")
    async with setting(PEOPLE) as demo:
        _out.print(f"[dim]up after {time.perf_counter() - started:.1f} s[/]")
        for number, (title, step) in enumerate(STORY, 1):
            _out.print(f"\n[bold]{number}. {title}[/]")
            try:
                await step(demo, _say)
            except Exception as error:  # noqa: BLE001 - whatever breaks a step ends the story here
                _out.print(f"   [red]did not hold[/] (step {step.__name__}): {escape(str(error))}")
                return 1
    _out.print(f"\n[green]Every step held[/], in {time.perf_counter() - started:.1f} s.")
    return 0


def _say(sentence: str) -> None:
    _out.print(f"   {escape(sentence)}")
