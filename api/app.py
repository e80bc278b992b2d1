"""The application, wired."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI

from api.body_limit import BodyLimit
from api.deps import Composition
from api.documentation import DESCRIPTION, DescribedApi
from api.extremes import NoNul, handle_extremes
from api.metrics import Measured
from api.problems import handle_problems
from api.refusals import handle_refusals
from api.routes import (
    events,
    gate,
    groups,
    handovers,
    health,
    keys,
    lifecycles,
    models,
    overrides,
    owners,
    people,
    rotations,
    signoff_verbs,
    signoffs,
    slack_links,
    slack_workspaces,
    undelivered,
    version_verbs,
    versions,
    waiting,
)

VERSION = "0.1.0"
_ROUTERS = (
    lifecycles.router,
    owners.router,
    people.router,
    groups.router,
    rotations.router,
    versions.router,
    version_verbs.router,
    handovers.router,
    models.router,
    events.router,
    signoffs.router,
    signoff_verbs.router,
    waiting.router,
    overrides.router,
    undelivered.router,
    gate.router,
    keys.router,
    slack_links.router,
    slack_workspaces.router,
    health.router,
)


def create_app(composition: Composition, *, extra_routers: Sequence[APIRouter] = ()) -> FastAPI:
    """Create the application of one process; the caller closes what the composition holds."""
    app = DescribedApi(
        title="Undersigned",
        version=VERSION,
        description=DESCRIPTION,
        docs_url=None,  # its page loads scripts from another site
        redoc_url=None,
    )
    app.state.composition = composition
    handle_problems(app)
    handle_refusals(app)
    handle_extremes(app)
    for router in (*_ROUTERS, *extra_routers):
        app.include_router(router)
    app.add_middleware(BodyLimit)
    app.add_middleware(NoNul)
    app.add_middleware(Measured)
    return app
