"""What a thread in Slack is about: the request, and its questions that nobody answered yet."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from integrations.database import slack_store, versions
from integrations.slack.story import open_questions
from lifecycle.values import signoff_id
from lifecycle.view import SignoffView, VersionView
from lifecycle.view_parts import QuestionView

_CARDS = ("signoff:", "channel:")
_NOTICE = "notice:"


@dataclass(frozen=True)
class Talk:
    """A thread of ours."""

    signoff: str
    questions: tuple[QuestionView, ...] = ()
    """Those that a reply may answer."""


LoadTalk = Callable[[str, str], Awaitable[Talk | None]]
"""Finds what a thread is about by the channel and timestamp of its first message."""


def talk_loader(engine: AsyncEngine) -> LoadTalk:
    """Load what threads are about, as it was last recorded; None for threads of others."""

    async def load(channel: str, ts: str) -> Talk | None:
        async with engine.connect() as connection:
            row = await slack_store.message_at(connection, channel, ts)
            if row is None:
                return None
            kind, _, about = row.request_id.partition(":")
            if row.request_id.startswith(_CARDS):
                return await _of_card(connection, about)
            return await _of_notice(connection, about) if f"{kind}:" == _NOTICE else None

    return load


async def _of_card(connection: AsyncConnection, signoff: str) -> Talk | None:
    found = await versions.signoff(connection, signoff)
    if found is None:
        return None
    return Talk(signoff, open_questions(SignoffView.model_validate(found)))


async def _of_notice(connection: AsyncConnection, about: str) -> Talk | None:
    """Find the question that somebody was told of, by the notice's `<model>/<version>:<id>`."""
    named, _, notice_id = about.rpartition(":")
    model, _, name = named.partition("/")
    found = await versions.get_version(connection, model, name)
    if found is None:
        return None
    view = VersionView.model_validate(found)
    notice = next((one for one in view.notices if one.id == notice_id and one.question), None)
    return talk_of(view, notice.question) if notice else None


def talk_of(view: VersionView, question: str) -> Talk | None:
    """Say what a question is about, and whether it is open."""
    for stage in view.stages:
        for one in stage.questions:
            if one.id == question:
                signoff = signoff_id(view.model, view.version, stage.name, one.round, one.role)
                is_open = one.answered_at is None and one.round == stage.round
                return Talk(signoff, (one,) if is_open else ())
    return None
