"""What happens when somebody answers an owner's question: by its button, or in a thread."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from api.slack_interactions import NO_WORDS
from api.slack_keeper import UNREADABLE, Keeper, NotKept, Wish, point_out
from api.slack_payload import Sender, entered, form_of, question_of, reply_to, shown_question
from api.slack_replies import Reply, attempt_of, reply_in
from integrations.slack import asking_modals as modals
from integrations.slack.inputs import LONGEST_SENTENCE
from integrations.slack.talks import LoadTalk, Talk
from integrations.slack.text import Json

RECORDED = "Your answer is recorded."
FOUND_WITHIN = timedelta(seconds=0.4)
LAST_ATTEMPT = 3
"""Slack delivers an event three times more: at once, after a minute, after five."""

SEVERAL = "{count} questions are open here. Press Answer below the one that you mean."
OWN = (
    "This is your own question, and your words here don't answer it. To answer it yourself, press "
    "Answer below it."
)
TOO_LONG = (
    "An answer has at most {most:,} characters, and yours has {length:,}; nothing was recorded. "
    "Say it shorter, or put it where you can link it."
)
COMES_AGAIN = "{why} Slack delivers your words again for some minutes; you hear when it worked."
GIVEN_UP = "{why} It is not tried again; please answer once more."

IsForeign = Callable[[Sender], Awaitable[bool]]
_log = logging.getLogger(__name__)


class Answers:
    """Takes answers to questions; who may give one is judged by the core."""

    def __init__(self, keeper: Keeper, is_foreign: IsForeign, load: LoadTalk) -> None:
        self._keeper = keeper
        self._is_foreign = is_foreign
        self._load = load

    async def ask(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Show the question again, and ask for the answer."""
        ref = question_of(body)
        if ref is None:
            return await self._keeper.say(ack, body, UNREADABLE)
        view = modals.answer(ref, shown_question(body), reply_to(body))
        return await self._keeper.open(ack, body, view)

    async def submit(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Keep an answer that was written in the modal."""
        form = form_of(body)
        if form is None or not form.question:
            return await self._keeper.refuse_form(ack, body)
        text = entered(body, modals.ANSWER_TEXT)
        if not text:
            return await point_out(ack, **{modals.ANSWER_TEXT: NO_WORDS})
        asked = {"kind": "AnswerQuestion", "question": form.question, "text": text}
        return await self._keeper.keep_form(
            ack, body, asked, form, modals.ANSWER_TEXT, done=RECORDED
        )

    async def reply(self, ack: AsyncAck, body: Json, request: AsyncBoltRequest) -> BoltResponse:
        """Keep a reply in one of our threads that answers a question; people may talk otherwise.

        Slack delivers it again where it isn't durable yet.
        """
        said = reply_in(body)
        if said is None or await self._is_foreign(said.who):
            return await ack()
        try:
            async with asyncio.timeout(FOUND_WITHIN.total_seconds()):
                talk = await self._load(said.channel, said.thread_ts)
        except Exception:  # noqa: BLE001 - the edge: Slack delivers it again, and it is looked for then
            _log.warning("could not look for what a thread is about", exc_info=True)
            return BoltResponse(status=503, body="not looked up")
        if talk is None or not talk.questions:
            return await ack()
        trouble = await self._take(said, talk)
        if trouble is None or trouble.is_final:
            if trouble is not None:
                await self._keeper.tell(said.reply_to, trouble.sentence)
            return await ack()
        await self._say_what_is_tried(said, trouble, attempt_of(request.headers))
        return BoltResponse(status=503, body="not recorded")

    async def _take(self, said: Reply, talk: Talk) -> NotKept | None:
        """Keep what is said as the answer to the one question that is open."""
        if len(talk.questions) > 1:
            return NotKept(SEVERAL.format(count=len(talk.questions)), is_final=True)
        [question] = talk.questions
        if await self._keeper.person(said.who) == question.person:
            return NotKept(OWN, is_final=True)
        if len(said.text) > LONGEST_SENTENCE:
            length = len(said.text)
            return NotKept(TOO_LONG.format(most=LONGEST_SENTENCE, length=length), is_final=True)
        wish = Wish(
            who=said.who,
            asked={"kind": "AnswerQuestion", "question": question.id, "text": said.text},
            id=said.id,
            reply_to=said.reply_to,
            about=talk.signoff,
            done=RECORDED,
        )
        return await self._keeper.keep(wish)

    async def _say_what_is_tried(self, said: Reply, trouble: NotKept, attempt: int) -> None:
        """Tell whoever wrote it once that it comes again, and once that it doesn't."""
        if attempt == 0:
            await self._keeper.tell(said.reply_to, COMES_AGAIN.format(why=trouble.sentence))
        elif attempt >= LAST_ATTEMPT:
            await self._keeper.tell(said.reply_to, GIVEN_UP.format(why=trouble.sentence))
