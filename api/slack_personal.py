"""What Slack shows of one person's own: the home tab."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from api.deps import Composition
from api.slack_home import HomeTab
from integrations.slack.client import SlackClient
from integrations.slack.home import MORE, MORE_FIRST
from integrations.slack.lookups import person_finder, recogniser


@dataclass(frozen=True)
class Personal:
    """What answers a person about themselves."""

    home: HomeTab

    def register(self, app: AsyncApp) -> None:
        """Take what is theirs among all that Slack sends."""
        app.middleware(self.home.remember)
        app.event("app_home_opened")(self.home.opened)
        for page in (MORE, MORE_FIRST):
            app.action(page)(self.home.turn)

    async def stop(self) -> None:
        """End what runs beside requests."""
        await self.home.stop()


def personal(composition: Composition, client: SlackClient) -> Personal:
    """Wire what Slack shows of a person's own."""
    engine = composition.engine
    known, recognise = person_finder(engine), recogniser(client, engine)
    return Personal(HomeTab(client, engine, known, recognise, composition.clock))
