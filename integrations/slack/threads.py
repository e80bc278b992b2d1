"""The thread under a channel's card: the story of the round, each part of it posted once.

What is posted is derived anew from every view, so nothing is kept of it but which messages there
are. Parts that were left behind while Slack was away are said together in one message.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from integrations.slack.cards import Message
from integrations.slack.clicks import ANSWER, QuestionRef
from integrations.slack.controls import button
from integrations.slack.story import Entry, line
from integrations.slack.text import (
    LONGEST_FALLBACK,
    LONGEST_SECTION,
    Json,
    calm,
    context,
    inline,
    moment,
    one_line,
    quote,
    section,
)
from lifecycle.view import SignoffView

MOST_APART = 3
"""Parts that are posted one by one at a time; the others of a longer story are said together."""
LONGEST_SENTENCE = 450
"""Characters of one part's sentence; escaping makes five of one, and a section takes 3,000."""
LONGEST_QUOTE = 3_000
QUESTION = "question"
"""The block whose words the modal of an answer repeats."""


@dataclass(frozen=True)
class Part:
    """One message of a thread."""

    name: str
    """That of the newest entry that it says."""
    message: Message
    is_once: bool


def parts(view: SignoffView, entries: Sequence[Entry], known: Collection[str]) -> Iterator[Part]:
    """Give the messages of a story, in order; `known` are the names of those that there are.

    What comes before a known one and is not known itself was said together with it.
    """
    behind: list[Entry] = []
    last = max((at for at, each in enumerate(entries) if each.name in known), default=-1)
    for at, entry in enumerate(entries):
        if entry.is_alone:
            if at > last:
                yield from _new(behind)
            behind = []
            yield Part(entry.name, entry_message(entry, view), is_once=False)
        elif entry.name in known:
            yield _together([*behind, entry])
            behind = []
        else:
            behind.append(entry)
    yield from _new(behind)


def _new(entries: Sequence[Entry]) -> Iterator[Part]:
    """Give what is still to be said: the newest one by one, whatever is older together."""
    apart = entries if len(entries) <= MOST_APART else entries[1 - MOST_APART :]
    older = entries[: len(entries) - len(apart)]
    if older:
        yield _together(older)
    for entry in apart:
        yield _together([entry])


def _together(entries: Sequence[Entry]) -> Part:
    newest = entries[-1]
    message = entry_message(newest) if len(entries) == 1 else digest_message(entries)
    return Part(newest.name, message, is_once=True)


def entry_message(entry: Entry, view: SignoffView | None = None) -> Message:
    """Say one entry; an open question is answered right there."""
    sentence = inline(entry.sentence, LONGEST_SENTENCE)
    blocks: list[Json] = [section(f"{entry.mark} {sentence}")]
    if entry.words:
        quoted = calm(entry.words, LONGEST_QUOTE)
        blocks.append(quote(quoted, QUESTION if entry.question else None))
    if entry.more:
        blocks.append(section(entry.more))
    blocks.append(context(moment(entry.at)))
    question = entry.question
    if view is not None and question is not None and question.answered_at is None:
        blocks.append(answering(QuestionRef(signoff=view.id, question=question.id)))
    words = f"{entry.sentence} {one_line(entry.words, LONGEST_FALLBACK)}"
    return Message(text=inline(words, LONGEST_FALLBACK), blocks=tuple(blocks))


def answering(ref: QuestionRef) -> Json:
    """Offer to answer a question."""
    label = "Answer this question"
    return {
        "type": "actions",
        "block_id": "answer",
        "elements": [button("Answer", ANSWER, ref.value(), label, style="primary")],
    }


def digest_message(entries: Sequence[Entry]) -> Message:
    """Say several entries in one message, the oldest left out where there are too many."""
    newest: list[str] = []
    room = LONGEST_SECTION * 2 - len("…and 10000 earlier")
    for entry in reversed(entries):
        said = line(entry)
        if len(said) + 1 > room:
            break
        room -= len(said) + 1
        newest.insert(0, said)
    left_out = len(entries) - len(newest)
    earlier = [f"…and {left_out} earlier"] if left_out else []
    text = f"{len(entries)} things happened meanwhile. {entries[-1].sentence}"
    return Message(
        text=inline(text, LONGEST_FALLBACK), blocks=(section("\n".join([*earlier, *newest])),)
    )
