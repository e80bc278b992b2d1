"""The approvals that a version stands on, as a later version may carry them over."""

from collections.abc import Iterator

from lifecycle.fact_values import Approval, EarlierApproval, Previous, Vote
from lifecycle.side_stages import is_side_stage
from lifecycle.state import Signoff, Stage, VersionState, VersionStatus
from lifecycle.values import signoff_id

LONGEST_COMMENT = 300
"""Characters of a comment that go along; the whole of it is with the original."""


def approvals_of(state: VersionState) -> Previous:
    """Give what stands, with what it binds to; nothing while the version is not approved."""
    if state.status != VersionStatus.APPROVED or state.suspended_why:
        return Previous(version="")
    found = [
        one
        for name, stage in state.stages.items()
        if not is_side_stage(name)
        for one in _of_stage(state, stage)
    ]
    return Previous(version=state.version, approvals=tuple(found))


def _of_stage(state: VersionState, stage: Stage) -> Iterator[EarlierApproval]:
    for approval in stage.standing.approvals if stage.standing else ():
        signoff = _signoff_of(stage, approval)
        if signoff is not None:
            yield EarlierApproval(
                signoff=signoff_id(
                    state.model, state.version, stage.name, signoff.round, approval.role
                ),
                stage=stage.name,
                role=approval.role,
                statement=approval.statement,
                binding=signoff.binding,
                votes=tuple(_shortened(vote) for vote in approval.votes),
            )


def _signoff_of(stage: Stage, approval: Approval) -> Signoff | None:
    """Find the request that was approved; while a renewal is open it is that of the round before.

    A revision is the digest of the binding, so the same revision means the same binding.
    """
    held = (stage.signoffs.get(approval.role), stage.earlier.get(approval.role))
    return next((one for one in held if one and one.revision == approval.revision), None)


def _shortened(vote: Vote) -> Vote:
    return vote.model_copy(update={"comment": vote.comment[:LONGEST_COMMENT]})
