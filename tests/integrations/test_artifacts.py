import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from model_signing import hashing

from integrations.artifacts import ArtifactError, digest_of

Model = Callable[..., Path]


@pytest.fixture
def model(tmp_path: Path) -> Model:
    def write(name: str = "model", **files: str) -> Path:
        top = tmp_path / name
        top.mkdir()
        for path, text in files.items():
            file = top / path.replace("__", "/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return top

    return write


def sha256(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def refusal(path: Path) -> str:
    with pytest.raises(ArtifactError) as caught:
        digest_of(path)
    return str(caught.value)


def test_a_file_has_the_digest_that_sha256sum_says(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(os.urandom(3_000_000))
    said = subprocess.run(["sha256sum", file], capture_output=True, text=True, check=True).stdout

    artifact = digest_of(file)

    assert artifact.digest == f"sha256:{said.split()[0]}"
    assert [(one.name, one.digest, one.size) for one in artifact.files] == [
        ("model.bin", artifact.digest, 3_000_000)
    ]


def test_a_directory_binds_names_and_bytes_as_documented(model: Model) -> None:
    top = model(weights="w", sub__config="{}")
    listed = [
        {"digest": sha256("{}"), "name": "sub/config"},
        {"digest": sha256("w"), "name": "weights"},
    ]
    canonical = json.dumps(listed, separators=(",", ":"))

    artifact = digest_of(top)

    assert artifact.digest == sha256(canonical)
    assert [one.name for one in artifact.files] == ["sub/config", "weights"]
    assert artifact.size == 3


def test_the_files_and_their_digests_are_those_of_model_signing(model: Model) -> None:
    top = model(a="1", b__c="2", b__d__e="3")
    for name in (".git", ".github", "b/.git"):
        (top / name).mkdir()
        (top / name / "x").write_text(name)
    (top / ".gitignore").write_text("*")
    (top / "b" / ".gitignore").write_text("*")
    manifest = hashing.hash(top)

    assert [(one.name, one.digest) for one in digest_of(top).files] == [
        (item.identifier, f"sha256:{item.digest.digest_hex}")
        for item in sorted(manifest.resource_descriptors(), key=lambda item: str(item.identifier))
    ]
    assert [one.name for one in digest_of(top).files] == [
        "a",
        "b/.git/x",
        "b/.gitignore",
        "b/c",
        "b/d/e",
    ]


def test_where_a_directory_lies_and_what_it_is_called_does_not_count(model: Model) -> None:
    assert digest_of(model("one", a="1", b="2")) == digest_of(model("two", b="2", a="1"))


@pytest.mark.parametrize(
    "other",
    [
        {"a": "1", "b": "3"},
        {"a": "2", "b": "1"},
        {"a": "1", "c": "2"},
        {"a": "1"},
        {"a": "1", "b": "2", "c": ""},
        {"a": "1", "b__b": "2"},
    ],
)
def test_other_bytes_or_other_names_are_another_artifact(
    model: Model, other: dict[str, str]
) -> None:
    assert digest_of(model("one", a="1", b="2")).digest != digest_of(model("two", **other)).digest


def test_a_directory_of_one_file_is_not_that_file(model: Model) -> None:
    top = model(a="1")

    assert digest_of(top).digest != digest_of(top / "a").digest


def test_the_name_that_a_person_gives_may_be_a_link(model: Model, tmp_path: Path) -> None:
    top = model(a="1")
    (tmp_path / "latest").symlink_to(top)

    assert digest_of(tmp_path / "latest") == digest_of(top)


@pytest.mark.parametrize("target", ["/etc/hostname", "a", "sub", "nowhere"])
def test_a_link_inside_is_refused_wherever_it_points(model: Model, target: str) -> None:
    top = model(a="1", sub__b="2")
    (top / "sub" / "link").symlink_to(target)

    assert refusal(top).startswith(f"{top}/sub/link is a symbolic link to {target};")


def test_a_missing_path_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone") == f"There is no {tmp_path}/gone."


def test_a_directory_without_files_is_refused(model: Model) -> None:
    top = model()
    (top / "empty").mkdir()
    (top / ".gitignore").write_text("*")

    assert refusal(top) == f"{top} holds no files; an artifact is at least one file."


def test_a_special_file_is_refused(model: Model) -> None:
    top = model(a="1")
    os.mkfifo(top / "pipe")

    assert refusal(top) == f"{top}/pipe is neither a file nor a directory."
    assert refusal(top / "pipe") == f"{top}/pipe is neither a file nor a directory."


def test_a_file_name_that_is_not_utf8_is_refused(model: Model) -> None:
    top = model(a="1")
    Path(os.fsdecode(os.fsencode(top) + b"/b\xff")).write_text("2")

    assert "is not UTF-8; rename it." in refusal(top)


@pytest.mark.parametrize("locked", ["a", "sub"])
def test_an_unreadable_file_or_folder_is_refused(model: Model, locked: str) -> None:
    top = model(a="1", sub__b="2")
    (top / locked).chmod(0)
    if os.access(top / locked, os.R_OK):
        pytest.skip("root reads everything")

    try:
        assert refusal(top) == f"{top}/{locked} can't be read: Permission denied."
    finally:
        (top / locked).chmod(0o700)


def test_a_file_that_grows_while_it_is_read_is_refused(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = model(a="1", b="2")
    hash_model = hashing.Config.hash

    def hash_then_grow(config: hashing.Config, path: Path) -> object:
        manifest = hash_model(config, path)
        with (top / "a").open("a") as stream:
            stream.write("more")
        return manifest

    monkeypatch.setattr(hashing.Config, "hash", hash_then_grow)

    assert refusal(top) == f"{top}/a changed while it was read; try again."


def test_digesting_a_file_does_not_wait_for_sigstore(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    code = (
        "import sys; from pathlib import Path; from integrations.artifacts import digest_of;"
        "digest_of(Path(sys.argv[1])); sys.exit('sigstore' in sys.modules)"
    )

    subprocess.run([sys.executable, "-c", code, tmp_path / "a"], check=True)
