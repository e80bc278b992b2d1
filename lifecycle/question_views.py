"""Questions to the producers as people see them."""

from lifecycle.notices import called
from lifecycle.state import Stage, VersionState
from lifecycle.view_parts import QuestionView


def question_views(
    state: VersionState, stage: Stage, role: str | None = None
) -> tuple[QuestionView, ...]:
    """Give the questions that were asked at a stage, or by one role of it, oldest first."""
    return tuple(
        QuestionView(
            id=one.id,
            role=one.role,
            person=one.person,
            name=called(state, (one.person,)),
            text=one.text,
            at=one.at,
            answer=one.answer,
            answered_by=one.answered_by,
            answered_at=one.answered_at,
            round=one.round,
            answered_by_name=called(state, (one.answered_by,)) if one.answered_by else "",
        )
        for one in stage.questions
        if role in {None, one.role}
    )
