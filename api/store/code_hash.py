"""Hashes the code that decides what a load makes of a source, so that a changed rule is loaded anew.

That is a module with every module of this project that it imports, by itself or through others, and the data files that
these name. Which they are is read from their import statements: nobody keeps a list, and code that only answers
requests is no part of it.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path
from typing import NamedTuple

_ROOT = Path(__file__).parent.parent.parent
_PACKAGES = ("api", "seeds")
_DATA = (".csv", ".json", ".yaml")


class _Module(NamedTuple):
    """The hash of a module's own code and data, and the modules of this project that it imports."""

    hash: bytes
    imports: frozenset[str]


def code_hash(*modules: str) -> str:
    """The hash of these modules with all that they reach; files are read once in a process.

    Modules of anybody else count as nothing.
    """
    reached = {name for name in modules if _file_of(name) is not None}
    waiting = list(reached)
    while waiting:
        fresh = _read(waiting.pop()).imports - reached
        waiting += fresh
        reached |= fresh
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(reached):
        digest.update(name.encode() + _read(name).hash)
    return digest.hexdigest()


@cache
def _file_of(module: str) -> Path | None:
    """The file of a module of this project; null for any other name."""
    if module.partition(".")[0] not in _PACKAGES:
        return None
    path = _ROOT.joinpath(*module.split("."))
    return next((file for file in (path / "__init__.py", path.with_suffix(".py")) if file.is_file()), None)


@cache
def _read(module: str) -> _Module:
    path = _file_of(module)
    assert path is not None, "only modules of this project are read"
    content = path.read_bytes()
    nodes = list(ast.walk(ast.parse(content)))
    digest = hashlib.blake2b(content)
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for text in sorted(texts):
        if text.endswith(_DATA) and (path.parent / text).is_file():
            digest.update((path.parent / text).read_bytes())
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return _Module(digest.digest(), frozenset(name for name in _imported(nodes, package) if _file_of(name) is not None))


def _imported(nodes: Iterable[ast.AST], package: str) -> Iterator[str]:
    """The modules that are imported anywhere in a module: what a package only names is one of its modules or its own."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            inner = [f"{base}.{alias.name}" for alias in node.names]
            yield from (name if _file_of(name) is not None else base for name in inner)
