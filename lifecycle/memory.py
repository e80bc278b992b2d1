"""Answers about frozen values, kept as long as the value lives.

One command asks the same of one state again and again: who may sign, what a request binds to. A
state never changes, so the first answer stands; a copy is another object and is asked anew.
"""

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, NamedTuple, TypeVar, TypeVarTuple
from weakref import ref

from pydantic import BaseModel

MOST_ANSWERS = 64
"""How many answers of one function are kept for one value; past it they begin anew."""

Model = TypeVar("Model", bound=BaseModel)
Others = TypeVarTuple("Others")
Answer = TypeVar("Answer")


class _Kept(NamedTuple):
    of: "ref[BaseModel]"
    answers: dict[Hashable, tuple[tuple[Any, ...], Any]]


def remembered(
    function: Callable[[Model, *Others], Answer],
) -> Callable[[Model, *Others], Answer]:
    """Let a pure function answer once for each frozen model and the very same other arguments.

    Arguments are known by identity, since equal values need not mean the same (`1 == True`), and
    are held with the answer, so that no other object takes their identity meanwhile. The model
    itself is held weakly: its answers go with it.
    """
    known: dict[int, _Kept] = {}

    def begin(model: Model) -> _Kept:
        identity = id(model)
        kept = _Kept(ref(model, lambda _: known.pop(identity, None)), {})
        known[identity] = kept
        return kept

    @wraps(function)
    def ask(model: Model, *others: *Others) -> Answer:
        kept = known.get(id(model))
        if kept is None or kept.of() is not model:
            kept = begin(model)
        key = tuple(map(id, others))
        found = kept.answers.get(key)
        if found is None:
            if len(kept.answers) >= MOST_ANSWERS:
                kept.answers.clear()
            found = (others, function(model, *others))
            kept.answers[key] = found
        answer: Answer = found[1]
        return answer

    return ask
