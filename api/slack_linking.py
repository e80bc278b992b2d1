"""Confirming one's own Slack account by a code that one's API key made."""

from api.deps import Composition
from api.rosters import tell_of_person
from api.slack_absences import NotTaken
from api.slack_payload import Sender
from api.slack_telling import Telling
from integrations.database.registry import IdentityTaken
from integrations.database.slack_codes import take_code
from integrations.database.slack_links import Act, confirm_link
from lifecycle.fact_values import Via
from lifecycle.slack_links import SlackUser

WRONG = (
    "This code is wrong, was used, or is older than 15 minutes. Make another with "
    "`undersigned slack link`."
)


class Linking:
    """Takes codes from accounts as Slack signed them."""

    def __init__(self, composition: Composition, telling: Telling) -> None:
        self._composition = composition
        self._telling = telling

    async def link(self, who: Sender, code: str) -> tuple[str, bool]:
        """Confirm an account; give its person and whether every open version could be told.

        Raises NotTaken and Refused with the sentence.
        """
        composition = self._composition
        account = SlackUser(enterprise=who.enterprise, team=who.team, user=who.user)
        now = composition.clock()
        async with composition.database.transaction() as connection:
            found = await take_code(connection, account, code, now)
            if found is not None:
                via = Via.model_validate({**who.via(), "key": found.key})
                act = Act(by=who.identity, by_person=found.person, via=via)
                try:
                    await confirm_link(
                        connection, account, found.person, how="code", act=act, at=now
                    )
                except IdentityTaken as taken:
                    raise NotTaken(str(taken)) from taken
        if found is None:  # after the transaction, so that it is counted
            raise NotTaken(WRONG)
        told = await self._telling.all(tell_of_person(composition, found.person))
        return found.person, told
