"""What a command would lead to, for whoever thinks of giving it."""

from datetime import datetime

from lifecycle.commands import Refused
from lifecycle.foreseeing import foresee
from lifecycle.state import VersionState
from workflows.inbox import Unreadable, command_of
from workflows.messages import Preview, PreviewQuestion


def preview(state: VersionState, question: PreviewQuestion, now: datetime) -> Preview:
    """Foresee a command as the version stands; a refusal is an answer too."""
    try:
        seen = foresee(state, command_of(question.envelope), now)
    except Refused as refusal:
        return Preview(code=refusal.code, reason=refusal.reason, sequence=state.sequence)
    except Unreadable as error:
        return Preview(code="unreadable", reason=str(error), sequence=state.sequence)
    return Preview(facts=seen.facts, sentences=seen.sentences, sequence=state.sequence)
