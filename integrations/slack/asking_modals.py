"""The modals of what an owner can do short of an answer: delegate, snooze, ask."""

from collections.abc import Mapping
from datetime import datetime

from integrations.slack.clicks import ASK, DELEGATE, SNOOZE, Choice, Form, ReplyTo
from integrations.slack.inputs import (
    LONGEST_COMMENT,
    LONGEST_SENTENCE,
    date,
    modal,
    person,
    select,
    subject_of,
    words,
)
from integrations.slack.text import Json, section

TO = "to"
UNTIL = "until"
WHY = "why"
REMIND_AT = "remind_at"
QUESTION = "question"


def delegate(choice: Choice, reply_to: ReplyTo, zone: str, *, can_take_back: bool) -> Json:
    """Ask who answers in the reader's place, and until when."""
    form = Form(
        signoff=choice.signoff,
        revision=choice.revision,
        reply_to=reply_to,
        zone=zone,
        can_take_back=can_take_back,
    )
    hint = "They get the card, and their answer is recorded as yours by them."
    if can_take_back:
        hint = "Name nobody to take your delegation back."
    blocks = [
        section(f"Somebody else answers for {subject_of(choice.signoff)} in your place."),
        person(TO, "Who", hint, is_optional=can_take_back),
        date(UNTIL, "Until the end of", f"Without a day, until it is decided. Your zone: {zone}."),
        words(WHY, "Why", "It is recorded.", longest=LONGEST_COMMENT, is_optional=True),
    ]
    return modal(DELEGATE, "Delegate", blocks, submit="Delegate", form=form)


def snooze(choice: Choice, reply_to: ReplyTo, instants: Mapping[datetime, str]) -> Json:
    """Ask when the reader wants to be reminded."""
    form = Form(signoff=choice.signoff, revision=choice.revision, reply_to=reply_to)
    options = {at.isoformat(): said for at, said in instants.items()}
    blocks = [
        section(
            f"You are reminded of {subject_of(choice.signoff)} then, and not before. "
            "The deadline stays."
        ),
        select(REMIND_AT, "Remind me", options),
    ]
    return modal(SNOOZE, "Snooze", blocks, submit="Snooze", form=form)


def ask(choice: Choice, reply_to: ReplyTo) -> Json:
    """Ask for a question to the producers."""
    form = Form(signoff=choice.signoff, revision=choice.revision, reply_to=reply_to)
    blocks = [
        section(f"You ask about {subject_of(choice.signoff)}."),
        words(
            QUESTION,
            "Your question",
            "The producers are told; the clock stands until they answer.",
            longest=LONGEST_SENTENCE,
        ),
    ]
    return modal(ASK, "Ask a question", blocks, submit="Ask", form=form)
