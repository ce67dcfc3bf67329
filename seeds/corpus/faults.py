"""Gathers what is wrong in a coded corpus or the gazetteer, with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from seeds.corpus.files import CodedCorpus, SeedFile, listed, mapped
from seeds.corpus.yaml_lines import Path, Plain

# Below this likeness, in per cent, a suggestion is more often a puzzle than a help.
_LIKENESS = 70


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to mend: where it stands, what is wrong, and what would be right. `file` is relative to the folder."""

    file: str
    line: int
    where: str
    wrong: str
    right: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.where}: {self.wrong}; {self.right}"


class Faults:
    """The faults of one folder, each once."""

    def __init__(self) -> None:
        self._found: set[Fault] = set()

    def add_in(self, file: SeedFile, path: Path, wrong: str, right: str) -> None:
        """Note a fault of the key or list item at a path inside a YAML file."""
        self.add_at(file.name, file.yaml.line(path), _spoken(path, file.yaml.data), wrong, right)

    def add_at(self, file: str, line: int, where: str, wrong: str, right: str) -> None:
        """Note a fault on a line of a file."""
        self._found.add(Fault(file, line, where, wrong, right))

    def in_order(self) -> list[Fault]:
        """All faults by file and line."""
        return sorted(self._found)


class CorpusFaults(Faults):
    """The faults of one coded corpus, which knows in which file each of its paths stands."""

    def __init__(self, coded: CodedCorpus) -> None:
        super().__init__()
        self.coded = coded

    def add(self, path: Path, wrong: str, right: str) -> None:
        """Note a fault of the key or list item at a path of the corpus."""
        self.add_in(*self.coded.within(path), wrong, right)


def closest_or(word: str, known: Iterable[str], otherwise: str) -> str:
    """The known word that is most like this one, as what may be right; `otherwise` where none is like it."""
    found = process.extractOne(word, sorted(known), scorer=fuzz.ratio, score_cutoff=_LIKENESS)
    return otherwise if found is None else f"perhaps {found[0]}"


def one_of(word: str, known: Sequence[str]) -> str:
    """The known words as what would be right, the one that is most like this one before them."""
    right = f"one of {', '.join(known)}"
    likely = closest_or(word, known, "")
    return f"{likely}: {right}" if likely else right


def _spoken(path: Path, data: Plain) -> str:
    """A path in words, with ids for list indices where there are any: events[kawlin-fell].figures[0].unit."""
    spoken = ""
    for step in path:
        if isinstance(step, int):
            items = listed(data)
            data = items[step] if step < len(items) else None
            identity = mapped(data).get("id")
            spoken += f"[{identity if isinstance(identity, str) else step}]"
        else:
            data = mapped(data).get(step)
            spoken += f".{step}"
    return spoken.removeprefix(".") or "the file"
