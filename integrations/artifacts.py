"""The digest of an artifact on disk: which bytes are signed for."""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import rfc8785

IGNORED = frozenset(
    {".git", ".gitattributes", ".github", ".gitignore"}
)  # by Model Signing, at the top


class ArtifactError(ValueError):
    """An artifact that has no digest, in a sentence for the person who named it."""


@dataclass(frozen=True)
class FileDigest:
    """One file of an artifact: its path from the artifact's top with `/`, its size in bytes."""

    name: str
    digest: str
    size: int


@dataclass(frozen=True)
class ArtifactDigest:
    """What an artifact is: one digest over all of it, and the files in the order of their names."""

    digest: str
    files: tuple[FileDigest, ...]

    @property
    def size(self) -> int:
        """Return the bytes of all files together."""
        return sum(file.size for file in self.files)


def digest_of(path: Path) -> ArtifactDigest:
    """Return the digest of a file or of a directory with all that is in it.

    A file's digest is the SHA-256 of its bytes, as `sha256sum` and registries say it.

    A directory's digest is the SHA-256 of the RFC 8785 canonical JSON of the list of
    `{"digest", "name"}` of its files, sorted by name. Which files those are, and each file's
    digest, is as OpenSSF Model Signing has it: git's own files at the top are left out, symbolic
    links and special files are refused. Model Signing's own root digest, the subject of its
    statement, is over the files' digests alone; names are bound here too, because files that trade
    names (`config.json` of one adapter for another's) are another model with the same digests.

    Raises ArtifactError for what is missing, empty, unreadable, a link, or changed while read.
    """
    try:
        top = path.resolve(strict=True)  # the name that a person gives may itself be a link
        if top.is_dir():
            return _directory(top)
        if not top.is_file():
            raise ArtifactError(f"{path} is neither a file nor a directory.")
        file = _single(top)
    except FileNotFoundError as error:
        raise ArtifactError(f"There is no {error.filename or path}.") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise ArtifactError(f"{error.filename or path} can't be read: {reason}.") from error
    return ArtifactDigest(file.digest, (file,))


def _single(path: Path) -> FileDigest:
    with path.open("rb") as stream:
        before = os.fstat(stream.fileno())
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        _refuse_change(path, before, os.fstat(stream.fileno()))
    return FileDigest(path.name, f"sha256:{digest}", before.st_size)


def _directory(top: Path) -> ArtifactDigest:
    before = dict(_walk(top))
    if not before:
        raise ArtifactError(f"{top} holds no files; an artifact is at least one file.")
    digests = _model_signing_digests(top)
    after = dict(_walk(top))
    if not before.keys() == digests.keys() == after.keys():
        odd = min((before.keys() ^ digests.keys()) | (before.keys() ^ after.keys()))
        raise ArtifactError(f"{top / odd} came or went while {top} was read; try again.")
    for name, found in before.items():
        _refuse_change(top / name, found, after[name])
    files = tuple(
        FileDigest(name, f"sha256:{digests[name]}", before[name].st_size) for name in sorted(before)
    )
    listed = rfc8785.dumps([{"name": file.name, "digest": file.digest} for file in files])
    return ArtifactDigest(f"sha256:{hashlib.sha256(listed).hexdigest()}", files)


def _walk(top: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield name and status of each file, refusing what Model Signing refuses or would skip.

    Model Signing's own walk passes silently over directories that it may not list.
    """

    def refuse(error: OSError) -> None:
        raise error

    for folder, folders, names in os.walk(top, onerror=refuse):
        at_top = Path(folder) == top
        folders[:] = [name for name in folders if not (at_top and name in IGNORED)]
        for name in [*folders, *names]:
            path = Path(folder, name)
            status = path.lstat()
            if at_top and name in IGNORED:
                continue
            if stat.S_ISLNK(status.st_mode):
                raise ArtifactError(
                    f"{path} is a symbolic link to {path.readlink()}; what it points to can change"
                    " unseen. Put a copy of the file in its place."
                )
            if stat.S_ISREG(status.st_mode):
                yield _name_of(path, top), status
            elif not stat.S_ISDIR(status.st_mode):
                raise ArtifactError(f"{path} is neither a file nor a directory.")


def _name_of(path: Path, top: Path) -> str:
    name = path.relative_to(top).as_posix()
    try:
        name.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ArtifactError(f"The file name {name!r} is not UTF-8; rename it.") from error
    return name


def _refuse_change(path: Path, before: os.stat_result, after: os.stat_result) -> None:
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise ArtifactError(f"{path} changed while it was read; try again.")


def _model_signing_digests(top: Path) -> dict[str, str]:
    """Return the SHA-256 of each file in hex, by name, from Model Signing's manifest."""
    # Late, because it takes half a second: the package imports all of sigstore to hash a file.
    from model_signing import hashing

    config = hashing.Config()  # type: ignore[no-untyped-call]  # the library leaves out `-> None`
    try:
        manifest = config.use_file_serialization(hashing_algorithm="sha256").hash(top)
    except ValueError as error:  # a link in git's own files, or one that came after the walk
        raise ArtifactError(f"{top} can't be hashed. {error}") from error
    return {one.identifier: one.digest.digest_hex for one in manifest.resource_descriptors()}
