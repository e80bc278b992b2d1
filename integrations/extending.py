"""`extends:` resolved: a lifecycle file merged with the documents that it names."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from integrations.places import Document, DocumentError, KeyPath, Place, Problem, shown
from integrations.templates import NAMES, template
from lifecycle.canonical import digest_of
from lifecycle.overlay import Misplaced, Node, laid_over, places, plain, planted

EXTENDS = "extends"
OVERLAY = "overlay"
_OWN_WORDS = ("lifecycle", OVERLAY, EXTENDS)


class Extended(NamedTuple):
    """An ordinary lifecycle, and what it was made from."""

    document: Document
    bases: tuple[tuple[str, str], ...]
    """Name and digest of each document that it extends, in the order of merging."""


class _Layer(NamedTuple):
    name: str
    document: Document


def extends_others(document: Document) -> bool:
    """Say whether a document is to be merged with others."""
    return isinstance(document.data, dict) and EXTENDS in document.data


def extended(document: Document, others: Iterable[Document] = ()) -> Extended:
    """Merge a lifecycle file over what it extends: another of the same call, else a template.

    Raises DocumentError with the place in the file.
    """
    known = {name: one for one in others if (name := name_of(one)) is not None}
    layers: list[_Layer] = []
    _gather(document, known, (), layers)
    misplaced: list[Misplaced] = []
    result = _planted(layers, 0)
    for index in range(1, len(layers)):
        result = laid_over(result, _planted(layers, index), misplaced)
    if misplaced:
        problems = [_problem(document, layers, one) for one in misplaced]
        raise DocumentError(problems, name=document.name)
    bases = tuple((layer.name, digest_of(layer.document.data)) for layer in layers[:-1])
    return Extended(_placed(document, layers, result), bases)


def name_of(document: Document) -> str | None:
    """Give the name by which a lifecycle or overlay can be extended."""
    data = document.data if isinstance(document.data, dict) else {}
    name = data.get(OVERLAY) or (None if "model" in data else data.get("lifecycle"))
    return name if isinstance(name, str) else None


def _gather(
    document: Document,
    known: Mapping[str, Document],
    way: tuple[Document, ...],
    layers: list[_Layer],
) -> None:
    """Add a document after those that it extends, each of which comes once."""
    for path, name in _named(document):
        base = _find(document, path, name, known)
        if any(base is one for one in (*way, document)):
            names = " → ".join(f"{name_of(one)}" for one in (*way, document, base))
            raise _error(document, path, f"these extend each other in a circle: {names}")
        if not layers and OVERLAY in _mapping(base):
            raise _error(
                document,
                path,
                f"{name} is an overlay and needs a lifecycle below it; "
                f"write for example `extends: [classic-ml, {name}]`",
            )
        if all(layer.document is not base for layer in layers):
            _gather(base, known, (*way, document), layers)
    layers.append(_Layer(name_of(document) or document.name, document))


def _named(document: Document) -> list[tuple[KeyPath, str]]:
    given = _mapping(document).get(EXTENDS, [])
    if isinstance(given, str):
        return [((EXTENDS,), given)]
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        message = "`extends` names a template or lifecycle, or a list of them"
        raise _error(document, (EXTENDS,), message)
    if not given and EXTENDS in _mapping(document):
        raise _error(document, (EXTENDS,), "`extends` names nothing; name a template or remove it")
    return [((EXTENDS, index), name) for index, name in enumerate(given)]


def _find(document: Document, path: KeyPath, name: str, known: Mapping[str, Document]) -> Document:
    if name in known and known[name] is not document:
        return known[name]
    if name in NAMES:
        return template(name)
    message = (
        f"there is no {shown(name)} to extend; give its file too, or choose a template: "
        f"{', '.join(NAMES)}"
    )
    raise _error(document, path, message)


def _planted(layers: list[_Layer], index: int) -> Node:
    node = planted(layers[index].document.data, index)
    is_last = index == len(layers) - 1
    dropped = (EXTENDS, OVERLAY) if is_last else _OWN_WORDS
    return node._replace(value={k: v for k, v in node.value.items() if k not in dropped})


def _placed(document: Document, layers: list[_Layer], result: Node) -> Document:
    """Give the result its places in the file, and elsewhere the name of where it comes from."""
    top = len(layers) - 1
    fallback = document.key_places.get((EXTENDS,))
    where: dict[KeyPath, Place] = {}
    keys: dict[KeyPath, Place] = {}
    origins: dict[KeyPath, str] = {}
    for path, node in places(result):
        if node.layer != top:
            origins[path] = layers[node.layer].name
            if fallback is not None:
                where[path] = fallback
            continue
        if place := document.places.get(node.path):
            where[path] = place
        if place := document.key_places.get(node.path):
            keys[path] = place
    return Document(document.name, plain(result), where, keys, origins)


def _problem(document: Document, layers: list[_Layer], one: Misplaced) -> Problem:
    if one.layer == len(layers) - 1:
        return document.problem(one.path, one.message)
    message = f"{one.message} (from {layers[one.layer].name})"
    return document.problem((EXTENDS,), message)


def _mapping(document: Document) -> dict[str, object]:
    return document.data if isinstance(document.data, dict) else {}


def _error(document: Document, path: KeyPath, message: str) -> DocumentError:
    return DocumentError([document.problem(path, message)], name=document.name)
