"""What people say and attach in the sandbox's page, in a real browser, and what the app keeps."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import expect

from integrations.database.participation import OpenVersion
from integrations.slack.talks import Talk
from lifecycle.commands import AnswerQuestion, Attach
from tests.api.slack_app import Ingress, card, ingress
from tests.api.test_slack_attaching import seen
from tests.integrations.slack.browser import chromium, needs_chromium, window
from tests.integrations.slack.examples import question, signoff

pytestmark = needs_chromium
SOON = timedelta(seconds=5)


@pytest.fixture
async def app() -> AsyncIterator[Ingress]:
    async with ingress() as found:
        yield found


async def test_a_question_is_answered_in_the_thread_and_a_message_attached_from_its_menu(
    app: Ingress,
) -> None:
    ana = app.slack.add_person("Ana Ruiz", "ana@example.com")
    app.people[ana.id] = "eve"
    at = await card(app, ana)
    app.talks[at.ts] = Talk(signoff().id, (question(),))
    app.open_versions["eve"] = [OpenVersion(model="fraud-scorer", version="14", status="x")]
    app.version_views["fraud-scorer", "14"] = seen()
    async with chromium() as browser, window(browser) as page:
        await page.goto(app.slack.page_url)
        await page.get_by_text("Reply in the thread").click()
        await page.get_by_label("Reply in the thread").fill("May & June.")
        await page.get_by_role("button", name="Reply", exact=True).click()
        await expect(page.get_by_text("May & June.")).to_be_visible()
        await app.slack.changed(lambda _: app.kept.clicks, within=SOON)
        [answered] = [click.command for click in app.kept.clicks]
        assert isinstance(answered, AnswerQuestion)
        assert (answered.text, answered.person) == ("May & June.", "eve")

        await page.get_by_label("Message menu").last.press("Enter")
        await page.get_by_role("button", name="Attach to a sign-off").press("Enter")
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("To which version").select_option("fraud-scorer 14 (x)")
        await dialog.get_by_label("As what").select_option("Evidence")
        await dialog.get_by_role("button", name="Next").click()
        await dialog.get_by_label("Under which name").select_option("notes")
        await dialog.get_by_label("What it says").select_option("It speaks for the version")
        await dialog.get_by_label("About which bytes").select_option(index=1)
        await dialog.get_by_role("button", name="Attach").click()
        await expect(dialog).to_be_hidden()
    attached = app.kept.clicks[-1].command
    assert isinstance(attached, Attach)
    assert attached.value == {"author": "Ana Ruiz", "text": "May & June."}
