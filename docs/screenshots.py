"""Takes the pictures of docs/slack.md: one real version after another, lived in the sandbox's page.

    PYTHONPATH=. python docs/screenshots.py

It needs Chromium. Every picture is of what real servers made of a real story.
"""

import asyncio
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page, expect

from api.demo.main import PEOPLE
from api.demo.setting import Setting, setting
from lifecycle.canonical import digest_of_bytes
from tests.integrations.slack.browser import chromium, window

IMAGES = Path(__file__).with_name("images")
MODEL = "fraud-scorer"
WITHIN = 20_000
"""Milliseconds."""
SIGN = {
    "role": "validator",
    "quorum": 2,
    "statement": "I reviewed the evaluation independently of its authors.",
}
RULES: dict[str, Any] = {
    "lifecycle": "demo",
    "roles": ["validator", "ciso"],
    "supersede": False,
    "reasons": {
        "leak": "The evaluation leaks training data.",
        "bias": "A group is treated worse than others.",
    },
    "evidence": {"evaluation": {"from": ["evaluation"], "require": "value.auc >= 0.9"}},
    "escalations": {"standard": [{"after": "1 day", "ask": "ciso"}]},
    "stages": [
        {
            "name": "validate",
            "evidence": ["evaluation"],
            "signoffs": [SIGN],
            "due": "2 days",
            "escalate": "standard",
        },
    ],
    "gates": {"production": ["validate"]},
}
QUICK = {
    **RULES,
    "lifecycle": "quick",
    "escalations": {"standard": [{"after": "5 seconds", "ask": "ciso"}]},
}
FILES = {
    person: {
        "name": name,
        "email": f"{person}@example.com",
        "manager": None if person == "dee" else "dee",
    }
    for person, name in PEOPLE
}


class Photographer:
    """Lives a story in the page and takes pictures of it."""

    def __init__(self, demo: Setting, page: Page) -> None:
        self.demo, self.page = demo, page

    async def describe(self) -> None:
        """Upload people, lifecycles and models."""
        call = self.demo.call
        for rules in (RULES, QUICK):
            await call("PUT", f"/v1/lifecycles/{rules['lifecycle']}", json=rules)
        for person, file in FILES.items():
            await call("PUT", f"/v1/people/{person}", json=file)
        for person, user in self.demo.people.items():
            account = f"/v1/people/{person}/slack/{self.demo.slack.team_id}/{user}"
            await call("PUT", account, json={})
        owners = {"validator": ["ana", "ben", "eve"], "ciso": ["fay"]}
        for model, rules in ((MODEL, "demo"), ("churn-scorer", "quick")):
            file = {"model": model, "lifecycle": rules, "owners": owners, "risk": "high"}
            channel = {"slack_channel": "#model-fraud"} if model == MODEL else {}
            await call("PUT", f"/v1/models/{model}", json=file | channel)
        key = {"scopes": ["pipeline"], "models": ["*"], "events": ["*"], "sources": ["evaluation"]}
        self.demo.seen["pipeline"] = (await call("POST", "/v1/keys", json=key))["key"]

    async def ask(self, version: str, model: str = MODEL) -> None:
        """Register a version, ask for review and attach what was measured."""
        digest = digest_of_bytes(f"{model} {version}".encode())
        body = {
            "version": version,
            "artifact": {"uri": f"s3://models/{model}/{version}", "digest": digest},
            "producers": ["cho"],
        }
        await self.demo.call("POST", f"/v1/models/{model}/versions", json=body)
        await self.demo.call("POST", f"/v1/models/{model}/versions/{version}/requests")
        await self.attach(version, model)

    async def attach(self, version: str, model: str = MODEL, *, again: bool = False) -> None:
        """Send what was measured; measured again it is a little less."""
        digest = digest_of_bytes(f"{model} {version}".encode())
        data = {
            "model": model,
            "version": version,
            "name": "evaluation",
            "verdict": "pass",
            "subject": digest,
            "digest": digest_of_bytes(f"report {version} {again}".encode()),
            "value": {"auc": 0.91 if again else 0.93},
            "uri": "https://mlflow.example.com/runs/7c1f",
        }
        kind = "undersigned.evidence.attached"
        await self.demo.send_event(kind, f"{model}-{version}-{again}", "evaluation", data)

    async def become(self, person: str, place: str = "") -> None:
        """See the workspace as somebody, in their direct messages or at another place."""
        address = f"{self.demo.slack.page_url}#{self.demo.people[person]}"
        await self.page.goto(f"{address}/{place}" if place else address)

    def said(self, *words: str) -> Locator:
        """Find the newest message that has the words."""
        found = self.page.locator(".message")
        for word in words:
            found = found.filter(has_text=word)
        return found.last

    async def open(self, card: Locator, name: str) -> Locator:
        """Press a button of a card, or choose from its menu; give the window that opens."""
        button = card.locator("button", has_text=name)
        if not await button.is_visible():
            await card.get_by_label("More").click()
        await button.click()
        window = self.page.get_by_role("dialog")
        await expect(window).to_be_visible(timeout=WITHIN)
        return window

    async def show(self, name: str, card: Locator, button: str) -> None:
        """Take a picture of the window that a button opens, and close it."""
        await self.picture(name, await self.open(card, button))
        await self.page.keyboard.press("Escape")

    async def picture(self, name: str, what: Locator) -> None:
        """Take a picture of a part of the page."""
        await expect(what).to_be_visible(timeout=WITHIN)
        await what.scroll_into_view_if_needed()
        await what.screenshot(path=IMAGES / f"slack-{name}.png")
        print(name)


