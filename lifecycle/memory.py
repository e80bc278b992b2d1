"""Answers about frozen values, kept as long as the value lives.

One command asks the same of one state again and again: who may sign, what a request binds to. A
state never changes, so the first answer stands; a copy is another object and is asked anew.
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, TypeVar, TypeVarTuple
from weakref import ref

from pydantic import BaseModel

MOST_ANSWERS = 256
"""How many answers are kept for one value; past it they begin anew."""

Model = TypeVar("Model", bound=BaseModel)
Others = TypeVarTuple("Others")
Answer = TypeVar("Answer")
_Answers = dict[tuple[Any, ...], tuple[tuple[Any, ...], Any]]
_known: dict[int, tuple["ref[BaseModel]", _Answers]] = {}


def _begin(model: BaseModel) -> _Answers:
    identity, answers = id(model), _Answers()
    # The weak reference is the default of `pop`. A lambda would miss `_known` as a process ends.
    forget = partial(_known.pop, identity)
    _known[identity] = (ref(model, forget), answers)
    return answers


def remembered(
    function: Callable[[Model, *Others], Answer],
) -> Callable[[Model, *Others], Answer]:
    """Let a pure function answer once for each frozen model and the very same other arguments.

    Arguments are known by identity, since equal values need not mean the same (`1 == True`), and
    are held with the answer, so that no other object takes their identity meanwhile. The model
    itself is held weakly: its answers go with it. A function that gets only what it reads, rather
    than a whole state, is remembered across the facts that change something else.
    """

    @wraps(function)
    def ask(model: Model, *others: *Others) -> Answer:
        kept = _known.get(id(model))
        answers = kept[1] if kept is not None and kept[0]() is model else _begin(model)
        key = (function, *map(id, others))
        found = answers.get(key)
        if found is None:
            answer = function(model, *others)
            if len(answers) >= MOST_ANSWERS:
                answers.clear()
            answers[key] = (others, answer)
            return answer
        known: Answer = found[1]
        return known

    return ask
