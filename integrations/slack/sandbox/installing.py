"""What happens to the app as a whole: consent, installing it, taking it out."""

import asyncio
import secrets
from urllib.parse import parse_qs, urlsplit

from integrations.slack.sandbox.delivery import Delivery
from integrations.slack.sandbox.faults import Faults
from integrations.slack.sandbox.modals import ModalActs
from integrations.slack.sandbox.oauth import Branch, Registration
from integrations.slack.sandbox.tokens import Tokens
from integrations.slack.sandbox.troubles import Trouble


class Installs(ModalActs):
    """A workspace in which the app is, or may be, installed."""

    faults: Faults
    _tokens: Tokens
    _branch: Branch
    _registration: Registration

    def _begin_telling(self) -> None:
        """Let the app hear of it when it takes itself out."""
        tasks: set[asyncio.Task[None]] = set()

        def tell() -> None:
            task = asyncio.get_running_loop().create_task(self._tell_of_the_end())
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        self._branch.on_uninstalled = tell

    @property
    def client_id(self) -> str:
        """The app's client id, for OAuth."""
        return self._registration.client_id

    @property
    def client_secret(self) -> str:
        """The app's client secret, for OAuth."""
        return self._registration.client_secret

    def allow_redirects_to(self, url: str) -> None:
        """Put a redirect URL into the app's settings."""
        self._registration.redirect_urls.append(url)

    def consent(self, authorize_url: str, *, installer: str = "") -> str:
        """Allow the app in this workspace on Slack's page; answer where the browser goes then.

        Raises `ConsentRefused`.
        """
        query = urlsplit(authorize_url).query
        return self._registration.allow(query, self._branch, installer or self._workspace.bot.id)

    def refuse(self, authorize_url: str) -> str:
        """Cancel on Slack's page of consent; answer where the browser goes then."""
        return self._registration.deny(urlsplit(authorize_url).query)

    def asked_scopes(self, authorize_url: str) -> set[str]:
        """Give what Slack's page of consent says that the app asks for."""
        return set(parse_qs(urlsplit(authorize_url).query)["scope"][0].split(","))

    async def uninstall_app(self) -> None:
        """Take the app out, as the workspace's administrators do."""
        self._tokens.revoke()
        await self._tell_of_the_end()

    async def tell_tokens_revoked(self, *bots: str) -> Delivery | None:
        """Tell the app that the tokens of bots were revoked; its own when none is named."""
        revoked = {"oauth": [], "bot": list(bots) or [self._workspace.bot.id]}
        return await self.event({"type": "tokens_revoked", "tokens": revoked})

    async def _tell_of_the_end(self) -> None:
        await self.event({"type": "app_uninstalled"})
        await self.tell_tokens_revoked()

    async def verify_request_url(self) -> Delivery:
        """Challenge the request URL as Slack does when it is entered."""
        challenge = secrets.token_urlsafe(24)
        payload = {
            "token": self._workspace.verification_token,
            "challenge": challenge,
            "type": "url_verification",
        }
        delivery = await self._deliver("events_api", payload)
        if challenge not in {delivery.body.strip(), delivery.answer.get("challenge")}:
            delivery.outcome = "refused"
            delivery.trouble = delivery.trouble or "the challenge was not answered"
        return delivery

    def arm(self, trouble: Trouble) -> None:
        """Let Slack fail as the page's panel does."""
        trouble.arm(self.faults, self._tokens)
        self._workspace.touch()

    def revoke_token(self) -> None:
        """Take the bot token back: every call answers `token_revoked`."""
        self._tokens.revoke()

    def restore_token(self) -> None:
        """Let a revoked token be good again."""
        self._tokens.restore()

    def reinstall(self) -> str:
        """Install the app anew; the old token is revoked, the new one answered."""
        return self._tokens.renew()
