"""What is refused in every document from outside, whatever its format."""

import re

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1  # the greatest that canonical JSON (RFC 8785) holds exactly
MAX_PROBLEMS = 20  # a person reads no more of them at once

TOO_DEEP = f"values are nested deeper than {MAX_DEPTH}"

# C0 but tab and line breaks, DEL, C1, lone surrogates, the two that are no characters.
CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"

_CONTROL = re.compile(f"[{CONTROL}]")


def text_refusal(text: str) -> str | None:
    """Return why a text can't be used: databases and terminals don't take control characters."""
    stray = _CONTROL.search(text)
    return f"the text holds the character U+{ord(stray[0]):04X}" if stray else None


def integer_refusal(digits: str) -> str | None:
    """Return why an integer can't be used: from 2^53 on, readers of JSON disagree about it."""
    # The length is looked at first, since int() refuses to read thousands of digits.
    if len(digits) <= len(str(MAX_INTEGER)) + 1 and abs(int(digits)) <= MAX_INTEGER:
        return None
    return "integers of 2^53 and more lose digits; write it in quotes, as text"
