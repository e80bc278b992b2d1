"""The core and the workflows read no clock, draw no lots and ask no system."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN_MODULES = {
    "time", "random", "secrets", "os", "uuid", "socket", "subprocess", "threading", "logging",
    "zoneinfo", "tempfile", "platform", "locale",
}  # fmt: skip
FORBIDDEN_CALLS = {"now", "utcnow", "today", "uuid4", "urandom", "perf_counter", "monotonic"}
FILES = sorted([*(ROOT / "lifecycle").glob("*.py"), *(ROOT / "workflows").glob("*.py")])
PURE = {"lifecycle", "pydantic", "pydantic_core", "rfc8785", "cel_expr_python"}


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def _calls(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func.value), node.func.attr


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_file_reads_the_clock_or_the_system(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert not FORBIDDEN_MODULES & set(_imports(tree))
    calls = {f"{owner}.{name}" for owner, name in _calls(tree) if name in FORBIDDEN_CALLS}
    assert not {call for call in calls if not call.startswith("workflow.")}


@pytest.mark.parametrize("path", sorted((ROOT / "lifecycle").glob("*.py")), ids=lambda p: p.name)
def test_the_core_imports_only_the_standard_library_and_three_packages(path: Path) -> None:
    imported = set(_imports(ast.parse(path.read_text())))
    assert not {name for name in imported if name not in sys.stdlib_module_names} - PURE
