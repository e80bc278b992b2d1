"""Confirming one's own Slack account by a code that one's API key made."""

import asyncio
import logging
from datetime import timedelta

from api.deps import Composition
from api.rosters import tell_of_person
from api.slack_absences import NotTaken
from api.slack_payload import Sender
from api.slack_telling import Telling
from integrations.database.registry import IdentityTaken
from integrations.database.slack_codes import take_code
from integrations.database.slack_links import Act, confirm_link
from integrations.slack.client import SlackClient
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.moments import now
from integrations.slack.standing import Standing
from lifecycle.fact_values import Via
from lifecycle.slack_links import SlackUser
from lifecycle.speaking_accounts import barred_sentence

CHECKED_WITHIN = timedelta(seconds=0.7)

WRONG = (
    "This code is wrong, was used, or is older than 15 minutes. Make another with "
    "`undersigned slack link`."
)

_log = logging.getLogger(__name__)


class Linking:
    """Takes codes from accounts as Slack signed them."""

    def __init__(self, composition: Composition, client: SlackClient, telling: Telling) -> None:
        self._composition = composition
        self._client = client
        self._telling = telling

    async def link(self, who: Sender, code: str) -> tuple[str, bool]:
        """Confirm an account; give its person and whether every open version could be told.

        Raises NotTaken and Refused with the sentence.
        """
        composition = self._composition
        account = SlackUser(enterprise=who.enterprise, team=who.team, user=who.user)
        await self._refuse_barred(account)
        at = composition.clock()
        async with composition.database.transaction() as connection:
            found = await take_code(connection, account, code, at)
            if found is not None:
                via = Via.model_validate({**who.via(), "key": found.key})
                act = Act(by=who.identity, by_person=found.person, via=via)
                try:
                    await confirm_link(
                        connection, account, found.person, how="code", act=act, at=at
                    )
                except IdentityTaken as taken:
                    raise NotTaken(str(taken)) from taken
        if found is None:  # after the transaction, so that it is counted
            raise NotTaken(WRONG)
        told = await self._telling.all(tell_of_person(composition, found.person))
        return found.person, told

    async def _refuse_barred(self, account: SlackUser) -> None:
        """Refuse who can't decide anyway; when Slack doesn't say in time, their clicks are."""
        try:
            async with asyncio.timeout(CHECKED_WITHIN.total_seconds()):
                standing = Standing(
                    self._client, self._composition.engine, await self._client.identify()
                )
                found = await standing.check(account, now())
        except (SlackUnavailable, SlackRefused, SlackAuthLost, TimeoutError) as trouble:
            _log.warning("could not learn what an account is: %s", trouble)
            return
        if found is not None and found.barred:
            raise NotTaken(barred_sentence(found.barred))
