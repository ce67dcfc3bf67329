"""Checks that the texts say what the coded records say they say: spans, names and numbers. Coding is not judged.

Needs the texts themselves, `<document id>.txt` in one folder. They are read and never copied: a fault names a place
in a text by its characters and at most three words.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from api.domain.names import folded, words
from seeds.corpus.event_names import EventNames
from seeds.corpus.faults import CorpusFaults
from seeds.corpus.files import DOCUMENTS, Item
from seeds.corpus.numerals import misreading
from seeds.corpus.source_texts import text_file
from seeds.corpus.yaml_lines import Path as DataPath
from seeds.corpus.yaml_lines import Plain

# What accounts for text. Mentions do not: a name alone says nothing.
_EVIDENCE = ("reports", "claims", "relations", "facts", "nothing")
# So many words in a row that are also a document's are no chance but a copy.
_COPIED_WORDS = 8
# Names, spelling variants and numbers are facts and may be a document's own.
_FACTS = frozenset({"name", "names", "native_name", "aliases", "agencies", "outlet", "printed"})
# A fault shows so many words of a text, enough to find the place and too few to copy it.
_SHOWN_WORDS = 3
# A sentence ends at a full stop that a capital follows, so that "Oct. 27" and "a.m. on" stay whole, or with its line.
_CLOSING, _OPENING = "[\"'\u201d\u2019)\\]]*", "[\"'\u201c\u2018(\\[]*"
_SENTENCE_END = re.compile(rf"(?<=[.!?]){_CLOSING}\s+(?={_OPENING}[A-Z])|\n+")


@dataclass(frozen=True, slots=True)
class _Text:
    """A document and the text that it codes."""

    document: Item
    text: str


def check_evidence(faults: CorpusFaults, corpus: Path) -> None:
    """Note everything in which the coded records and the texts in a folder differ."""
    documents = faults.coded.items(DOCUMENTS)
    texts = [text for document in documents if (text := _read(faults, document, corpus)) is not None]
    names = EventNames(faults.coded)
    for text in texts:
        _check_spans(faults, text)
        _check_mentions(faults, text)
        for report in text.document.items("reports"):
            _check_names(faults, text, report, names)
        for claim in text.document.items("claims"):
            _check_claim(faults, text, claim)
        _check_coverage(faults, text)
    _check_copies(faults, texts)


def _read(faults: CorpusFaults, document: Item, corpus: Path) -> _Text | None:
    """A document with its text; null where there is none, and with a fault where it cannot be read. Notes another hash or length."""
    file = text_file(faults.coded.within(document.path)[0].name, corpus)
    name = file.name
    try:
        content = file.read_bytes()
        text = content.decode("utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        wrong = f"its text {name} cannot be opened: {error.strerror}"
        faults.add((*document.path, "id"), wrong, "the id of a text in the folder of the texts")
        return None
    except UnicodeDecodeError:
        faults.add((*document.path, "id"), f"its text {name} is not UTF-8", "a text in UTF-8")
        return None
    for key, found in (("sha256", hashlib.sha256(content).hexdigest()), ("length", len(text))):
        if document.record.get(key) != found:
            wrong = f"is {document.record.get(key)}, and the text's is {found}"
            faults.add((*document.path, key), wrong, "the text that was coded, or its spans coded anew")
    return _Text(document, text)


def _inside(text: _Text, item: Item) -> list[tuple[int, int]]:
    """The spans of an item that hold some of the text."""
    return [(start, end) for _, start, end in item.spans() if 0 <= start < end <= len(text.text)]


def _stands(printed: str, text: _Text, spans: list[tuple[int, int]]) -> bool:
    """Whether a name or number stands in one of the spans as a word of its own (20 does not stand in 20,000)."""
    whole_word = rf"(?<!\w)(?<![0-9][.,]){re.escape(printed)}(?!\w)(?![.,][0-9])"
    found = [match.span() for match in re.finditer(whole_word, text.text)]
    return any(start <= first and last <= end for first, last in found for start, end in spans)


def _check_spans(faults: CorpusFaults, text: _Text) -> None:
    """Note spans outside the text, spans of nothing but white space, and spans that cut a word in two."""
    coded_length = text.document.whole("length")
    for key in (*_EVIDENCE, "mentions"):
        for item in text.document.items(key):
            for path, start, end in item.spans():
                # Past the length that the document itself gives, the check without texts has said so.
                if len(text.text) < end <= (coded_length or end):
                    wrong = f"[{start}, {end}] passes the end of the text"
                    faults.add(path, wrong, f"an end of at most {len(text.text)}")
                elif start < end <= len(text.text) and text.text[start:end].strip() == "":
                    faults.add(path, f"[{start}, {end}] holds no words", "a span of words")
                elif any(_cuts(text.text, at) for at in (start, end)):
                    faults.add(path, f"[{start}, {end}] cuts a word", "the whole word, or none of it")


def _cuts(text: str, at: int) -> bool:
    """Whether a place between two characters lies inside a word."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _check_mentions(faults: CorpusFaults, text: _Text) -> None:
    """Note names that their spans do not hold."""
    for mention in text.document.items("mentions"):
        name = mention.text("name")
        for start, end in _inside(text, mention):
            if name is not None and text.text[start:end] != name:
                right = "the name exactly as printed, and the span of exactly that name"
                faults.add((*mention.path, "name"), f"[{start}, {end}] does not hold {name}", right)


