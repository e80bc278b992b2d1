"""Answers about frozen values, kept as long as the value lives.

One command asks the same of one state again and again: who may sign, what a request binds to. A
state never changes, so the first answer stands; a copy is another object and is asked anew.
"""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, TypeVar, TypeVarTuple

from lifecycle.building import Building

MOST_ANSWERS = 256
"""How many answers are kept for one value; past it they begin anew."""

_Answers = dict[object, tuple[tuple[object, ...], Any]]


class Remembering(Building):
    """A frozen value that keeps answers about itself, apart from what it is.

    They are in a slot, which neither a copy nor a comparison nor a file looks at.
    """

    __slots__ = ("answers_",)


Model = TypeVar("Model", bound=Remembering)
Others = TypeVarTuple("Others")
Answer = TypeVar("Answer")

# By the slot itself: pydantic's own look-up of what is missing takes longer than most answers.
_kept: Callable[[Remembering], _Answers] = Remembering.__dict__["answers_"].__get__
_keep: Callable[[Remembering, _Answers], None] = Remembering.__dict__["answers_"].__set__


def remembered(
    function: Callable[[Model, *Others], Answer],
) -> Callable[[Model, *Others], Answer]:
    """Let a pure function answer once for each frozen model and the very same other arguments.

    Arguments are known by identity, since equal values need not mean the same (`1 == True`), and
    are held with the answer, so that no other object takes their identity meanwhile. The answers
    go with the model. A function that gets only what it reads, rather than a whole state, is
    remembered across the facts that change something else.
    """
    return remembered_of(None, None, function)


def remembered_of(
    kind: type[Model] | None,
    part: Callable[[Model, *Others], Model] | None,
    function: Callable[[Model, *Others], Answer],
) -> Callable[[Model, *Others], Answer]:
    """Let a pure function answer once for the part of a model that it reads.

    It gets the part and no model, so that it can read nothing else. A model of the part's own kind
    is the part itself.
    """
    ways = {1: _ask_alone, 2: _ask_with_one, 3: _ask_with_two}
    way: Callable[..., Any] = ways.get(len(signature(function).parameters), _ask_with_more)
    asking: Any = wraps(function)(way(kind, part, function))
    answering: Callable[[Model, *Others], Answer] = asking
    return answering


_Kind = type[Remembering] | None
_Part = Callable[..., Remembering] | None
_Function = Callable[..., Any]

# Four of one kind: most ask with nothing or one thing else, in half the time of the last.


def _ask_alone(kind: _Kind, part: _Part, function: _Function) -> _Function:
    def ask(model: Remembering) -> Any:
        if part is not None and type(model) is not kind:
            model = part(model)
        try:
            found = _kept(model).get(function)
        except AttributeError:
            found = None
        return found[1] if found is not None else _find(function, function, model)

    return ask


def _ask_with_one(kind: _Kind, part: _Part, function: _Function) -> _Function:
    def ask(model: Remembering, other: object) -> Any:
        if part is not None and type(model) is not kind:
            model = part(model, other)
        key = (function, id(other))
        try:
            found = _kept(model).get(key)
        except AttributeError:
            found = None
        return found[1] if found is not None else _find(key, function, model, other)

    return ask


def _ask_with_two(kind: _Kind, part: _Part, function: _Function) -> _Function:
    def ask(model: Remembering, other: object, third: object) -> Any:
        if part is not None and type(model) is not kind:
            model = part(model, other, third)
        key = (function, id(other), id(third))
        try:
            found = _kept(model).get(key)
        except AttributeError:
            found = None
        return found[1] if found is not None else _find(key, function, model, other, third)

    return ask


def _ask_with_more(kind: _Kind, part: _Part, function: _Function) -> _Function:
    def ask(model: Remembering, *others: object) -> Any:
        if part is not None and type(model) is not kind:
            model = part(model, *others)
        key = (function, *map(id, others))
        try:
            found = _kept(model).get(key)
        except AttributeError:
            found = None
        return found[1] if found is not None else _find(key, function, model, *others)

    return ask


def _find(key: object, function: _Function, model: Remembering, *others: object) -> Any:
    """Answer what was not asked before, and keep it."""
    answer = function(model, *others)
    try:
        answers = _kept(model)
    except AttributeError:
        answers = {}
        _keep(model, answers)
    if len(answers) >= MOST_ANSWERS:
        answers.clear()
    answers[key] = (others, answer)
    return answer
