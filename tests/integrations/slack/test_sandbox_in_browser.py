"""The sandbox's page in a real browser: what is drawn, and what people can do with it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from integrations.slack import cards
from integrations.slack.sandbox.blocks import EVERYWHERE
from integrations.slack.sandbox.elements import IN_ACTIONS, IN_INPUT
from integrations.slack.sandbox.workspace import SlackSandbox
from tests.integrations.slack.bolt_app import SOON, Stage, bolt_app, button, card, serving
from tests.integrations.slack.browser import chromium, needs_chromium, window

pytestmark = [needs_chromium, pytest.mark.asyncio(loop_scope="module")]


class Screen:
    """A browser that looks at the sandbox."""

    def __init__(self, stage: Stage, page: Page) -> None:
        self.stage, self.slack, self.page = stage, stage.slack, page

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    async def publish_home(self, *blocks: dict[str, Any]) -> None:
        # Looking at it makes the app publish its own; this one shows after that.
        await self.page.goto(f"{self.slack.page_url}#{self.stage.ana.id}/home")
        await self.slack.changed(lambda slack: slack.calls_of("views.publish"), within=SOON)
        view = {"type": "home", "blocks": list(blocks)}
        await self.stage.client.views_publish(user_id=self.stage.ana.id, view=view)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def screen(browser: Browser) -> AsyncIterator[Screen]:
    async with SlackSandbox() as slack:
        app, heard = bolt_app(slack)
        async with serving(app) as url, window(browser) as page:
            slack.connect(url)
            yield Screen(Stage(slack, heard), page)


async def test_one_approves_by_a_button_and_another_requests_changes_in_a_modal(
    screen: Screen,
) -> None:
    ben = screen.slack.add_person("Ben Okafor", "ben@example.com")
    await screen.stage.post(button("approve"), button("changes"))
    await screen.stage.client.chat_postMessage(
        channel=ben.id, text="Approve?", blocks=card(button("approve"), button("changes"))
    )
    page = screen.page
    await page.goto(screen.slack.page_url)
    await screen.button("Approve").click()
    await expect(page.get_by_text("Recording…")).to_be_visible()
    assert screen.stage.heard[-1]["user"]["id"] == screen.stage.ana.id

    await page.get_by_label("You are").select_option("Ben Okafor")
    await screen.button("Changes").click()
    reason = page.get_by_role("dialog").get_by_label("Reason")
    await expect(reason).to_be_focused()
    await reason.fill("short")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Say more.")).to_be_visible()
    await expect(reason).to_be_focused()
    assert await reason.input_value() == "short"
    await reason.fill("Data is stale")
    await page.get_by_label("Back to").select_option("Data")
    await screen.button("Send").last.click()
    await expect(page.get_by_role("dialog")).to_be_hidden()
    state = screen.stage.heard[-1]
    assert state["why"]["text"]["value"] == "Data is stale"
    assert state["to"]["stage"]["selected_option"]["value"] == "data"


async def test_escape_closes_a_modal_and_the_app_hears_of_it(screen: Screen) -> None:
    await screen.stage.post(button("changes"))
    await screen.page.goto(screen.slack.page_url)
    await screen.button("Changes").press("Enter")
    await expect(screen.page.get_by_role("dialog")).to_be_visible()
    await screen.page.keyboard.press("Escape")
    await expect(screen.page.get_by_role("dialog")).to_be_hidden()
    assert screen.stage.heard[-1]["type"] == "view_closed"


async def test_a_menu_is_chosen_from_by_keyboard(screen: Screen) -> None:
    options = [
        {"text": {"type": "plain_text", "text": name}, "value": name} for name in ("Snooze", "Ask")
    ]
    await screen.stage.post({"type": "overflow", "action_id": "menu", "options": options})
    await screen.page.goto(screen.slack.page_url)
    await screen.page.get_by_label("More").press("Enter")
    await screen.button("Ask").press("Enter")
    await screen.slack.changed(lambda _: screen.stage.heard, within=SOON)
    assert screen.stage.heard[-1]["selected_option"]["value"] == "Ask"


HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


async def test_text_from_outside_stays_text(screen: Screen) -> None:
    mallory = screen.slack.add_person(HOSTILE, "mallory@example.com")
    screen.slack.add_channel("room", members=[screen.stage.ana, mallory])
    text = "<javascript:alert(1)|press> <https://safe.example/?a=1&amp;b=2|*press*> &lt;b&gt; <@U1>"
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": text}},
        {"type": "header", "text": {"type": "plain_text", "text": HOSTILE}},
    ]
    await screen.stage.client.chat_postMessage(channel="#room", text="x", blocks=blocks)
    await screen.slack.say(mallory, "#room", HOSTILE)
    await screen.page.goto(screen.slack.page_url)
    await screen.page.get_by_role("button", name="# room").click()
    messages = screen.page.get_by_role("log")
    await expect(messages.get_by_role("heading")).to_have_text(HOSTILE)
    links = await messages.get_by_role("link").evaluate_all("all => all.map(a => a.href)")
    assert links == ["https://safe.example/?a=1&b=2"]
    await expect(messages).to_contain_text("press *press* <b> @U1")
    assert await messages.locator("img, script").count() == 0


async def test_dates_are_in_the_readers_zone_and_marks_are_drawn(screen: Screen) -> None:
    text = (
        "*Due* <!date^1700000000^{date_num} {time}|x>, `a_b`, _soon_ ~late~ 2*3*4\n"
        f"&gt; by <@{screen.stage.ana.id}>\n:white_check_mark: :unknown:"
    )
    await screen.publish_home({"type": "section", "text": {"type": "mrkdwn", "text": text}})
    home = screen.page.locator("#home")
    await expect(home.locator("time")).to_have_text("2023-11-15 07:13")
    for tag, words in (("b", "Due"), ("code", "a_b"), ("i", "soon"), ("s", "late")):
        await expect(home.locator(tag)).to_have_text(words)
    await expect(home.locator("blockquote")).to_have_text("by @Ana Ruiz")
    await expect(home).to_contain_text("2*3*4")
    await expect(home).to_contain_text("✅ :unknown:")


async def test_every_emoji_that_the_app_uses_is_drawn(screen: Screen) -> None:
    sources = Path(cards.__file__).parent.glob("*.py")
    used = {name for each in sources for name in re.findall(r'[" ](:[a-z_]+:) ', each.read_text())}
    assert ":white_check_mark:" in used
    text = {"type": "mrkdwn", "text": f"Shown: {' '.join(sorted(used))}"}
    await screen.publish_home({"type": "section", "text": text})
    home = screen.page.locator("#home")
    await expect(home).to_contain_text("Shown: ")
    assert re.findall(r":[a-z_]+:", await home.inner_text()) == []


async def test_the_app_hears_once_that_somebody_came_to_their_home_tab(screen: Screen) -> None:
    await screen.page.goto(screen.slack.page_url)
    await screen.button("Home").click()
    await screen.page.locator("#home").get_by_role("button", name="Menu").click()
    await screen.slack.changed(lambda _: screen.stage.heard, within=SOON)
    assert screen.stage.heard[-1]["action_id"] == "menu"
    opened = [d for d in screen.slack.deliveries if d.payload.get("type") == "event_callback"]
    assert [each.payload["event"]["type"] for each in opened] == ["app_home_opened"]


def element(kind: str) -> dict[str, Any]:
    option = {"text": {"type": "plain_text", "text": "One"}, "value": "1"}
    made: dict[str, Any] = {"type": kind, "action_id": f"a-{kind}"}
    if kind in {"checkboxes", "radio_buttons", "overflow"} or kind.endswith("static_select"):
        made["options"] = [option]
    if kind == "button":
        made["text"] = option["text"]
    if kind == "number_input":
        made["is_decimal_allowed"] = False
    return made


def blocks_of_every_kind() -> list[dict[str, Any]]:
    label = {"type": "plain_text", "text": "Label"}
    picture = {"image_url": "https://example.com/a.png", "alt_text": "A curve"}
    quote = {"type": "rich_text_quote", "elements": [{"type": "text", "text": "Quoted"}]}
    fixed: dict[str, dict[str, Any]] = {
        "section": {"text": label, "fields": [label], "accessory": {"type": "image", **picture}},
        "divider": {},
        "header": {"text": label},
        "context": {"elements": [label, {"type": "image", **picture}]},
        "actions": {"elements": [element(kind) for kind in IN_ACTIONS]},
        "image": picture,
        "rich_text": {"elements": [quote]},
    }
    inputs = [{"type": "input", "label": label, "element": element(kind)} for kind in IN_INPUT]
    assert {*fixed, "input"} == set(EVERYWHERE)
    return [*({"type": kind, **rest} for kind, rest in fixed.items()), *inputs]


async def test_every_block_and_element_that_the_sandbox_takes_is_drawn(screen: Screen) -> None:
    screen.slack.add_channel("room", members=[screen.stage.ana])
    await screen.publish_home(*blocks_of_every_kind())
    home = screen.page.locator("#home")
    await expect(home.locator("> .block")).to_have_count(len(blocks_of_every_kind()))
    assert await home.get_by_text("of kind").count() == 0
    assert await home.locator(".block.actions > *").count() == len(IN_ACTIONS)
    assert await home.locator(".block.input :is(input, select, textarea)").count() == len(IN_INPUT)
    await expect(home.locator("blockquote")).to_have_text("Quoted")


def modal_of(*inputs: dict[str, Any]) -> dict[str, Any]:
    word = {"type": "plain_text", "text": "Send"}
    return {"type": "modal", "title": word, "submit": word, "blocks": list(inputs)}


def labelled(kind: str, **fields: Any) -> dict[str, Any]:
    label = {"type": "plain_text", "text": f"The {kind}"}
    made = {**element(kind), "action_id": "a", **fields}
    return {"type": "input", "block_id": kind, "label": label, "element": made}


async def opened(screen: Screen, *inputs: dict[str, Any]) -> str:
    await screen.page.goto(f"{screen.slack.page_url}#{screen.stage.ana.id}")
    delivery = await screen.slack.shortcut(screen.stage.ana, "anything")
    shown = await screen.stage.client.views_open(
        trigger_id=delivery.trigger_id, view=modal_of(*inputs)
    )
    await expect(screen.page.get_by_role("dialog")).to_be_visible()
    view: dict[str, Any] = shown["view"]
    return str(view["id"])


async def test_everything_that_can_be_filled_in_reaches_the_app(screen: Screen) -> None:
    screen.slack.add_channel("room", members=[screen.stage.ana])
    room = screen.slack.channel("room").id
    await opened(screen, *(labelled(kind) for kind in IN_INPUT))
    form = screen.page.get_by_role("dialog")
    for kind, words in {
        "plain_text_input": "words",
        "email_text_input": "a@b.example",
        "url_text_input": "https://a.example",
        "number_input": "7",
        "datepicker": "2026-03-02",
        "timepicker": "14:05",
        "datetimepicker": "2026-03-02T09:00",
    }.items():
        await form.get_by_label(f"The {kind}").fill(words)
    for kind in ("static_select", "users_select", "channels_select", "conversations_select"):
        await form.get_by_label(f"The {kind}").select_option(index=1)
    for kind in ("checkboxes", "radio_buttons", *(k for k in IN_INPUT if k.startswith("multi"))):
        box = form.get_by_role("group", name=f"The {kind}").locator("input").first
        await box.check()
    await form.get_by_role("button", name="Send").click()
    await screen.slack.changed(lambda s: s.deliveries[-1].payload.get("view"), within=SOON)
    sent = screen.slack.deliveries[-1].payload["view"]["state"]["values"]
    entered = {
        kind: next(value for name, value in state["a"].items() if name != "type")
        for kind, state in sent.items()
    }
    option = {"text": {"type": "plain_text", "text": "One"}, "value": "1"}
    assert entered == {
        "plain_text_input": "words",
        "email_text_input": "a@b.example",
        "url_text_input": "https://a.example",
        "number_input": "7",
        "datepicker": "2026-03-02",
        "timepicker": "14:05",
        "datetimepicker": 1772409600,  # 9 in Tokyo
        "static_select": option,
        "radio_buttons": option,
        "checkboxes": [option],
        "multi_static_select": [option],
        "users_select": screen.stage.ana.id,
        "multi_users_select": [screen.stage.ana.id],
        "channels_select": room,
        "conversations_select": room,
        "multi_channels_select": [room],
    }


async def test_what_is_half_written_stays_when_the_app_changes_the_modal(screen: Screen) -> None:
    first, more = labelled("plain_text_input"), labelled("email_text_input")
    view_id = await opened(screen, first)
    field = screen.page.get_by_label("The plain_text_input")
    await field.fill("half a sen")
    await screen.stage.client.views_update(view_id=view_id, view=modal_of(first, more))
    await expect(screen.page.get_by_label("The email_text_input")).to_be_visible()
    await expect(field).to_have_value("half a sen")
    await expect(field).to_be_focused()


async def test_a_button_that_asks_first_sends_nothing_before_the_yes(screen: Screen) -> None:
    words = {
        name: {"type": "plain_text", "text": text}
        for name, text in {
            "title": "Are you sure?",
            "text": "It can't be undone.",
            "confirm": "Do it",
            "deny": "No",
        }.items()
    }
    await screen.stage.post({**button("approve"), "confirm": words})
    await screen.page.goto(screen.slack.page_url)
    await screen.button("Approve").click()
    await screen.button("No").click()
    await expect(screen.page.get_by_role("dialog")).to_be_hidden()
    await screen.button("Approve").click()
    await screen.button("Do it").click()
    await expect(screen.page.get_by_text("Recording…")).to_be_visible()
    assert len(screen.slack.deliveries) == 1


async def test_an_answer_in_the_thread_is_written_while_others_speak(screen: Screen) -> None:
    ben = screen.slack.add_person("Ben Okafor")
    screen.slack.add_channel("room", members=[screen.stage.ana, ben])
    asked = await screen.slack.say(ben, "#room", "Which holdout?")
    await screen.page.goto(screen.slack.page_url)
    await screen.page.get_by_role("button", name="# room").click()
    messages = screen.page.get_by_role("log")
    await messages.get_by_text("Reply in the thread").click()
    answer = messages.get_by_label("Reply in the thread")
    await answer.fill("Apr")
    await screen.slack.say(ben, "#room", "March or April?", thread_ts=asked.ts)
    await screen.slack.say(ben, "#room", "Anybody?")
    await expect(messages).to_contain_text("Anybody?")
    await expect(answer.first).to_be_focused()
    await screen.page.keyboard.type("il")
    await screen.page.keyboard.press("Enter")
    await expect(messages.locator(".replies")).to_contain_text("April")
    [_, said] = screen.slack.thread("#room", asked.ts)
    assert (said.author, said.text) == (screen.stage.ana, "April")


async def test_what_only_one_person_sees_is_marked_so(screen: Screen) -> None:
    await screen.page.goto(screen.slack.page_url)
    await screen.page.get_by_label("Write a message").fill("/undersigned pending")
    await screen.button("Send").click()
    private = screen.page.locator(".message.private")
    await expect(private).to_contain_text("Only visible to you")
    await expect(private).to_contain_text("Nothing waits for @Ana Ruiz.")


async def test_slack_is_made_to_fail_and_well_again(screen: Screen) -> None:
    page = screen.page
    await page.goto(screen.slack.page_url)
    await page.get_by_text("Make Slack fail").click()
    await page.get_by_label("How", exact=True).select_option("token revoked")
    await screen.button("Let it fail").click()
    await expect(page.get_by_role("status")).to_contain_text("The bot token is revoked")
    await screen.button("Clear").click()
    await expect(page.get_by_role("status")).to_be_empty()
    await screen.stage.client.auth_test()
