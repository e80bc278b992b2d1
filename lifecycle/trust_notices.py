"""What people are told once about a version's trust."""

from lifecycle.facts import AnyFact
from lifecycle.state import Notice, VersionState
from lifecycle.trust_facts import BaseVoided


def trust_notice(after: VersionState, fact: AnyFact) -> Notice | None:
    """Give the notice that a fact about a version's trust leads to, when it leads to one."""
    written = _written(fact)
    if written is None or not written[1]:
        return None
    kind, people, text = written
    stage = getattr(fact, "stage", None) or ""
    known = after.stages.get(stage)
    return Notice(
        id=str(after.sequence),
        kind=kind,
        stage=stage if known else "",
        round=known.round if known else 0,
        people=people,
        text=f"{after.model} {after.version}: {text}",
        at=fact.at,
    )


def _written(fact: AnyFact) -> tuple[str, tuple[str, ...], str] | None:
    match fact:
        case BaseVoided():
            why = f": {fact.why}" if fact.why else ""
            text = (
                f"{fact.model} {fact.version}, which it is built on, is no longer approved{why}. "
                "Look whether your approval still holds."
            )
            return "base_voided", fact.told, text
        case _:
            return None