async def first_round(taking: Photographer) -> None:
    """Show a card from being asked to the request for changes that ends its round."""
    await taking.ask("14")
    await taking.become("ana")
    card = taking.said("Sign-off by validator")
    await taking.picture("card-asked", card)
    for name, button in (
        ("modal-approve", "Approve with comment"),
        ("modal-changes", "Request changes"),
        ("modal-delegate", "Delegate"),
        ("modal-question", "Ask a question"),
        ("modal-details", "Details"),
    ):
        await taking.show(name, card, button)
    await taking.demo.worker.kill()
    await card.locator("button", has_text="Approve").first.click()
    await taking.picture("card-recording", taking.said("Recording"))
    await taking.demo.worker.start()
    await taking.picture("card-approved", taking.said("1 more", "Approved by Ana Ruiz"))
    await taking.become("ben")
    asking = await taking.open(taking.said("Sign-off by validator"), "Ask a question")
    await asking.get_by_role("textbox").fill("Is March held out of the training data?")
    await asking.get_by_role("button", name="Ask").click()
    await taking.picture("card-question", taking.said("The clock stands"))
    changes = await taking.open(taking.said("Sign-off by validator"), "Request changes")
    await changes.get_by_label("The evaluation leaks").check()
    await changes.get_by_role("textbox").fill(
        "March is in the training data and in the holdout set."
    )
    await changes.get_by_role("button", name="Send back").click()
    await taking.picture("card-changes-requested", taking.said("Changes requested by Ben"))


async def second_round(taking: Photographer) -> None:
    """Show what changed since Ana's last approval."""
    await taking.attach("14", again=True)
    await taking.demo.call("POST", f"/v1/models/{MODEL}/versions/14/requests")
    await taking.become("ana")
    await taking.picture("card-changed-since", taking.said("Changed since your last approval"))


async def silence(taking: Photographer) -> None:
    """Show the card of whoever is asked because nobody answered."""
    await taking.ask("7", "churn-scorer")
    await taking.become("fay")
    await taking.picture("card-escalated", taking.said("because nobody answered"))


async def main() -> None:
    """Take every picture."""
    async with (
        setting(PEOPLE) as demo,
        chromium() as browser,
        window(browser) as page,
    ):
        await page.set_viewport_size({"width": 1100, "height": 1500})
        taking = Photographer(demo, page)
        await taking.describe()
        for part in (first_round, second_round, silence):
            await part(taking)


if __name__ == "__main__":
    asyncio.run(main())
