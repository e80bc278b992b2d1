"""Answers about frozen values, kept as long as the value lives.

One command asks the same of one state again and again: who may sign, what a request binds to. A
state never changes, so the first answer stands; a copy is another object and is asked anew.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Self, TypeVar, TypeVarTuple

from pydantic import BaseModel

MOST_ANSWERS = 256
"""How many answers are kept for one value; past it they begin anew."""

_new = object.__new__
_set = object.__setattr__  # a frozen model's own refuses
_Answers = dict[tuple[Any, ...], tuple[tuple[Any, ...], Any]]


class Remembering(BaseModel):
    """A frozen value that keeps answers about itself, apart from what it is.

    They are in a slot, which neither a copy nor a comparison nor a file looks at.
    """

    __slots__ = ("answers_",)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy as pydantic does; quicker where only fields change, as with each fact."""
        if deep or not update or self.__pydantic_extra__:
            return super().model_copy(update=update, deep=deep)
        fields, named = {**self.__dict__, **update}, {*self.__pydantic_fields_set__, *update}
        return made(type(self), fields, named, self.__pydantic_extra__)


Model = TypeVar("Model", bound=Remembering)


def made(
    kind: type[Model], fields: dict[str, Any], named: set[str], extra: dict[str, Any] | None = None
) -> Model:
    """Give a value of fields that were validated before, in a fraction of pydantic's time."""
    value: Model = _new(kind)
    _set(value, "__dict__", fields)
    _set(value, "__pydantic_fields_set__", named)
    _set(value, "__pydantic_extra__", extra)
    _set(value, "__pydantic_private__", None)
    return value


Others = TypeVarTuple("Others")
Answer = TypeVar("Answer")

# By the slot itself: pydantic's own look-up of what is missing takes longer than most answers.
_kept: Callable[[Remembering], _Answers] = Remembering.__dict__["answers_"].__get__


def _begin(model: Remembering) -> _Answers:
    answers: _Answers = {}
    _set(model, "answers_", answers)
    return answers


def remembered(
    function: Callable[[Model, *Others], Answer],
) -> Callable[[Model, *Others], Answer]:
    """Let a pure function answer once for each frozen model and the very same other arguments.

    Arguments are known by identity, since equal values need not mean the same (`1 == True`), and
    are held with the answer, so that no other object takes their identity meanwhile. The answers
    go with the model. A function that gets only what it reads, rather than a whole state, is
    remembered across the facts that change something else.
    """
    return remembered_of(None, function)


def remembered_of(
    part: Callable[[Model, *Others], Model] | None, function: Callable[[Model, *Others], Answer]
) -> Callable[[Model, *Others], Answer]:
    """Let a pure function answer once for the part of a model that it reads.

    It gets the part and no model, so that it can read nothing else.
    """

    @wraps(function)
    def ask(model: Model, *others: *Others) -> Answer:
        if part is not None:
            model = part(model, *others)
        try:
            answers = _kept(model)
        except AttributeError:
            answers = _begin(model)
        given: tuple[Any, ...] = others
        key: tuple[Any, ...]  # most ask with one or two others; `map` takes twice the time
        if len(given) == 1:
            key = (function, id(given[0]))
        elif len(given) == 2:
            key = (function, id(given[0]), id(given[1]))
        else:
            key = (function, *map(id, given))
        found = answers.get(key)
        if found is not None:
            known: Answer = found[1]
            return known
        answer = function(model, *others)
        if len(answers) >= MOST_ANSWERS:
            answers.clear()
        answers[key] = (others, answer)
        return answer

    return ask
