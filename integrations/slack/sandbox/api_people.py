"""`auth.test` and `users.*`."""

from integrations.slack.sandbox.errors import ApiError
from integrations.slack.sandbox.methods import Ask, method
from integrations.slack.sandbox.records import Json
from integrations.slack.sandbox.state import paged


@method("auth.test")
def auth_test(ask: Ask) -> Json:
    """Say whose token this is."""
    workspace = ask.workspace
    answer: Json = {
        "url": f"https://{workspace.team_name.lower()}.slack.com/",
        "team": workspace.team_name,
        "user": workspace.bot.handle,
        "team_id": workspace.team_id,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot.bot_id,
        "is_enterprise_install": False,
    }
    if workspace.enterprise_id:
        answer["enterprise_id"] = workspace.enterprise_id
    return answer


@method("users.lookupByEmail", "email", scopes=("users:read.email",))
def lookup_by_email(ask: Ask) -> Json:
    """Find a member who isn't deactivated by address."""
    wanted = ask.arguments.required("email").strip().lower()
    for person in ask.workspace.people.values():
        is_member = person.team_id == ask.workspace.team_id and not person.deleted
        if wanted and person.email.lower() == wanted and is_member:
            return {"user": person.to_json(ask.workspace.clock.now(), with_email=True)}
    raise ApiError("users_not_found")


@method("users.info", "user", "include_locale", scopes=("users:read",))
def info(ask: Ask) -> Json:
    """Show one account, deactivated ones too."""
    person = ask.workspace.people.get(ask.arguments.required("user"))
    if person is None:
        raise ApiError("user_not_found")
    with_email = "users:read.email" in ask.scopes
    return {"user": person.to_json(ask.workspace.clock.now(), with_email=with_email)}


@method("users.list", "cursor", "limit", "include_locale", scopes=("users:read",))
def list_all(ask: Ask) -> Json:
    """Show all accounts, a page at a time."""
    limit = ask.arguments.number("limit", 1000, low=0, high=1000) or 1000
    people = list(ask.workspace.people.values())
    page, following = paged(people, limit, ask.arguments.text("cursor"))
    now = ask.workspace.clock.now()
    with_email = "users:read.email" in ask.scopes
    return {
        "members": [person.to_json(now, with_email=with_email) for person in page],
        "cache_ts": int(now.timestamp()),
        "response_metadata": {"next_cursor": following},
    }
