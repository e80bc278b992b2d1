"""Evidence that a person attaches: who may, and under which names."""

from lifecycle.commands import Attach, Refused
from lifecycle.evidence import rule_of
from lifecycle.involvement import producers_of, requesters_of, roster_of
from lifecycle.speaking import known_speaker
from lifecycle.state import VersionState


def sender(state: VersionState, command: Attach) -> str:
    """Give whose evidence it is; raises Refused for a person who may not attach it.

    What a pipeline may send is its key's matter, and is known by its principal.
    """
    if not (command.person or command.via.slack_user):
        return command.by
    person = known_speaker(state, command).id
    roster = roster_of(state)
    takes_part = person in (*producers_of(state), *requesters_of(state))
    if not takes_part and not any(roster.owns(role, person) for role in roster.owners):
        raise Refused(
            "may-not-attach",
            "Evidence is attached by who made the version, asked for its review, or holds a role "
            "of the model; ask one of them.",
        )
    _check_name(state, command)
    return person


def _check_name(state: VersionState, command: Attach) -> None:
    """Keep people's words from standing in for what a pipeline measures.

    The newest result of a name counts, so that one which can't count would only undo another.
    """
    rule = rule_of(state, command.name)
    if rule is None or command.source in rule.sources:
        return
    given = f"is taken from {' or '.join(rule.sources)}" if rule.sources else "comes from pipelines"
    raise Refused(
        "not-taken-from-people",
        f"{command.name} {given}; attach it under another name, or have the lifecycle name "
        f"{command.source} under its `from`.",
    )
