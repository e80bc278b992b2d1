"""Which findings are open, accepted, and in the way."""

from lifecycle.side_stages import acceptance_stage, is_side_stage
from lifecycle.standing import is_closed_by_lapse
from lifecycle.state import Finding, VersionState


def is_accepted(state: VersionState, finding: Finding) -> bool:
    """Say whether the risk of a finding stands accepted, for the bytes of now."""
    stage = state.stages.get(acceptance_stage(finding.id))
    return stage is not None and stage.standing is not None and not is_closed_by_lapse(state, stage)


def is_grave(state: VersionState, finding: Finding) -> bool:
    """Say whether a finding is of a severity that blocks."""
    rule = state.lifecycle.findings if state.lifecycle else None
    return rule is not None and finding.severity in rule.blocks


def blocks(state: VersionState, finding: Finding) -> bool:
    """Say whether a finding keeps stages from being approved and gates closed."""
    is_open = finding.closed_at is None
    return is_open and is_grave(state, finding) and not is_accepted(state, finding)


def blocking(state: VersionState, stages: tuple[str, ...]) -> tuple[Finding, ...]:
    """Give the findings that are in the way of some stages; those of no stage are in every one's.

    The stages in which overrides are reviewed and risks accepted are not held up.
    """
    own = tuple(name for name in stages if not is_side_stage(name))
    return tuple(
        one
        for one in state.findings.values()
        if own and (one.stage is None or one.stage in own) and blocks(state, one)
    )
