import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from api.slack_sandbox import Play, sandbox_page
from integrations.settings import Settings

MAIN = "from api.cli.main import main; main()"


def settings(**fields: SecretStr | str) -> Settings:
    return Settings(_env_file=None, **fields)  # type: ignore[arg-type]  # pydantic-settings' own


def play(*files: Path, fail: Sequence[str] = (), **fields: SecretStr) -> Play:
    where = {"host": "127.0.0.1", "app_url": "http://127.0.0.1:1/slack/events"}
    return Play.of(settings(**fields), port=0, files=files, fail=fail, **where)


@asynccontextmanager
async def started(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("UNDERSIGNED_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        MAIN,
        *("slack", "sandbox", *arguments),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
async def test_the_sandbox_says_what_to_set_and_ends_cleanly(end: signal.Signals) -> None:
    async with started("--port", "0", "--fail", "reply_lost") as process:
        assert process.stdout is not None
        said = (await process.stdout.readuntil(b"Ctrl-C")).decode()
        exports = dict(re.findall(r"^export UNDERSIGNED_SLACK_(\w+)=(\S+)$", said, re.MULTILINE))
        assert set(exports) == {"API_URL", "BOT_TOKEN", "SIGNING_SECRET", "TRUST_EMAIL"}
        async with httpx.AsyncClient(base_url=re.findall(r"up at (\S+)", said)[0]) as http:
            assert "<title>Slack sandbox</title>" in (await http.get("")).text
            state = (await http.get("page/state")).json()
            assert state["troubles"] == ["Every call: done, and the reply is lost."]
            assert state["people"][0]["name"] == "Ana Ruiz"
            await http.delete("page/troubles")
        client = AsyncWebClient(token=exports["BOT_TOKEN"], base_url=exports["API_URL"])
        assert (await client.auth_test())["ok"]
        process.send_signal(end)
        assert await process.wait() == 0
        assert process.stderr is not None
        assert await process.stderr.read() == b""


def test_people_and_channels_are_the_demos_when_no_file_is_named() -> None:
    found = play()
    assert [name for name, _ in found.people][:2] == ["Ana Ruiz", "Ben Okafor"]
    assert found.channels == ("#model-fraud",)


def test_people_and_channels_come_from_files(tmp_path: Path) -> None:
    file = tmp_path / "house.yaml"
    file.write_text(
        "people:\n  gil: {name: Gil Roy, email: gil@example.com}\n  bot: {machine: true}\n"
        "---\nmodel: m\nslack_channel: '#model-m'\n"
        "---\nlifecycle: l\nescalations: {late: [{after: 1 day, tell: '#risk'}]}\n"
    )
    found = play(file)
    assert found.people == (("Gil Roy", "gil@example.com"),)
    assert found.channels == ("#model-m", "#risk")


def test_files_without_anybody_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.yaml"
    file.write_text("model: m\n")
    with pytest.raises(ValueError, match="No file names a person"):
        play(file)


def test_a_sandboxs_own_settings_are_kept_and_others_never_taken() -> None:
    secret = SecretStr("hush")
    kept = play(slack_bot_token=SecretStr("xoxb-sandbox-1"), slack_signing_secret=secret)
    assert (kept.bot_token, kept.signing_secret) == ("xoxb-sandbox-1", "hush")
    other = play(slack_bot_token=SecretStr("xoxb-1"), slack_signing_secret=secret)
    assert (other.bot_token, other.signing_secret) == (None, None)


def test_the_page_is_named_where_a_sandbox_is_set_up() -> None:
    token = SecretStr("xoxb-sandbox-1")
    found = settings(slack_bot_token=token, slack_api_url="http://127.0.0.1:8090/api/")
    assert sandbox_page(found) == "http://127.0.0.1:8090/"
    assert sandbox_page(settings(slack_bot_token=SecretStr("xoxb-1"))) is None
    assert sandbox_page(settings()) is None


def test_a_failure_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="Slack can't fail as dance"):
        play(fail=["dance"])


async def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, started("--port", str(port)) as process:
        _, said = await process.communicate()
        assert process.returncode == 1
        assert said.decode().startswith(f"The sandbox can't listen on 127.0.0.1:{port}: ")
        assert "Traceback" not in said.decode()
