import json

from tests.api.cli.answering import Answer, Server, problem
from tests.api.cli.conftest import Invoke

HOME: dict[str, object] = {
    "id": "T0HOME", "enterprise": None, "name": "Home", "url": "https://home.slack.com/",
    "state": "installed", "scopes_missing": [], "since": "2026-03-02T09:30:00Z",
    "installed_by": "key:a1",
}  # fmt: skip
LINK = "https://undersigned.test/slack/install?ticket=abc"


def page(*items: dict[str, object]) -> Answer:
    return Answer(200, {"items": list(items), "next": None, "as_of": "2026-03-02T10:00:00Z"})


def test_the_link_is_alone_on_stdout(server: Server, invoke: Invoke) -> None:
    made = {"url": LINK, "expires_at": "2026-03-02T09:45:00Z"}
    server.on("POST", "/v1/slack/links", Answer(201, made))

    result = invoke("slack", "install")

    assert result.stdout == LINK + "\n"
    assert "15 minutes" in result.stderr


def test_without_oauth_the_command_says_what_to_set(server: Server, invoke: Invoke) -> None:
    refused = problem(503, "Set UNDERSIGNED_SLACK_CLIENT_ID.")
    server.on("POST", "/v1/slack/links", refused)

    result = invoke("slack", "install")

    assert result.exit_code == 1
    assert "UNDERSIGNED_SLACK_CLIENT_ID" in result.stderr


def test_workspaces_are_listed_with_their_state(server: Server, invoke: Invoke) -> None:
    gone = {**HOME, "id": "T0GONE", "state": "app_uninstalled"}
    server.on("GET", "/v1/slack/workspaces", page(HOME, gone))

    result = invoke("slack", "workspaces")

    assert result.exit_code == 0
    for text in ("T0HOME", "installed", "T0GONE", "app_uninstalled", "ago"):
        assert text in result.stdout


def test_a_missing_scope_is_exit_code_1(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/slack/workspaces", page({**HOME, "scopes_missing": ["im:write"]}))

    result = invoke("slack", "workspaces", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["items"][0]["scopes_missing"] == ["im:write"]


def test_an_app_that_slack_keeps_is_pointed_out(server: Server, invoke: Invoke) -> None:
    gone = Answer(200, {"workspace": "T0HOME", "in_slack": False})
    server.on("DELETE", "/v1/slack/workspaces/T0HOME", gone)

    result = invoke("slack", "uninstall", "T0HOME")

    assert result.exit_code == 0
    assert "forgotten" in result.stdout
    assert "remove it in the workspace" in result.stderr


def test_a_key_of_the_store_is_new_each_time(invoke: Invoke) -> None:
    first, second = invoke("slack", "store-key"), invoke("slack", "store-key")

    assert len(first.stdout.strip()) == 44
    assert first.stdout != second.stdout


def test_encrypting_anew_without_keys_says_what_to_set(invoke: Invoke) -> None:
    result = invoke("slack", "reseal")

    assert result.exit_code == 1
    assert "UNDERSIGNED_SLACK_STORE_KEYS" in result.stderr


def test_the_check_looks_at_every_workspace(server: Server, invoke: Invoke) -> None:
    gone = {**HOME, "id": "T0GONE", "state": "asked"}
    server.on("GET", "/v1/slack/workspaces", page(HOME, gone))
    finding = {"level": "error", "about": "im:write", "sentence": "The app needs im:write."}
    checked = Answer(200, {"workspace": "T0HOME", "items": [finding]})
    server.on("GET", "/v1/slack/workspaces/T0HOME/check", checked)
    env = {
        "UNDERSIGNED_SLACK_CLIENT_ID": "1.2",
        "UNDERSIGNED_SLACK_CLIENT_SECRET": "x",
        "UNDERSIGNED_SLACK_STORE_KEYS": "x",
    }

    result = invoke("slack", "check", "--json", env=env)

    assert result.exit_code == 1
    [found] = json.loads(result.stdout)["items"]
    assert found == {**finding, "about": "T0HOME im:write"}
