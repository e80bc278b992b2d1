"""The modals of the message shortcut: to which version, and as evidence or as an answer."""

import hashlib
import json
from collections.abc import Sequence

from integrations.database.participation import OpenVersion
from integrations.slack.clicks import ReplyTo
from integrations.slack.inputs import (
    LONGEST_SENTENCE,
    MOST_OPTIONS,
    line,
    modal,
    select,
    words,
)
from integrations.slack.text import Json, calm, code, context, inline, one_line, quote, section
from lifecycle.canonical import short
from lifecycle.values import Frozen
from lifecycle.view import VersionView
from lifecycle.view_parts import QuestionView

ATTACH = "attach"
"""The shortcut in a message's menu, and its first modal."""
ATTACH_EVIDENCE = "attach_evidence"
ATTACH_ANSWER = "attach_answer"
SHORTCUT_NAME = "Attach to a sign-off"
SOURCE = "slack"
"""The source of evidence that people attach here, as a lifecycle's `from` names it."""

VERSION = "version"
PURPOSE = "purpose"
NAME = "name"
OTHER_NAME = "other_name"
VERDICT = "verdict"
SUBJECT = "subject"
QUESTION = "question"
ANSWER = "answer"

LONGEST_METADATA = 3_000
LONGEST_TEXT = 1_500
"""Characters of a message that are kept; the whole of it is behind its link."""
LONGEST_LINK = 300
LONGEST_NAME = 100

_PURPOSES = {"evidence": "Evidence", "answer": "The answer to a question"}
_VERDICTS = {"pass": "It speaks for the version", "fail": "It speaks against the version"}


class Attachment(Frozen):
    """A message that somebody attaches, as its modals remember it."""

    reply_to: ReplyTo
    place: str
    """Team, channel and timestamp of the message."""
    author: str
    text: str
    link: str = ""
    digest: str
    """Of the whole message, however much of it is kept."""
    model: str = ""
    version: str = ""

    def metadata(self) -> str:
        """Write what a modal remembers, with as much of the text as Slack takes."""
        written = self.model_dump_json(exclude_defaults=True)
        if len(written) <= LONGEST_METADATA:
            return written
        room = LONGEST_METADATA - len(self.model_copy(update={"text": ""}).model_dump_json())
        kept = self.text
        while len(json.dumps(kept, ensure_ascii=False)) > room:
            kept = kept[: -max(len(kept) // 20, 1)]
        return self.model_copy(update={"text": kept}).model_dump_json(exclude_defaults=True)


def attachment(reply_to: ReplyTo, ts: str, author: str, text: str, link: str = "") -> Attachment:
    """Take a message down; what is hidden in its text is taken out."""
    place = f"{reply_to.team}/{reply_to.channel}/{ts}"
    whole = json.dumps([place, author, text]).encode(errors="backslashreplace")
    return Attachment(
        reply_to=reply_to,
        place=place,
        author=one_line(author, LONGEST_NAME),
        text=calm(text, LONGEST_TEXT),
        link=link if len(link) <= LONGEST_LINK else "",
        digest=f"sha256:{hashlib.sha256(whole).hexdigest()}",
    )


def place_of(one: OpenVersion) -> str:
    """Name a version as a choice; its own name may be longer than Slack takes there."""
    return hashlib.sha256(json.dumps([one.model, one.version]).encode()).hexdigest()[:40]


def choose(message: Attachment, open_: Sequence[OpenVersion]) -> Json:
    """Ask which version a message is about, and what it is to be there."""
    options = {place_of(one): f"{one.model} {one.version} ({one.status})" for one in open_}
    blocks = [
        *_quoted(message),
        select(VERSION, "To which version", options),
        select(PURPOSE, "As what", _PURPOSES),
    ]
    if len(open_) > MOST_OPTIONS:
        said = f"The newest {MOST_OPTIONS} versions are listed; use the API for older ones."
        blocks.append(context(said))
    view = modal(ATTACH, "Attach a message", blocks, submit="Next")
    return {**view, "private_metadata": message.metadata()}


def evidence(message: Attachment, view: VersionView) -> Json:
    """Ask for the evidence's name, what it says, and about which bytes; raises ValueError.

    Names whose evidence is measured by pipelines are not offered.
    """
    subjects = {a.digest: f"{a.name}, {short(a.digest)}" for a in view.artifacts if a.digest}
    if not subjects:
        raise ValueError("The bytes of this version are not known yet; attach the message later.")
    names = taken_from_people(view)
    typed = line(
        OTHER_NAME,
        "Another name" if names else "Under which name",
        "Small letters, digits, dots and dashes. A note under a name of your own decides nothing.",
        longest=LONGEST_NAME,
        is_optional=bool(names),
    )
    chosen = [select(NAME, "Under which name", names, is_optional=True)] if names else []
    blocks = [
        *_about(message),
        *_quoted(message),
        *chosen,
        typed,
        select(VERDICT, "What it says", _VERDICTS),
        select(SUBJECT, "About which bytes", subjects),
    ]
    shown = modal(ATTACH_EVIDENCE, "Attach as evidence", blocks, submit="Attach")
    return {**shown, "private_metadata": message.metadata()}


def taken_from_people(view: VersionView) -> dict[str, str]:
    """Give the names under which the stages take evidence from people."""
    found = (one for stage in view.stages for one in stage.evidence if SOURCE in one.sources)
    return {one.name: one.name for one in found}


def answer(message: Attachment, questions: Sequence[QuestionView]) -> Json:
    """Ask which question a message answers; its words can be changed."""
    options = {one.id: f"{one_line(one.name, 25)}: {one.text}" for one in questions}
    blocks = [
        *_about(message),
        select(QUESTION, "Which question", options),
        words(
            ANSWER,
            "The answer",
            "It is recorded as given by you; whoever asked is told.",
            longest=LONGEST_SENTENCE,
            initial=answer_text(message),
        ),
    ]
    shown = modal(ATTACH_ANSWER, "Attach as an answer", blocks, submit="Answer")
    return {**shown, "private_metadata": message.metadata()}


def answer_text(message: Attachment) -> str:
    """Say who wrote what, and where it is."""
    head, tail = f"{message.author} wrote: ", f"\n{message.link}" if message.link else ""
    return head + calm(message.text, LONGEST_SENTENCE - len(head) - len(tail)) + tail


def open_questions_of(view: VersionView) -> tuple[QuestionView, ...]:
    """Give the questions of a version that wait for an answer."""
    return tuple(
        one
        for stage in view.stages
        for one in stage.questions
        if one.answered_at is None and one.round == stage.round
    )


def _about(message: Attachment) -> list[Json]:
    return [section(f"About {code(message.model)} version {code(message.version)}.")]


def _quoted(message: Attachment) -> list[Json]:
    shown = quote(calm(message.text, 600)) if message.text else section("It has no words.")
    return [section(f"{inline(message.author, 80)} wrote:"), shown]
