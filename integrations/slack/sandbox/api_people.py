"""`auth.test` and `users.*`."""

from integrations.slack.sandbox.errors import ApiError
from integrations.slack.sandbox.methods import Ask, method
from integrations.slack.sandbox.records import Json, Person
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
        "is_enterprise_install": workspace.is_org_wide,
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
            return {"user": shown(ask, person, with_email=True)}
    raise ApiError("users_not_found")


@method("users.info", "user", "include_locale", scopes=("users:read",))
def info(ask: Ask) -> Json:
    """Show one account, deactivated ones too."""
    person = ask.workspace.people.get(ask.arguments.required("user"))
    if person is None:
        raise ApiError("user_not_found")
    with_email = "users:read.email" in ask.scopes
    return {"user": shown(ask, person, with_email=with_email)}


@method("users.list", "cursor", "limit", "include_locale", scopes=("users:read",))
def list_all(ask: Ask) -> Json:
    """Show all accounts, a page at a time."""
    limit = ask.arguments.number("limit", 1000, low=0, high=1000) or 1000
    people = list(ask.workspace.people.values())
    page, following = paged(people, limit, ask.arguments.text("cursor"))
    now = ask.workspace.clock.now()
    with_email = "users:read.email" in ask.scopes
    return {
        "members": [shown(ask, person, with_email=with_email) for person in page],
        "cache_ts": int(now.timestamp()),
        "response_metadata": {"next_cursor": following},
    }


def shown(ask: Ask, person: Person, *, with_email: bool) -> Json:
    """Show an account; in an organisation, with what it is there."""
    workspace = ask.workspace
    found = person.to_json(workspace.clock.now(), with_email=with_email)
    if workspace.enterprise_id and person.team_id == workspace.team_id and not person.is_bot:
        found["enterprise_user"] = {
            "id": person.id,
            "enterprise_id": workspace.enterprise_id,
            "enterprise_name": "Sandbox Enterprise",
            "is_admin": False,
            "is_owner": False,
            "teams": [workspace.team_id],
        }
    return found
