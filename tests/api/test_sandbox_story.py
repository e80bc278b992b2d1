"""The whole flow lived in a browser: real servers, a real worker, the sandbox's page."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from api.demo import story
from api.demo.main import PEOPLE
from api.demo.setting import Setting, setting
from tests.integrations.slack.browser import chromium, needs_chromium, window

pytestmark = [needs_chromium, pytest.mark.slow]
SOON = 10_000
ESCALATED = 20_000
"""Milliseconds; the demo asks the CISO six seconds after Ben was asked."""


@pytest.fixture
async def demo() -> AsyncIterator[Setting]:
    async with setting(PEOPLE) as found:
        for step in (story.define, story.register, story.attach):
            await step(found, lambda _: None)
        yield found


async def become(page: Page, name: str) -> None:
    await page.get_by_label("You are").select_option(name)
    await expect(page).to_have_title(f"Undersigned · {name} · Slack sandbox")


async def test_one_approves_another_requests_changes_and_a_third_is_escalated_to(
    demo: Setting,
) -> None:
    async with chromium() as browser, window(browser) as page:
        await page.goto(demo.slack.page_url)
        messages = page.get_by_role("log")
        approve = messages.get_by_role("button", name=re.compile("^Approve"))

        await become(page, "Ana Ruiz")
        await approve.click()
        await expect(messages).to_contain_text("Approved by Ana Ruiz", timeout=SOON)
        await expect(approve).to_have_count(0)

        await become(page, "Fay Wolf")
        await expect(approve).to_have_count(1, timeout=ESCALATED)
        await expect(messages).to_contain_text("I accept the residual security risk")

        await become(page, "Ben Okafor")
        await messages.get_by_text("Request changes", exact=True).first.click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("What has to change?").fill("The holdout set is from March.")
        await dialog.get_by_role("button", name="Send back").click()
        await expect(dialog).to_be_hidden(timeout=SOON)
        await expect(messages).to_contain_text("Changes requested by Ben Okafor", timeout=SOON)

        await become(page, "Fay Wolf")
        await expect(messages).to_contain_text("The holdout set is from March.", timeout=SOON)
        await expect(approve).to_have_count(0)
    view = await demo.call("GET", story.VERSION)
    assert "The holdout set is from March." in str(view["stages"][0])
