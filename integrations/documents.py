"""Files and bodies from outside, read strictly into plain data that knows its places.

How a plain (unquoted) YAML scalar is read:

- `null`, `~` or nothing is None; `true` and `false` are booleans;
- an integer as JSON writes it (`2`, `-7`) is an int;
- all else is its text. A number with a fraction or an exponent stays text too, because only the
  reader of a field knows what it is: `version: 1.10` is "1.10" for a text field, as `1.1` is
  "1.1", and pydantic reads "0.9" as 0.9 for a float field.

What is quoted is always text. `on`, `no`, `0x10` and `2026-01-31` are text. JSON has one way to
write each type, so a JSON body keeps its floats.
"""

from integrations.located import located
from integrations.places import Document, DocumentError, KeyPath, Place, Problem, dotted
from integrations.strict_json import read_json
from integrations.strict_yaml import read_yaml

__all__ = [
    "MAX_BODY_BYTES",
    "MAX_FILE_BYTES",
    "Document",
    "DocumentError",
    "KeyPath",
    "Place",
    "Problem",
    "dotted",
    "located",
    "parse_documents",
    "parse_json_document",
]

MAX_FILE_BYTES = 256 * 1024
MAX_BODY_BYTES = 1024 * 1024


def parse_documents(text: bytes | str, *, name: str) -> tuple[Document, ...]:
    """Read the documents of a YAML 1.2 file, JSON included, separated by `---`.

    Raises DocumentError with line and column for malformed YAML and for all that is refused: more
    than 256 KiB, text that isn't UTF-8, control characters, anchors, aliases, merge keys, tags,
    duplicate keys, keys that aren't text, NaN and infinities, integers of 2^53 and more, nesting
    deeper than 32, empty documents.
    """
    return read_yaml(_decoded(text, name, MAX_FILE_BYTES), name)


def parse_json_document(
    body: bytes | str, *, name: str = "body", max_bytes: int = MAX_BODY_BYTES
) -> Document:
    """Read a JSON body as strictly as a file.

    Raises DocumentError: malformed JSON has line and column, other problems have their path.
    """
    return read_json(_decoded(body, name, max_bytes), name)


def _decoded(text: bytes | str, name: str, max_bytes: int) -> str:
    """Return the text without its byte order mark. Raises DocumentError for size and encoding."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > max_bytes:
        message = f"{len(raw)} bytes are too many; at most {max_bytes // 1024} KiB are read"
        raise DocumentError([Problem((), 1, 1, message)], name=name)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8").splitlines(keepends=True)
        line, column = len(before) or 1, len(before[-1]) + 1 if before else 1
        message = f"the byte 0x{raw[error.start]:02x} is not UTF-8; save the text as UTF-8"
        raise DocumentError([Problem((), line, column, message)], name=name) from error
