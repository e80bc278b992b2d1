"""What Slack shows of one person's own: the home tab, times away, and commands."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from api.deps import Composition
from api.slack_absences import Absences
from api.slack_away import AwayForm
from api.slack_changes import Changes
from api.slack_commands import Commands
from api.slack_home import HomeTab
from api.slack_linking import Linking
from api.slack_lists import HomeLists
from api.slack_persons import Persons
from api.slack_telling import Telling
from integrations.slack.away_form import AWAY
from integrations.slack.client import SlackClient
from integrations.slack.command_text import COMMAND
from integrations.slack.home import HOME_ALL, HOME_AWAY, HOME_THERE, MORE, MORE_FIRST
from integrations.slack.lookups import colleague_finder, link_finder, person_finder, recogniser


@dataclass(frozen=True)
class Personal:
    """What answers a person about themselves."""

    home: HomeTab
    away: AwayForm
    commands: Commands
    lists: HomeLists
    telling: Telling
    changes: Changes

    def register(self, app: AsyncApp) -> None:
        """Take what is theirs among all that Slack sends."""
        app.middleware(self.home.remember)
        app.event("app_home_opened")(self.home.opened)
        for page in (MORE, MORE_FIRST):
            app.action(page)(self.home.turn)
        app.action(HOME_ALL)(self.lists.open)
        app.action(HOME_AWAY)(self.away.ask)
        app.action(HOME_THERE)(self.away.clear)
        app.event("user_change")(self.changes.taken)
        app.command(COMMAND)(self.commands.run)
        app.view(AWAY)(self.away.submit)

    async def stop(self) -> None:
        """End what runs beside requests."""
        await self.home.stop()
        await self.telling.stop()


def personal(composition: Composition, client: SlackClient) -> Personal:
    """Wire what Slack shows of a person's own."""
    engine = composition.engine
    persons = Persons(
        person_finder(engine),
        recogniser(client, engine, trusts_email=composition.settings.slack_trust_email),
        colleague_finder(engine, client),
        link_finder(engine),
    )
    home = HomeTab(client, engine, persons, composition.clock)
    telling = Telling()
    absences = Absences(composition, persons, telling)
    away = AwayForm(client, absences, home, composition.clock)
    commands = Commands(
        composition, persons, absences, Linking(composition, client, telling), telling
    )
    lists = HomeLists(client, engine, persons, composition.clock)
    changes = Changes(composition, client, telling)
    return Personal(home, away, commands, lists, telling, changes)
