"""Whether the process lives, whether it can work, and its figures."""

import asyncio
import logging
from contextlib import suppress

from fastapi import APIRouter, Response
from starlette.responses import JSONResponse

from api.deps import Composed, Probe
from api.metrics import TOKENS_LOST, exposition
from api.probes import database_probe, lost_words
from api.problems import DatabaseUnreachable
from api.schemas import Health, Readiness

PROBED_WITHIN_SECONDS = 3.0
router = APIRouter(tags=["operation"])
_log = logging.getLogger(__name__)


@router.get("/healthz", summary="Says that the process answers")
async def healthz() -> Health:
    """Answer without asking anybody."""
    return Health()


@router.get(
    "/readyz",
    summary="Says whether everything that work needs can be reached",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Something can't be reached."}},
)
async def readyz(composition: Composed) -> JSONResponse:
    """Ask every component at once; 503 names those that don't answer."""
    probes = {"database": database_probe(composition.database), **composition.probes}
    found = await asyncio.gather(*(_outcome(name, probe) for name, probe in probes.items()))
    components = dict(zip(probes, found, strict=True))
    is_ready = all(outcome == "ok" for outcome in found)
    degraded = await lost_words(composition.database) if components["database"] == "ok" else {}
    body = Readiness(
        status="ready" if is_ready else "not ready", components=components, degraded=degraded
    )
    return JSONResponse(body.model_dump(mode="json"), 200 if is_ready else 503)


@router.get("/metrics", summary="Gives metrics in Prometheus' text format")
async def metrics(composition: Composed) -> Response:
    """Give the metrics of this process, and whether Slack takes anything."""
    with suppress(DatabaseUnreachable, TimeoutError):
        async with asyncio.timeout(PROBED_WITHIN_SECONDS):
            TOKENS_LOST.set(len(await lost_words(composition.database)))
    return exposition()


async def _outcome(name: str, probe: Probe) -> str:
    try:
        async with asyncio.timeout(PROBED_WITHIN_SECONDS):
            await probe()
    except Exception as error:  # noqa: BLE001 - the edge: whatever is wrong with it, it is not ready
        _log.warning("%s is not ready: %s", name, error)
        # Its words may name hosts and users, and nobody has to show a key here.
        return "unreachable"
    return "ok"
