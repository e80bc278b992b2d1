"""The modals of what an owner can do short of an answer: delegate, snooze, ask, answer."""

from collections.abc import Mapping
from datetime import datetime

from integrations.slack.clicks import (
    ANSWER,
    ASK,
    DELEGATE,
    SNOOZE,
    Choice,
    Form,
    QuestionRef,
    ReplyTo,
)
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
from integrations.slack.text import Json, quote, section

TO = "to"
UNTIL = "until"
WHY = "why"
REMIND_AT = "remind_at"
QUESTION = "question"
ANSWER_TEXT = "answer"


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


def answer(ref: QuestionRef, question: str, reply_to: ReplyTo) -> Json:
    """Show a question again, and ask for its answer."""
    form = Form(signoff=ref.signoff, revision="", reply_to=reply_to, question=ref.question)
    blocks = [
        section(f"You answer a question about {subject_of(ref.signoff)}."),
        *([quote(question)] if question else []),
        words(
            ANSWER_TEXT,
            "Your answer",
            "It is recorded; whoever asked is told, and the clock goes on.",
            longest=LONGEST_SENTENCE,
        ),
    ]
    return modal(ANSWER, "Answer", blocks, submit="Answer", form=form)
