"""What a person does on the page, as the page says it."""

from html import escape
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from integrations.slack.sandbox.delivery import Delivery
from integrations.slack.sandbox.modals import ModalActs
from integrations.slack.sandbox.records import Json


class _Doing(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    who: str


class Click(_Doing):
    """A button of a message, as the version that the page showed has it."""

    do: Literal["click"]
    place: str
    ts: str
    version: int = Field(ge=0)
    block: str
    action: str
    values: Json = {}


class Choose(_Doing):
    """A choice from a menu of a message."""

    do: Literal["choose"]
    place: str
    ts: str
    block: str
    action: str
    value: Any


class ClickView(_Doing):
    """A button or a choice in a modal or on the home tab."""

    do: Literal["click_view"]
    view: str
    block: str
    action: str
    value: Any = None
    values: Json = {}


class Submit(_Doing):
    """A modal, filled in."""

    do: Literal["submit"]
    view: str
    values: Json = {}


class Close(_Doing):
    """A modal, put away."""

    do: Literal["close"]
    view: str


class Say(_Doing):
    """A message, or a slash command when it begins so."""

    do: Literal["say"]
    place: str
    text: str = Field(min_length=1, max_length=4000)
    thread: str | None = None


class Shortcut(_Doing):
    """A shortcut in the menu of a message."""

    do: Literal["shortcut"]
    place: str
    ts: str
    callback: str


class LookHome(_Doing):
    """A look at the home tab."""

    do: Literal["look_home"]


Doing: TypeAlias = Annotated[
    Click | Choose | ClickView | Submit | Close | Say | Shortcut | LookHome,
    Field(discriminator="do"),
]
DOING: TypeAdapter[Doing] = TypeAdapter(Doing)


async def perform(acts: ModalActs, doing: Doing) -> str:
    """Do it; answer what the person would have to be told, nothing when all is well.

    Raises `SandboxError` when it can't be done.
    """
    match doing:
        case Click():
            delivery = await _click(acts, doing)
        case Choose(place=place, ts=ts, action=action, value=value):
            delivery = await acts.choose(doing.who, place, ts, action, value, block_id=doing.block)
        case ClickView(action=action, value=value):
            delivery = await acts.click_view(
                doing.who,
                action,
                value,
                block_id=doing.block,
                values=doing.values,
                view_id=doing.view,
            )
        case Submit(view=view, values=values):
            delivery = await acts.submit_view(doing.who, view, values)
        case Close(view=view):
            return _trouble(await acts.close_view(doing.who, view))
        case Say():
            return await _say(acts, doing)
        case Shortcut(place=place, ts=ts, callback=callback):
            delivery = await acts.shortcut_at(doing.who, place, ts, callback)
        case LookHome():
            return _trouble(await acts.open_home(doing.who))
    return _trouble(delivery)


async def _click(acts: ModalActs, doing: Click) -> Delivery:
    """Click what the person saw, also where the message shows something else by now."""
    seen = acts.version_of(doing.who, doing.place, doing.ts)
    if doing.version != seen:
        return await acts.click_stale(
            doing.who,
            doing.place,
            doing.ts,
            doing.action,
            version=doing.version,
            block_id=doing.block,
        )
    return await acts.click(
        doing.who,
        doing.place,
        doing.ts,
        doing.action,
        block_id=doing.block,
        values=doing.values,
    )


async def _say(acts: ModalActs, doing: Say) -> str:
    if doing.text.startswith("/") and doing.thread is None:
        command, _, rest = doing.text.partition(" ")
        return _trouble(await acts.command(doing.who, command, rest.strip(), where=doing.place))
    # Slack's client sends what somebody types escaped, so that it formats but never commands.
    typed = escape(doing.text, quote=False)
    await acts.say(doing.who, doing.place, typed, thread_ts=doing.thread)
    return ""


def _trouble(delivery: Delivery | None) -> str:
    """Say how the app failed to take it."""
    if delivery is None or delivery.is_acknowledged:
        return ""
    match delivery.outcome:
        case "timeout":
            return f"The app did not answer in time: {delivery.trouble}."
        case "unreachable":
            return f"The app can't be reached: {delivery.trouble}."
        case _:
            return f"The app did not take it: {delivery.trouble}."
