"""The stand-in Slack workspace as a process of its own, for people without a workspace."""

import asyncio
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import Console

from api.serving import PortTaken
from integrations.documents import parse_documents
from integrations.settings import Settings
from integrations.slack.manifest import manifest
from integrations.slack.sandbox.tokens import BOT_PREFIX
from integrations.slack.sandbox.troubles import Trouble
from integrations.slack.sandbox.workspace import SlackSandbox

DEMO = Path(__file__).parent / "demo" / "lifecycle.yaml"
_CHANNEL = re.compile(r"#[a-z0-9_-]{1,80}")
_out = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True, kw_only=True)
class Play:
    """What the workspace shall be: where, with whom, for which app, and what goes wrong in it."""

    host: str
    port: int
    app_url: str
    people: tuple[tuple[str, str], ...]
    """Names and e-mail addresses."""
    channels: tuple[str, ...]
    troubles: tuple[Trouble, ...] = ()
    bot_token: str | None = None
    signing_secret: str | None = None

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        host: str,
        port: int,
        app_url: str,
        files: Sequence[Path],
        fail: Sequence[str],
    ) -> "Play":
        """Read what the command line says; raises ValueError with a sentence."""
        documents = [
            document.data
            for path in files or [DEMO]
            for document in parse_documents(path.read_bytes(), name=str(path))
        ]
        people = tuple(dict.fromkeys(_people(documents)))
        if not people:
            raise ValueError("No file names a person with an e-mail address.")
        token, secret = _kept(settings)
        return cls(
            host=host,
            port=port,
            app_url=app_url,
            people=people,
            channels=tuple(dict.fromkeys(_channels(documents))),
            troubles=tuple(_trouble(kind) for kind in fail),
            bot_token=token,
            signing_secret=secret,
        )


def sandbox_page(settings: Settings) -> str | None:
    """Name the page of the sandbox that is set up in Slack's place, if one is."""
    token = settings.slack_bot_token
    if token is None or not token.get_secret_value().startswith(BOT_PREFIX):
        return None
    return settings.slack_api_url.removesuffix("api/")


def _kept(settings: Settings) -> tuple[str | None, str | None]:
    """Take token and secret of an earlier sandbox, so that a restart needs no new settings."""
    token, secret = settings.slack_bot_token, settings.slack_signing_secret
    if token is None or secret is None or sandbox_page(settings) is None:
        return None, None
    return token.get_secret_value(), secret.get_secret_value()


def _people(documents: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for document in documents:
        people = document.get("people") if isinstance(document, dict) else None
        for person, each in people.items() if isinstance(people, dict) else ():
            if isinstance(each, dict) and each.get("email"):
                yield str(each.get("name") or person), str(each["email"])


def _channels(content: Any) -> Iterator[str]:
    """Find what names a channel: a model's own, and those that escalations tell."""
    if isinstance(content, dict):
        content = list(content.values())
    if isinstance(content, list):
        for each in content:
            yield from _channels(each)
    elif isinstance(content, str) and _CHANNEL.fullmatch(content):
        yield content


def _trouble(kind: str) -> Trouble:
    try:
        return Trouble.model_validate({"kind": kind})
    except ValidationError as error:
        raise ValueError(f"Slack can't fail as {kind}: {error.errors()[0]['msg']}.") from error


async def play(chosen: Play, stop: asyncio.Event) -> int:
    """Serve the workspace until it is stopped."""
    slack = SlackSandbox(
        host=chosen.host,
        port=chosen.port,
        bot_token=chosen.bot_token,
        signing_secret=chosen.signing_secret,
        manifest=manifest(socket_mode=True),
    )
    members = [slack.add_person(name, email) for name, email in chosen.people]
    for channel in chosen.channels:
        slack.add_channel(channel, members=members)
    slack.connect(chosen.app_url)
    for trouble in chosen.troubles:
        slack.arm(trouble)
    try:
        await slack.__aenter__()
    except OSError as error:
        where = f"{chosen.host}:{chosen.port}"
        raise PortTaken(
            f"The sandbox can't listen on {where}: {os.strerror(error.errno or 0)}."
        ) from error
    try:
        _say_where(slack, chosen)
        await stop.wait()
    finally:
        await slack.__aexit__(None, None, None)
    return 0


def _say_where(slack: SlackSandbox, chosen: Play) -> None:
    """Say where to look, and what to set; the settings can be pasted into a shell."""
    lines = (
        f"The Slack sandbox is up at {slack.page_url}",
        f"  people    {', '.join(name for name, _ in chosen.people) or 'none'}",
        f"  channels  {', '.join(chosen.channels) or 'none'}",
        f"  clicks    go to {chosen.app_url}",
        "Set this for `undersigned run`, or for `undersigned api` and `worker`:",
        "",
        f"export UNDERSIGNED_SLACK_API_URL={slack.base_url}",
        f"export UNDERSIGNED_SLACK_BOT_TOKEN={slack.bot_token}",
        f"export UNDERSIGNED_SLACK_SIGNING_SECRET={slack.signing_secret}",
        "# The addresses here are yours to make up, so accounts need no confirmation:",
        "export UNDERSIGNED_SLACK_TRUST_EMAIL=true",
        "",
        "Ctrl-C stops it.",
    )
    for line in lines:
        _out.print(line, markup=False)