def _check_names(faults: CorpusFaults, text: _Text, report: Item, names: EventNames) -> None:
    """Note names that the report's spans do not hold, and a report that nothing ties to its event's place or groups."""
    spans = _inside(text, report)
    event = report.text("event")
    printed = list(report.texts("names"))
    for path, name in printed:
        if not _stands(name, text, spans):
            faults.add(path, f"{name} does not stand in the report's spans", "a name as printed there, a whole word")
    if event is None or not names.knows(event):
        return
    if any(folded(name) in names.folded_of(event) for _, name in printed) or not spans:
        return
    path = (*report.path, "names")
    tie = _tie(text, spans, names.of(event), {name for _, name in printed})
    if printed:
        wrong = f"no place or group of {event} is known as {' or '.join(name for _, name in printed)}"
        others = "an alias or mention that says so, or names: []" if tie is None else f"names: [{tie}]"
        faults.add(path, wrong, others)
    elif tie is not None:
        faults.add(path, f"is empty, though {tie} stands in the report's spans", f"names: [{tie}]")


def _tie(text: _Text, spans: list[tuple[int, int]], known: frozenset[str], printed: set[str]) -> str | None:
    """The longest known name that stands in the spans; null when none does.

    A name inside a longer one ties nothing: Paris in the name of the paper Paris Match is not the city.
    """
    agencies = (name for _, name in text.document.texts("agencies"))
    mentions = (mention.text("name") for mention in text.document.items("mentions"))
    longer = {name for name in (*agencies, *mentions, text.document.text("outlet"), *printed) if name is not None}
    for name in sorted(known, key=lambda name: (-len(name), name)):
        if name not in text.text:
            continue
        left = text.text
        for other in (other for other in longer if name in other and name != other):
            left = left.replace(other, " " * len(other))
        if _stands(name, _Text(text.document, left), spans):
            return name
    return None


def _check_claim(faults: CorpusFaults, text: _Text, claim: Item) -> None:
    """Note a number that the claim's spans do not hold, and one that means something else."""
    printed, qualifier = claim.text("printed"), claim.text("qualifier")
    number = claim.record.get("number")
    if printed is None:
        return
    path = (*claim.path, "printed")
    if not _stands(printed, text, _inside(text, claim)):
        faults.add(path, f"{printed} does not stand in the claim's spans", "the number as printed there, a whole word")
    if qualifier is not None and (number is None or claim.whole("number") is not None):
        right = misreading(printed, claim.whole("number"), qualifier)
        if right is not None:
            faults.add(path, f"{printed} is not {_said(qualifier, number)}", right)


def _said(qualifier: str, number: Plain) -> str:
    """A qualifier and a number as they may stand in a sentence."""
    return qualifier if number is None else f"{qualifier} {number}"


def _check_coverage(faults: CorpusFaults, text: _Text) -> None:
    """Note each sentence with a letter or digit that nothing accounts for."""
    is_covered = bytearray(len(text.text))
    for key in _EVIDENCE:
        for item in text.document.items(key):
            for start, end in _inside(text, item):
                is_covered[start:end] = b"\x01" * (end - start)
    for start, end in _sentences(text.text):
        left = [at for at in range(start, end) if text.text[at].isalnum() and not is_covered[at]]
        if left:
            begin, stop = left[0], left[-1] + 1
            opening = " ".join(text.text[begin:stop].split()[:_SHOWN_WORDS])
            wrong = f'nothing accounts for [{begin}, {stop}], "{opening}…"'
            right = "a report, claim, relation or fact with these characters, or an entry under nothing"
            faults.add((*text.document.path, "nothing"), wrong, right)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence of a text starts and ends."""
    start = 0
    for gap in _SENTENCE_END.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def _check_copies(faults: CorpusFaults, texts: list[_Text]) -> None:
    """Note text of the coder's, comments included, that repeats a document's words."""
    theirs: dict[tuple[str, ...], str] = {}
    for text in texts:
        document = Path(faults.coded.within(text.document.path)[0].name).stem
        for run in _runs(text.text):
            theirs.setdefault(run, document)
    for file in faults.coded.files:
        for path, written in _written(file.yaml.data, ()):
            copied = next((run for run in _runs(written) if run in theirs), None)
            if copied is not None:
                faults.add_in(file, path, *_copied(copied, theirs))
        for line, comment in file.yaml.comments:
            copied = next((run for run in _runs(comment) if run in theirs), None)
            if copied is not None:
                faults.add_at(file.name, line, "a comment", *_copied(copied, theirs))


def _copied(run: tuple[str, ...], theirs: Mapping[tuple[str, ...], str]) -> tuple[str, str]:
    """What is wrong with a run of copied words, and what would be right."""
    opening = " ".join(run[:_SHOWN_WORDS])
    return f'{_COPIED_WORDS} words from "{opening}…" on are those of {theirs[run]}', "own words"


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    """Every run of eight words in a text, folded."""
    cut = words(text)
    return (tuple(cut[at : at + _COPIED_WORDS]) for at in range(len(cut) - _COPIED_WORDS + 1))


def _written(data: Plain, path: DataPath) -> Iterator[tuple[DataPath, str]]:
    """Every text of a file that is the coder's own, with its path."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _written(item, (*path, index))
    elif isinstance(data, dict):
        for key, value in data.items():
            if key not in _FACTS:
                yield from _written(value, (*path, key))
