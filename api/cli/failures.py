from datetime import timedelta
from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit code says; `gate` alone uses the last."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    UNKNOWN = 3


class Failed(Exception):  # noqa: N818 - a failure that is said, as Refused is
    """A command that didn't do what was asked, in a sentence and what to do next."""

    def __init__(self, message: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.code = code


class Unreachable(Failed):
    """Nothing answers at the server's address; nothing was sent."""


class OutcomeUnknown(Failed):
    """The server may have done it or not: it answered so, or its answer got lost."""


class Declined(Failed):
    """The server answered with a problem; `status` is the HTTP status."""

    def __init__(self, message: str, status: int, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after

    @property
    def is_lasting(self) -> bool:
        """Whether asking again changes nothing: the request itself is at fault."""
        return self.status < 500 and self.status not in {408, 425, 429}
