"""The door that deployments ask."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api import examples
from api.bodies import answers
from api.deps import Composed, Deployer
from api.gates import Asked, ask_gate
from api.problems import described
from api.schemas_versions import GateShown
from lifecycle.values import Digest, Name, VersionName

router = APIRouter(tags=["gate"], responses=described())


class GateQuery(BaseModel):
    """A question to a gate."""

    model_config = ConfigDict(extra="forbid")

    digest: Digest
    gate: Name = Field(alias="for", description="The gate, as `production`.")
    model: Name | None = None
    version: VersionName | None = None
    max_age: Annotated[int, Field(ge=1, le=3600)] | None = Field(
        None, description="Seconds: allows an answer from the rows, confirmed that lately."
    )


@router.get(
    "/v1/gate",
    summary="Says whether bytes may pass a gate, and why",
    responses={200: answers(examples.GATE)},
)
async def gate(
    principal: Deployer, composition: Composed, query: Annotated[GateQuery, Query()]
) -> GateShown:
    """Answer yes or no, always with 200: what can't be told is a no that is not `certain`."""
    asked = Asked(
        digest=query.digest,
        gate=query.gate,
        model=query.model,
        version=query.version,
        max_age=timedelta(seconds=query.max_age) if query.max_age is not None else None,
    )
    return await ask_gate(composition, principal, asked)
