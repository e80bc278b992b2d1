import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_

from integrations.database.rows import any_in

_WILD = re.compile(r"[*?]")


def sees(visible_models: Sequence[str] | None, model: str) -> bool:
    """Say whether a reader of these names or globs may see a model; None sees all."""
    if visible_models is None:
        return True
    return any(re.fullmatch(_pattern(one, ".*", "."), model) for one in visible_models)


def is_visible(model: ColumnElement[Any], visible_models: Sequence[str]) -> ColumnElement[bool]:
    """Say the same of a column. `*` stands for any characters and `?` for one, nothing else."""
    names = [one for one in visible_models if not _WILD.search(one)]
    globs = [_like(one) for one in visible_models if _WILD.search(one)]
    return or_(
        model == any_in(names),
        *(model.like(glob) for glob in globs),
    )


def _pattern(glob: str, many: str, one: str) -> str:
    return "".join({"*": many, "?": one}.get(part, re.escape(part)) for part in glob)


def _like(glob: str) -> str:
    escaped = re.sub(r"([\\%_])", r"\\\1", glob)
    return escaped.replace("*", "%").replace("?", "_")
