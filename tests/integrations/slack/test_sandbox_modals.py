from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from slack_sdk.errors import SlackApiError

from integrations.slack.sandbox.clock import ManualClock
from integrations.slack.sandbox.errors import FormIncomplete, NoSuchButton, NoSuchView
from integrations.slack.sandbox.modals import TROUBLE
from tests.integrations.slack.bolt_app import REASON_MODAL, SOON, Stage, button, staged


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as connected:
        yield connected


async def opened(stage: Stage) -> str:
    await stage.post(button("changes"))
    await stage.slack.click(stage.ana, stage.ana, stage.ts, "changes")
    views = await stage.slack.changed(lambda s: s.open_views(stage.ana), within=SOON)
    return views[-1].id


async def test_a_modal_is_submitted_and_closes(stage: Stage) -> None:
    view_id = await opened(stage)
    values = {"why": {"text": "Data is stale"}, "to": {"stage": "data"}}
    delivery = await stage.slack.submit_view(stage.ana, view_id, values)
    assert delivery.is_acknowledged
    assert stage.slack.open_views(stage.ana) == []
    state = stage.heard[-1]
    assert state["why"]["text"] == {"type": "plain_text_input", "value": "Data is stale"}
    assert state["to"]["stage"]["selected_option"]["value"] == "data"
    with pytest.raises(NoSuchView):
        await stage.slack.submit_view(stage.ana, view_id, values)


async def test_a_modal_with_errors_stays_open_and_shows_them(stage: Stage) -> None:
    await opened(stage)
    await stage.slack.submit_view(stage.ana, values={"why": {"text": "short"}})
    [view] = stage.slack.open_views(stage.ana)
    assert view.errors == {"why": "Say more."}


async def test_errors_for_an_unknown_block_are_trouble(stage: Stage) -> None:
    await opened(stage)
    delivery = await stage.slack.submit_view(stage.ana, values={"why": {"text": "bad"}})
    assert delivery.outcome == "refused"
    assert stage.slack.open_views(stage.ana)[0].errors == {"": TROUBLE}


async def test_a_pushed_modal_lies_on_top_and_closing_tells_the_app(stage: Stage) -> None:
    below = await opened(stage)
    await stage.slack.submit_view(stage.ana, values={"why": {"text": "more"}})
    stack = stage.slack.open_views(stage.ana)
    assert [view.callback_id for view in stack] == ["reason", "second"]
    assert stack[1].previous_view_id == below
    await stage.slack.close_view(stage.ana)
    closed = await stage.slack.close_view(stage.ana)
    assert closed is not None
    assert closed.payload["type"] == "view_closed"
    assert stage.heard[-1]["view"]["id"] == below


async def test_a_form_that_slack_would_not_send_is_not_sent(stage: Stage) -> None:
    await opened(stage)
    before = len(stage.slack.deliveries)
    with pytest.raises(FormIncomplete):
        await stage.slack.submit_view(stage.ana)
    with pytest.raises(FormIncomplete):
        await stage.slack.submit_view(stage.ana, values={"why": {"text": "x" * 21}})
    with pytest.raises(NoSuchButton):
        await stage.slack.submit_view(stage.ana, values={"why": {"other": "x"}})
    assert len(stage.slack.deliveries) == before


async def test_a_trigger_opens_one_view_within_three_seconds(stage: Stage) -> None:
    await stage.post(button("approve"), button("menu"))
    first = await stage.slack.click(stage.ana, stage.ana, stage.ts, "menu")
    await stage.client.views_open(trigger_id=first.trigger_id, view=REASON_MODAL)
    second = await stage.slack.click(stage.ana, stage.ana, stage.ts, "menu")
    clock = stage.slack.clock
    assert isinstance(clock, ManualClock)
    clock.advance(timedelta(seconds=3.1))
    for trigger_id, code in [
        (first.trigger_id, "exchanged_trigger_id"),
        (second.trigger_id, "expired_trigger_id"),
        ("1.2.3", "invalid_trigger_id"),
    ]:
        with pytest.raises(SlackApiError) as refused:
            await stage.client.views_open(trigger_id=trigger_id, view=REASON_MODAL)
        assert refused.value.response["error"] == code


async def test_the_home_tab_is_published_and_clicked(stage: Stage) -> None:
    await stage.slack.open_home(stage.ana)
    home = await stage.slack.changed(lambda s: s.home(stage.ana), within=SOON)
    assert home is not None
    assert home.shown == "*I reviewed it.*\nMenu"
    await stage.slack.click_view(stage.ana, "menu")
    assert stage.heard[-1]["action_id"] == "menu"
