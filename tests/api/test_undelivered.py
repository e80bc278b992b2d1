"""What managers are told of Slack through the API: lost tokens, cards that it did not take."""

from datetime import UTC, datetime

import pytest

from integrations.database.slack_tokens import note_good, note_lost
from tests.api.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


async def test_a_lost_token_degrades_readiness_and_is_listed_counted_and_over_again(
    house: House,
) -> None:
    async with house.engine.begin() as connection:
        await note_lost(connection, "T1", "token_revoked", AT)
    ready = await house.http.get("/readyz")
    assert ready.status_code == 200
    said = "token lost since 2026-03-02 09:00 UTC: token_revoked"
    assert ready.json()["degraded"] == {"slack T1": said}
    listed = (await house.get("/v1/undelivered")).json()
    assert listed["items"] == []
    [lost] = listed["tokens_lost"]
    assert (lost["workspace"], lost["code"], lost["since"]) == (
        "T1", "token_revoked", "2026-03-02T09:00:00Z",
    )  # fmt: skip
    assert lost["advice"].startswith("Install the app again")
    assert "undersigned_slack_tokens_lost 1.0" in (await house.http.get("/metrics")).text
    async with house.engine.begin() as connection:
        await note_good(connection, "T1")
    assert (await house.http.get("/readyz")).json()["degraded"] == {}
    assert "undersigned_slack_tokens_lost 0.0" in (await house.http.get("/metrics")).text
    assert (await house.get("/v1/undelivered")).json()["tokens_lost"] == []


async def test_a_bad_cursor_of_undelivered_cards_is_422(house: House) -> None:
    answer = await house.get("/v1/undelivered?cursor=x")
    assert answer.status_code == 422
    assert "not one that this list gave" in answer.text
