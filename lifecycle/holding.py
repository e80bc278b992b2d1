"""What a stage or a sign-off is about, for readers: artifacts and evidence, now or as signed."""

from lifecycle.evidence import EvidenceStanding, identity_of, objection, standing_of
from lifecycle.fact_values import Evidence
from lifecycle.state import Stage, StageStatus, VersionState
from lifecycle.values import Instant
from lifecycle.view import ArtifactView, EvidenceView

REPLACED = "It was replaced since; the audit trail has it."


def evidence_views(
    state: VersionState, stage: Stage, names: tuple[str, ...]
) -> tuple[EvidenceView, ...]:
    """Give named evidence as it stands for a stage."""
    at = _judged_at(state, stage)
    return tuple(_view(state, standing_of(state, name, at)) for name in names)


def _view(state: VersionState, judged: EvidenceStanding) -> EvidenceView:
    rules = state.lifecycle.evidence if state.lifecycle else {}
    rule, found = rules.get(judged.name), judged.evidence
    return EvidenceView(
        name=judged.name,
        is_met=judged.is_met,
        why=judged.why,
        sources=rule.sources if rule else (),
        require=rule.require if rule else None,
        verdict=found.verdict if found else None,
        subject=found.subject if found else None,
        digest=found.digest if found else None,
        uri=found.uri if found else None,
        value=found.value if found else {},
        time=found.time if found else None,
        source=found.source if found else None,
    )


def _judged_at(state: VersionState, stage: Stage) -> Instant:
    """Judge age at the last fact, or at the approval once there is one: a view needs no clock."""
    is_decided = stage.status in {StageStatus.APPROVED, StageStatus.EXPIRED}
    if is_decided and stage.standing is not None:
        return stage.standing.at
    at = state.as_of or stage.since
    if at is None:
        raise LookupError("a stage is judged only after a fact")
    return at


def bound_artifacts(state: VersionState, binding: dict[str, str]) -> tuple[ArtifactView, ...]:
    """Give the artifacts that a revision binds, each with the digest that was signed for."""
    views = []
    for label, digest in binding.items():
        group, _, name = label.partition(" ")
        if group == "artifact":
            known = state.artifacts.get(name)
            digest_then = digest if digest.startswith("sha256:") else None
            views.append(
                ArtifactView(name=name, uri=known.uri if known else "", digest=digest_then)
            )
    return tuple(views)


def bound_evidence(
    state: VersionState, stage: Stage, names: tuple[str, ...], binding: dict[str, str]
) -> tuple[EvidenceView, ...]:
    """Give the evidence that a revision binds: the very results, not what came after them."""
    at = _judged_at(state, stage)
    views = []
    for name in names:
        now = standing_of(state, name, at)
        then = binding.get(f"evidence {name}")
        if then is None or identity_of(now.evidence) == then:
            views.append(_view(state, now))
            continue
        kept = next((e for e in state.evidence.get(name, ()) if identity_of(e) == then), None)
        views.append(_view(state, _as_it_was(state, name, kept)))
    return tuple(views)


def _as_it_was(state: VersionState, name: str, evidence: Evidence | None) -> EvidenceStanding:
    """Judge a result that no longer counts as it was judged when it did."""
    if evidence is None:
        return EvidenceStanding(name=name, is_met=False, why=REPLACED)
    why = objection(state, name, evidence)
    return EvidenceStanding(name=name, is_met=not why, why=why or "passed", evidence=evidence)
