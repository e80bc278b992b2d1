from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from api.cli.connection import settings
from api.cli.parameters import example

Host = Annotated[
    str | None,
    typer.Option("--host", show_default=False, help="Address to listen on; 127.0.0.1."),
]
Port = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65535, show_default=False, help="Port; 8080, 0 a free one."),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands that run parts of Undersigned or look after its record."""
    app.command(
        epilog=example("undersigned run", "undersigned run --port 9000 --data-dir /srv/undersigned")
    )(run)
    app.command(epilog=example("undersigned api --host 0.0.0.0 --port 8080"))(api)
    app.command(epilog=example("undersigned worker"))(worker)
    app.command(epilog=example("UNDERSIGNED_DATABASE_URL=postgresql://… undersigned migrate"))(
        migrate
    )
    app.command(epilog=example("undersigned demo"))(demo)
    app.command(epilog=example("undersigned rebuild"))(rebuild)
    app.command(epilog=example("undersigned verify"))(verify)


def run(
    host: Host = None,
    port: Port = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            "--data-dir", show_default=False, help="Where data is kept between runs; .undersigned."
        ),
    ] = None,
) -> None:
    """Run everything on this machine.

    That is Temporal, PostgreSQL, a worker and the API. Temporal and PostgreSQL are embedded unless
    UNDERSIGNED_TEMPORAL_ADDRESS and UNDERSIGNED_DATABASE_URL name real ones. The first start
    prints an admin key, which is kept in `admin.key` in the data directory. Ctrl-C stops it.
    """
    chosen = settings(host=host, port=port, data_dir=data_dir)
    from api import processes

    _end(lambda: processes.run(chosen))


def api(host: Host = None, port: Port = None) -> None:
    """Run the API alone, for production; any number of them."""
    chosen = settings(host=host, port=port)
    from api import processes

    _end(lambda: processes.serve_api(chosen))


def worker() -> None:
    """Run a worker alone, for production; any number of them."""
    chosen = settings()
    from api import processes

    _end(lambda: processes.work(chosen))


def migrate() -> None:
    """Bring the database's tables up to this release.

    It may run twice, or in two places at once.
    """
    chosen = settings()
    from api import processes

    _end(lambda: processes.migrate_database(chosen))


def rebuild() -> None:
    """Make every list and view again from the ledger."""
    chosen = settings()
    from api import processes

    _end(lambda: processes.rebuild_projections(chosen))


def verify() -> None:
    """Check the hash chains of the ledger.

    Exit code 1 when one is broken; the first broken entry of each chain is named.
    """
    chosen = settings()
    from api import processes

    _end(lambda: processes.verify_ledger(chosen))


def demo() -> None:
    """Tell the whole story once, on this machine.

    Servers are embedded, data is thrown away. Exit code 0 when every step held.
    """
    from api.demo.main import run_demo

    _end(run_demo)


def _end(process: Callable[[], int]) -> None:
    raise typer.Exit(process())
