"""Reads the words on which reports of an event rest, out of the texts of their documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from seeds.corpus.files import DOCUMENTS, CodedCorpus, Item

_ENGLISH = "en"


def reports_by_event(coded: CodedCorpus) -> dict[str, list[Item]]:
    """The reports of each event, by its id."""
    found: dict[str, list[Item]] = defaultdict(list)
    for document in coded.items(DOCUMENTS):
        for report in document.items("reports"):
            found[report.text("event") or ""].append(report)
    return found


def text_file(document: str, corpus: Path) -> Path:
    """Where the text stands of a document that is coded in this file."""
    return corpus / f"{Path(document).stem}.txt"


def texts_of(coded: CodedCorpus, corpus: Path) -> dict[str | int, str]:
    """The English texts by the number of their document. What cannot be read is said elsewhere."""
    found: dict[str | int, str] = {}
    for document in coded.items(DOCUMENTS):
        file, _ = coded.within(document.path)
        if document.text("language") == _ENGLISH:
            with suppress(OSError, UnicodeDecodeError):
                found[document.path[1]] = text_file(file.name, corpus).read_text(encoding="utf-8")
    return found


def words_of(reports: list[Item], texts: Mapping[str | int, str]) -> str | None:
    """What the spans of these reports hold; null where one of their texts is not at hand."""
    if any(report.path[1] not in texts for report in reports):
        return None
    return " ".join(texts[report.path[1]][start:end] for report in reports for _, start, end in report.spans())


def blanked(text: str, names: Iterable[str]) -> str:
    """A text with spaces where these names stand, so that a name inside a longer one is not taken for itself."""
    for name in names:
        text = text.replace(name, " " * len(name))
    return text
