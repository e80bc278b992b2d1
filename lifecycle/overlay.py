"""One definition laid over another: what `extends:` in a lifecycle file means.

- Mappings merge key by key; what the overlay says wins, and `null` takes a key away.
- Lists of names and of named things add up by name: roles, stages, a stage's sign-offs (by role),
  needs, evidence and `independent_of`, the stages of a gate and of `trust.renew`, `never`, freezes.
  A new one goes to the end, a stage to `before:` or `after_stage:` another; an entry with
  `remove: true` takes one away.
- `reopen` rules have no names: those of the overlay are added.
- Every other list is replaced.

Before a stage is put between others, those below get their `needs` written out: a stage that needed
the one above goes on to need it, so no overlay loosens an order that it doesn't speak of.

Every value remembers which document it came from and where it stood there, so that an error in
the result is shown at the line that caused it.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from lifecycle.finding import Path, listed

BEFORE = "before"
AFTER = "after_stage"
REMOVE = "remove"
_NAMED: dict[Path, tuple[str, str]] = {
    ("roles",): ("name", "role"),
    ("separation", "never"): ("name", "word"),
    ("stages",): ("name", "stage"),
    ("stages", "*", "signoffs"): ("role", "sign-off of role"),
    ("stages", "*", "needs"): ("name", "stage"),
    ("stages", "*", "evidence"): ("name", "evidence"),
    ("stages", "*", "independent_of"): ("name", "stage"),
    ("gates", "*"): ("name", "stage"),
    ("trust", "renew"): ("name", "stage"),
    ("freezes",): ("name", "freeze"),
}
"""The lists that add up by name: the key that names an item, and what to call one."""
_ADDED: Path = ("reopen",)


class Node(NamedTuple):
    """A value, the document it came from and its path there."""

    value: Any
    """A mapping or list of nodes, or a plain value."""
    layer: int
    """Which document, by its place in the order of merging."""
    path: Path


class Misplaced(NamedTuple):
    """Something in an overlay that doesn't fit what it is laid over."""

    layer: int
    path: Path
    message: str


def planted(data: Any, layer: int, path: Path = ()) -> Node:
    """Give plain data as nodes of one document."""
    if isinstance(data, dict):
        return Node({k: planted(v, layer, (*path, k)) for k, v in data.items()}, layer, path)
    if isinstance(data, (list, tuple)):
        return Node([planted(v, layer, (*path, i)) for i, v in enumerate(data)], layer, path)
    return Node(data, layer, path)


def plain(node: Node) -> Any:
    """Give nodes as plain data again."""
    if isinstance(node.value, dict):
        return {key: plain(below) for key, below in node.value.items()}
    if isinstance(node.value, list):
        return [plain(below) for below in node.value]
    return node.value


