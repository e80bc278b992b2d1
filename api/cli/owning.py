from datetime import timedelta
from typing import Annotated

import typer

from api.cli import moments
from api.cli.asking import ask, tell
from api.cli.failures import ExitCode, Failed
from api.cli.parameters import Instant, Json, Key, Repeat, Url, duration, example, instant

Signoff = Annotated[str, typer.Argument(metavar="ID", help="As `undersigned pending` shows.")]


def add_to(app: typer.Typer) -> None:
    """Add what owners do with a sign-off beside signing it."""
    app.command(
        epilog=example(
            "undersigned withdraw fraud-scorer:14:validate:1:validator --reason 'Wrong report.'",
            "undersigned withdraw fraud-scorer 14 --reason 'Trained on a stale snapshot.'",
        )
    )(withdraw)
    app.command(
        epilog=example(
            "undersigned delegate fraud-scorer:14:validate:1:validator --to cho "
            "--until 2026-12-01T09:00",
            "undersigned delegate fraud-scorer:14:validate:1:validator --back",
        )
    )(delegate)
    app.command(epilog=example("undersigned ack fraud-scorer:14:validate:1:validator"))(ack)
    app.command(
        epilog=example(
            "undersigned snooze fraud-scorer:14:validate:1:validator --for 4h",
            "undersigned snooze fraud-scorer:14:validate:1:validator --until 2026-12-01T09:00",
        )
    )(snooze)
    app.command(
        name="ask",
        epilog=example(
            "undersigned ask fraud-scorer:14:validate:1:validator "
            "'Which slice is the recall of 0.71 from?'"
        ),
    )(question)


def withdraw(
    what: Annotated[str, typer.Argument(metavar="ID|MODEL", help="A sign-off's id, or a model.")],
    version: Annotated[
        str | None, typer.Argument(help="With a model: the version.", show_default=False)
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; everybody reads it.")] = "",
    repeat: Repeat = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Take your answer to a sign-off back, or a version's request for review.

    A stage that stands approved reopens after an answer is withdrawn. A withdrawn request closes
    the gates, and goes on with the next `undersigned request`.
    """
    from api.cli.client import path

    body = {"reason": reason}
    if version is None:
        address, told = path("signoffs", what, "withdrawals"), "Your answer is withdrawn."
    else:
        address = path("models", what, "versions", version, "withdrawals")
        told = f"The request for review of {what} {version} is withdrawn."
    tell(ask(address, body, url=url, key=key, repeat=repeat), told, json=json)


def delegate(
    id_: Signoff,
    to: Annotated[str | None, typer.Option("--to", help="Who answers in your place.")] = None,
    back: Annotated[bool, typer.Option("--back", help="Take the delegation back.")] = False,
    until: Annotated[
        Instant | None,
        typer.Option("--until", parser=instant, metavar="WHEN", help="When it ends by itself."),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; everybody reads it.")] = "",
    repeat: Repeat = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Let somebody answer a sign-off in your place.

    The record says that they signed on your behalf. You may still answer yourself.
    """
    if (to is None) != back:
        raise Failed("Say who answers in your place (--to), or --back.", ExitCode.USAGE)
    from api.cli.client import path

    body = {"to": to, "until": until, "reason": reason}
    answer = ask(path("signoffs", id_, "delegations"), body, url=url, key=key, repeat=repeat)
    told = f"{to} may answer in your place." if to else "The delegation is taken back."
    tell(answer, told, json=json)


def ack(
    id_: Signoff, repeat: Repeat = None, json: Json = False, url: Url = None, key: Key = None
) -> None:
    """Say that you are on it: no more reminders. The deadline stays."""
    from api.cli.client import path

    answer = ask(path("signoffs", id_, "acknowledgements"), {}, url=url, key=key, repeat=repeat)
    tell(answer, "You are not reminded again; the deadline stays.", json=json)


def snooze(
    id_: Signoff,
    until: Annotated[
        Instant | None,
        typer.Option("--until", parser=instant, metavar="WHEN", help="No reminder before."),
    ] = None,
    length: Annotated[
        timedelta | None,
        typer.Option("--for", parser=duration, metavar="DURATION", help="Likewise, from now: 4h."),
    ] = None,
    repeat: Repeat = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Be reminded later, and never past the deadline, which stays."""
    if (until is None) == (length is None):
        raise Failed("Say until when (--until), or how long (--for).", ExitCode.USAGE)
    from api.cli.client import path

    end = until or (moments.now() + (length or timedelta(0))).isoformat()
    answer = ask(path("signoffs", id_, "snoozes"), {"until": end}, url=url, key=key, repeat=repeat)
    shown = moments.read(end)
    tell(
        answer,
        f"You are not reminded before {moments.local(shown) if shown else end}.",
        json=json,
    )


def question(
    id_: Signoff,
    text: Annotated[str, typer.Argument(help="The question.")],
    repeat: Repeat = None,
    json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Ask the producers; the clock stands until they answer.

    They answer with `undersigned answer`; `undersigned show` has the question's number.
    """
    from api.cli.client import path

    answer = ask(
        path("signoffs", id_, "questions"), {"text": text}, url=url, key=key, repeat=repeat
    )
    tell(answer, "The producers are asked; the clock stands until they answer.", json=json)
