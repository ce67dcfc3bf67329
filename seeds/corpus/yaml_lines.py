"""Reads YAML into plain data that remembers on which line everything stands.

The YAML is the plain kind that a seed file needs: mappings, lists, text, whole and decimal numbers, true, false, null.
Dates stay text (`2023-11-06` is the text "2023-11-06"), and so do `yes`, `no`, `1_000` and `010`. Anchors and tags
are refused, because a reviewer should see on each line what that line says, and so are keys that stand twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

import yaml

if yaml.__with_libyaml__:
    from yaml import CSafeLoader as _Loader
else:
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]  # The same interface in Python, ten times slower.

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"
Path: TypeAlias = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
# Seed files have six levels.
_MOST_NESTED = 50
# Text in quotes may hold such a mark too; whoever looks at comments then looks at some text twice, which is harmless.
_COMMENT = re.compile(r"(?:^|\s)#(.*)")


class _PlainLoader(_Loader):
    """A loader that takes fewer words for numbers and dates than YAML 1.1 does."""


_PlainLoader.yaml_implicit_resolvers = {}
for _name, _pattern, _first in (
    ("null", r"(?:null|~|)$", ["n", "~", ""]),
    ("bool", r"(?:true|false)$", ["t", "f"]),
    ("int", r"-?(?:0|[1-9][0-9]*)$", list("-0123456789")),
    ("float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+$", list("-0123456789")),
):
    _PlainLoader.add_implicit_resolver(_TAG + _name, re.compile(_pattern), _first)


@dataclass(frozen=True, slots=True)
class YamlFault:
    """Something that keeps a part of a file from being read, and what would be right."""

    line: int
    wrong: str
    right: str


@dataclass(slots=True)
class LinedYaml:
    """The data of one file, the line of every path in it, its comments, and what could not be read.

    A path is the keys and list indices from the top: ("events", 3, "title"). Lines count from 1. Comments on lines that
    follow each other are one, with the line of the first.
    """

    data: Plain = None
    lines: dict[Path, int] = field(default_factory=dict)
    comments: list[tuple[int, str]] = field(default_factory=list)
    faults: list[YamlFault] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of a key or list item, or of the nearest thing around it when the path is not in the file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1


# The files of a corpus or two: what was checked is loaded next, and some files are asked for several times.
@lru_cache(maxsize=32)
def read_lined(content: bytes) -> LinedYaml:
    """What the bytes of a YAML file hold, which is not to be written to; unreadable content is a fault in the answer, never an
    exception."""
    found = LinedYaml()
    try:
        text = content.decode("utf-8")
        _refuse_deep(text)
        node = yaml.compose(text, Loader=_PlainLoader)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found.faults.append(YamlFault(line, "not UTF-8", "save the file as UTF-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        wrong = " ".join(part for part in (error.context, error.problem) if part)
        line = 1 if mark is None else mark.line + 1
        found.faults.append(YamlFault(line, f"not YAML: {wrong}", "one YAML document; put text with : or # in quotes"))
    except yaml.YAMLError as error:
        found.faults.append(YamlFault(1, f"not YAML: {' '.join(str(error).split())}", "one YAML document"))
    except RecursionError:
        found.faults.append(YamlFault(1, "nested too deeply to be read", "lists and mappings a few levels deep"))
    else:
        found.comments = _comments(text)
        if node is not None:
            found.data = _Reader(found).plain(node, ())
    return found


def _refuse_deep(text: str) -> None:
    """Errors: RecursionError, before libyaml's composer descends so deep that the process ends."""
    depth = 0
    for event in yaml.parse(text, Loader=_PlainLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MOST_NESTED:
                raise RecursionError
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _comments(text: str) -> list[tuple[int, str]]:
    """What stands behind a # on each line, comments of neighbouring lines joined."""
    found: list[tuple[int, str]] = []
    last = 0
    for number, line in enumerate(text.split("\n"), start=1):
        comment = _COMMENT.search(line)
        if comment is None:
            continue
        if found and last == number - 1:
            found[-1] = (found[-1][0], f"{found[-1][1]} {comment[1]}")
        else:
            found.append((number, comment[1]))
        last = number
    return found


class _Reader:
    """Turns the nodes of one file into plain data, noting lines and faults on the way."""

    def __init__(self, found: LinedYaml) -> None:
        self.found = found
        self.seen: set[int] = set()

    def plain(self, node: yaml.Node, path: Path) -> Plain:
        """What a node means; null where it cannot be read."""
        if id(node) in self.seen:
            # The composer answers an alias with the node it has already given out. Refusing the second visit also
            # ends nodes that hold themselves.
            self.fault(node, "an anchor and its alias", "write the value out in each place")
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
            return dict(self.pairs(node, path))
        if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
            return [self.item(child, (*path, index)) for index, child in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        self.fault(node, f"the tag {node.tag}", "a plain mapping or list without a tag")
        return None

    def item(self, node: yaml.Node, path: Path) -> Plain:
        """One item of a list, its line noted."""
        self.found.lines[path] = node.start_mark.line + 1
        return self.plain(node, path)

    def pairs(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, Plain]]:
        """The keys and values of a mapping, each key once."""
        keys: set[str] = set()
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.fault(key_node, "a key that is a list or a mapping", "a key of one word")
                continue
            key: str = key_node.value
            line = key_node.start_mark.line + 1
            if key in keys:
                first = self.found.lines[(*path, key)]
                self.fault(key_node, f"the key {key} stands twice (first on line {first})", "each key once")
                continue
            keys.add(key)
            self.found.lines[(*path, key)] = line
            yield key, self.plain(value_node, (*path, key))

    def scalar(self, node: yaml.ScalarNode) -> Plain:
        """A text, number, boolean or null."""
        kind = node.tag.removeprefix(_TAG)
        value: str = node.value
        try:
            match kind:
                case "str":
                    return value
                case "null":
                    return None
                case "bool":
                    return value == "true"
                case "int":
                    return int(value)
                case "float":
                    return float(value)
        except ValueError:
            pass
        self.fault(node, f"a value that cannot be read as {node.tag}", "a plain value without a tag")
        return None

    def fault(self, node: yaml.Node, wrong: str, right: str) -> None:
        self.found.faults.append(YamlFault(node.start_mark.line + 1, wrong, right))