def places(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield every value of a tree with its path in it."""
    yield path, node
    if isinstance(node.value, dict):
        for key, below in node.value.items():
            yield from places(below, (*path, key))
    elif isinstance(node.value, list):
        for index, below in enumerate(node.value):
            yield from places(below, (*path, index))


def laid_over(base: Node, over: Node, misplaced: list[Misplaced]) -> Node:
    """Merge two definitions; what doesn't fit is added to `misplaced` and left out."""
    return _merged(_ordered(base), over, (), misplaced)


def _ordered(base: Node) -> Node:
    """Write the default of `needs` out: the stage above."""
    stages = base.value.get("stages") if isinstance(base.value, dict) else None
    if stages is None or not isinstance(stages.value, list):
        return base
    above: list[Node] = []
    filled: list[Node] = []
    for stage in stages.value:
        words = stage.value if isinstance(stage.value, dict) else {}
        if words and ("needs" not in words or words["needs"].value is None):
            needs = Node(above, stage.layer, (*stage.path, "needs"))
            stage = stage._replace(value={**words, "needs": needs})  # noqa: PLW2901 - the same stage, written out
        filled.append(stage)
        above = [words["name"]] if "name" in words else []
    return base._replace(value={**base.value, "stages": stages._replace(value=filled)})


def _kind_of_list(at: Path) -> Path:
    """Give the path of a list with the names of gates left open, as the table has it."""
    return ("gates", "*") if len(at) == 2 and at[0] == "gates" else at


def _merged(base: Node, over: Node, at: Path, misplaced: list[Misplaced]) -> Node:
    if isinstance(base.value, dict) and isinstance(over.value, dict):
        return _mapping(base, over, at, misplaced)
    if isinstance(base.value, list) and isinstance(over.value, list):
        if _kind_of_list(at) in _NAMED:
            return _NamedList(base, over, at, misplaced).merged()
        if at == _ADDED:
            return Node([*base.value, *over.value], over.layer, over.path)
    return over


def _mapping(base: Node, over: Node, at: Path, misplaced: list[Misplaced]) -> Node:
    result = dict(base.value)
    for key, value in over.value.items():
        if key not in result:
            # A `null` stays here: the reader of the result says whether the key exists at all.
            result[key] = _bare(value, (*at, key), misplaced)
        elif value.value is None:
            del result[key]
        else:
            result[key] = _merged(result[key], value, (*at, key), misplaced)
    return Node(result, over.layer, over.path)


def _bare(over: Node, at: Path, misplaced: list[Misplaced]) -> Node:
    """Give a value that has nothing below it, without the words that place it."""
    if _kind_of_list(at) in _NAMED and isinstance(over.value, list):
        return _NamedList(Node([], over.layer, over.path), over, at, misplaced).merged()
    return over


class _NamedList:
    """Items of an overlay, taken one after the other into a list of named things."""

    def __init__(self, base: Node, over: Node, at: Path, misplaced: list[Misplaced]) -> None:
        self._items: list[Node] = list(base.value)
        self._over = over
        self._at = (*at, "*")
        self._key, self._thing = _NAMED[_kind_of_list(at)]
        self._is_placed = at == ("stages",)
        self._misplaced = misplaced
        self._last_after: dict[str, str] = {}

    def merged(self) -> Node:
        names: list[str] = []
        for item in self._over.value:
            name = self._name(item)
            if name is not None and name in names:
                self._refuse(item, f"the {self._thing} {name} is given twice; write it once")
            else:
                self._take(item)
                names += [name] if name is not None else []
        return Node(self._items, self._over.layer, self._over.path)

    def _take(self, item: Node) -> None:
        name = self._name(item)
        index = self._index(name)
        words = item.value if isinstance(item.value, dict) else {}
        if REMOVE in words:
            self._remove(item, name, index)
            return
        rest = {k: v for k, v in words.items() if not self._places(k)}
        new = item._replace(value=rest) if words else item
        if index is None:
            new = self._without_words(new)
        else:
            new = _merged(self._items[index], new, self._at, self._misplaced)
        anchors = [key for key in (BEFORE, AFTER) if self._places(key) and key in words]
        if index is not None and not anchors:
            self._items[index] = new
            return
        if index is not None:
            del self._items[index]
        self._items.insert(self._position(item, name, anchors), new)

    def _places(self, key: str) -> bool:
        return self._is_placed and key in {BEFORE, AFTER}

    def _without_words(self, item: Node) -> Node:
        if not isinstance(item.value, dict):
            return item
        below = {k: _bare(v, (*self._at, k), self._misplaced) for k, v in item.value.items()}
        return item._replace(value=below)

    def _remove(self, item: Node, name: str | None, index: int | None) -> None:
        extra = [key for key in item.value if key not in {REMOVE, self._key}]
        if item.value[REMOVE].value is not True or extra:
            self._refuse(item.value[REMOVE], f"write `remove: true` beside `{self._key}` alone")
        elif index is None:
            self._refuse(
                item, f"there is no {self._thing} {name} to remove; there are {self._known()}"
            )
        else:
            del self._items[index]

    def _position(self, item: Node, name: str | None, anchors: list[str]) -> int:
        """Give the place of an item; after another stage the overlay's own order is kept."""
        if not anchors:
            return len(self._items)
        anchor = item.value[anchors[0]]
        index = self._index(anchor.value) if isinstance(anchor.value, str) else None
        if len(anchors) > 1 or index is None:
            self._refuse(
                anchor,
                f"write one of `{BEFORE}` and `{AFTER}`"
                if len(anchors) > 1
                else f"there is no stage {anchor.value} to place {name} at; there are "
                f"{self._known()}",
            )
            return len(self._items)
        if anchors[0] == BEFORE:
            return index
        last = self._index(self._last_after.get(anchor.value))
        self._last_after[anchor.value] = name or ""
        return (index if last is None else last) + 1

    def _name(self, item: Node) -> str | None:
        named = item.value.get(self._key) if isinstance(item.value, dict) else item
        if named is None and self._key == "role" and "any_of" in item.value:
            roles = plain(item.value["any_of"])
            is_named = isinstance(roles, list) and all(isinstance(one, str) for one in roles)
            return "-or-".join(roles) if is_named else None
        return named.value if named is not None and isinstance(named.value, str) else None

    def _index(self, name: str | None) -> int | None:
        names = [self._name(item) for item in self._items]
        return names.index(name) if name is not None and name in names else None

    def _known(self) -> str:
        return listed(tuple(name for item in self._items if (name := self._name(item))))

    def _refuse(self, at: Node, message: str) -> None:
        self._misplaced.append(Misplaced(at.layer, at.path, message))
