"""Saying which roles of a stage are asked now that were not, or no longer, and what changed it."""

from lifecycle.binding import binding, changes
from lifecycle.definition import StageRule
from lifecycle.state import Stage, VersionState

UNNAMED = "Which roles must sign has changed."
"""What edition 1 says; its facts keep their words."""


def roles_changed(
    state: VersionState,
    rule: StageRule,
    stage: Stage,
    before: tuple[str, ...],
    now: tuple[str, ...],
) -> str:
    """Name the roles that came and went, and the inputs of their conditions that are others."""
    if state.edition < 2:
        return UNNAMED
    sentences = [f"{role} must sign too." for role in now if role not in before]
    sentences += [f"{role} is not asked any more." for role in before if role not in now]
    sentences += _inputs_changed(state, rule, stage)
    return " ".join(sentences) or UNNAMED


def _inputs_changed(state: VersionState, rule: StageRule, stage: Stage) -> list[str]:
    said: dict[str, None] = {}
    for one in rule.signoffs:
        asked = stage.signoffs.get(one.role) or stage.earlier.get(one.role)
        if one.when is not None and asked is not None:
            found = changes(asked.binding, binding(state, rule, one))
            said.update(
                dict.fromkeys(s for s in found if s.startswith(("model ", "evidence that")))
            )
    return list(said)
