"""The part of the fold in which owners are asked."""

from lifecycle.building import built
from lifecycle.fact_values import Asking, Dissent
from lifecycle.round_evolve import CLOCKS_OFF
from lifecycle.stage_facts import OwnersAsked
from lifecycle.state import Signoff, Stage, StageStatus

MOST_REVISIONS = 4


def asked(stage: Stage, fact: OwnersAsked) -> Stage:
    """Send the requests of a round out, with the approvals and objections that are kept."""
    has_order = any(a.after for a in fact.signoffs)
    signoffs = {
        a.role: built(
            Signoff,
            stage=stage.name,
            role=a.role,
            round=fact.round,
            statement=a.statement,
            revision=a.revision,
            binding=a.binding,
            asked=a.asked,
            escalated=tuple(vote.person for vote in a.kept if vote.right == "escalation"),
            escalated_as=stage.earlier[a.role].escalated_as if a.role in stage.earlier else {},
            stands_for=_kept_stands_for(stage, a),
            needed=a.needed,
            votes=a.kept,
            asked_at=fact.at,
            roles=a.roles,
            fallback=a.fallback,
            after=a.after,
            is_open=not a.after,
            due=fact.due if has_order and not a.after else None,
            advisory=a.advisory,
            changes_needed=a.changes_needed,
            dissents=_kept_dissents(stage, a),
            before=bindings_before(stage.earlier.get(a.role), a.revision),
        )
        for a in fact.signoffs
    }
    return stage.model_copy(
        update={
            **CLOCKS_OFF,
            "status": StageStatus.ASKING,
            "round": fact.round,
            "since": fact.at,
            "why": "",
            "due": fact.due,
            "steps": fact.steps,
            "signoffs": signoffs,
            "ask_anew": (),
        }
    )


def _kept_stands_for(stage: Stage, asking: Asking) -> dict[str, tuple[str, ...]]:
    """Keep whom escalated signers stood in for, whose exclusions their kept votes inherit."""
    earlier = stage.earlier.get(asking.role)
    known = earlier.stands_for if earlier is not None else {}
    kept = [vote.person for vote in asking.kept if vote.right == "escalation"]
    return {person: known[person] for person in kept if person in known}


def _kept_dissents(stage: Stage, asking: Asking) -> tuple[Dissent, ...]:
    """Keep the objections to this same revision, as approvals of it are kept."""
    earlier = stage.earlier.get(asking.role)
    if earlier is None or asking.role in stage.ask_anew:
        return ()
    return tuple(d for d in earlier.dissents if d.revision == asking.revision)


def bindings_before(earlier: Signoff | None, current: str) -> dict[str, dict[str, str]]:
    """Keep what the last few revisions bound, so that a late click learns what changed."""
    if earlier is None:
        return {}
    kept = {**earlier.before, earlier.revision: earlier.binding}
    return {r: b for r, b in list(kept.items())[-MOST_REVISIONS:] if r != current}
