"""Finds everything that is wrong in a folder of coded reports, at once, and changes nothing.

Three steps: the shape of each file (seeds.corpus.schema_check), what joins the records (here, and in seeds.corpus.figure_rules,
place_rules, role_rules and attribution_rules), and, when the texts are at hand, whether they say what the records say they say
(seeds.corpus.text_check). The gazetteer has a check of its own (seeds.corpus.gazetteer_check); `check` takes a folder of either kind, or one that holds both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from api.domain.codebook import values
from seeds.corpus.attribution_rules import check_attribution
from seeds.corpus.faults import CorpusFaults, Fault, closest_or
from seeds.corpus.figure_rules import check_figures
from seeds.corpus.files import DATASET, DOCUMENTS, EVENTS, GAZETTEER, ID_FORM, PLACES, SEEDS, Item, read
from seeds.corpus.gazetteer_check import faults_of_gazetteer
from seeds.corpus.place_rules import check_places
from seeds.corpus.role_rules import check_roles
from seeds.corpus.schema_check import check_file, check_shape
from seeds.corpus.source_texts import text_file
from seeds.corpus.text_check import check_evidence
from seeds.corpus.yaml_lines import Path as DataPath
from seeds.importer.records import TYPE_OF


def check(path: Path = SEEDS, corpus: Path | None = None) -> list[Fault]:
    """All faults by file and line of what a folder holds: a corpus, the gazetteer, or folders of them.

    A folder with events.yaml is a corpus, one with places.csv is a gazetteer, and any other has them in its folders, as
    the seeds have. Corpora beside a gazetteer refer to that one, all others to the one that ships with us. A folder that
    holds nothing of this is one fault. `corpus` is the folder of the texts (see `faults`).
    """
    if (path / EVENTS).is_file():
        return faults(path, corpus)
    if (path / PLACES).is_file():
        return faults_of_gazetteer(path)
    # One of these files shows what a folder is meant to be, though another of them be missing or misnamed.
    inner = sorted({file.parent for name in (DATASET, EVENTS, PLACES) for file in path.glob(f"*/{name}")})
    gazetteers = [folder for folder in inner if (folder / PLACES).is_file()]
    if not inner:
        right = f"a folder of a corpus ({EVENTS}), of the gazetteer ({PLACES}), or one with such folders in it"
        return [Fault(".", 1, "the folder", f"holds neither {EVENTS} nor {PLACES}", right)]
    found: list[Fault] = []
    for folder in inner:
        if folder in gazetteers:
            own = faults_of_gazetteer(folder)
        else:
            own = faults(folder, corpus, next(iter(gazetteers), GAZETTEER))
        found += (replace(fault, file=f"{folder.name}/{fault.file}") for fault in own)
    return found


def without_text(path: Path, corpus: Path) -> list[str]:
    """The documents in this folder, or in the folders in it, of which `corpus` has no text, as paths within it."""
    folders = [path] if (path / EVENTS).is_file() else sorted({file.parent for file in path.glob(f"*/{EVENTS}")})
    return [
        file.relative_to(path).as_posix()
        for folder in folders
        for file in sorted((folder / DOCUMENTS).glob("*.yaml"))
        if not text_file(file.name, corpus).exists()
    ]


def faults(folder: Path, corpus: Path | None = None, gazetteer: Path = GAZETTEER) -> list[Fault]:
    """All faults of a coded corpus by file and line; none when it is ready to load.

    Where a file cannot be read at all, that alone is said. `corpus` is the folder of the texts, named `<document id>.txt`;
    without it nothing is said about the texts.
    `gazetteer` is the folder of the places that the corpus refers to; what is wrong in it is not said here.
    """
    found = CorpusFaults(read(folder, gazetteer))
    broken = [file for file in found.coded.files if file.yaml.faults and file.yaml.data is None]
    if broken:
        # What refers to a file that cannot be read would all seem to be wrong.
        for file in broken:
            check_file(found, file)
        return found.in_order()
    check_shape(found)
    _Records(found).check()
    check_figures(found)
    check_places(found)
    check_roles(found, corpus)
    check_attribution(found, corpus)
    if corpus is not None:
        check_evidence(found, corpus)
    return found.in_order()


class _Records:
    """The rules about ids, references, dates, events and documents of one corpus."""

    def __init__(self, found: CorpusFaults) -> None:
        self.found = found
        self.coded = found.coded
        self.groups = self._ids(self.coded.items("groups"))
        self.places = self.coded.gazetteer
        self.events = self._ids(self.coded.items("events"))
        self.figures = self._ids(figure for _, figure in self.coded.figures())

    def check(self) -> None:
        """Note every fault of these rules."""
        self._check_order(Item(self.coded.dataset, ("dataset",)), "first_date", "last_date")
        for event in self.coded.items("events"):
            self._check_event(event)
        for document in self.coded.items(DOCUMENTS):
            self._check_document(document)
        self._check_reports()

    def _ids(self, items: Iterable[Item]) -> dict[str, Item]:
        """The items by id; a fault for an id that stands twice."""
        first: dict[str, Item] = {}
        for item in items:
            identity = item.text("id")
            if identity is None:
                continue
            if identity in first:
                before = "{}:{}".format(*self.coded.position((*first[identity].path, "id")))
                self.found.add((*item.path, "id"), f"{identity} stands twice (first at {before})", "an id of its own")
            else:
                first[identity] = item
        return first

    def _refer(self, path: DataPath, to: str | None, known: Mapping[str, object], noun: str) -> None:
        """Note a reference to something that is not there, with the known id most like it."""
        if to is None or to in known:
            return
        self.found.add(
            path,
            f"there is no {noun} {to}",
            closest_or(to, known, f"the id of {'an' if noun == 'event' else 'a'} {noun}"),
        )

    def _check_order(self, item: Item, first_key: str, last_key: str, around: Item | None = None) -> None:
        """Note a period that ends before it begins. What the item leaves out is taken from the item around it."""
        first, last = (
            _day(item if around is None or key in item.record else around, key) for key in (first_key, last_key)
        )
        if first is not None and last is not None and first > last:
            key = last_key if last_key in item.record else first_key
            wrong = f"{first_key} is {first} and {last_key} is {last}"
            self.found.add((*item.path, key), wrong, f"{first_key} not after {last_key}")

    def _check_event(self, event: Item) -> None:
        """Note what an event and its figures refer to in vain, and codes and periods that do not go together."""
        self._check_order(event, "start", "end")
        self._refer((*event.path, "location"), event.text("location"), self.places, "place")
        event_type, subtype = event.text("type"), event.text("subtype")
        type_of_subtype = TYPE_OF.get(subtype or "")
        if type_of_subtype is not None and event_type in values("event_type") and type_of_subtype != event_type:
            own = [code for code, parent in TYPE_OF.items() if parent == event_type]
            wrong = f"{subtype} belongs to {type_of_subtype}, and the type is {event_type}"
            self.found.add((*event.path, "subtype"), wrong, f"one of {', '.join(own)}")
        self._check_part_of(event)
        roles: set[tuple[str | None, str | None]] = set()
        for participation in event.items("groups"):
            self._refer((*participation.path, "group"), participation.text("group"), self.groups, "group")
            role = (participation.text("group"), participation.text("role"))
            if None not in role and role in roles:
                self.found.add(participation.path, f"{role[0]} is {role[1]} twice", "each group once in each role")
            roles.add(role)
        for figure in event.items("figures"):
            self._check_order(figure, "start", "end", around=event)
            self._refer((*figure.path, "location"), figure.text("location"), self.places, "place")
            self._refer((*figure.path, "part_of"), figure.text("part_of"), self.figures, "figure")

    def _check_part_of(self, event: Item) -> None:
        """Note an event that is part of what is no episode, or of itself."""
        path = (*event.path, "part_of")
        whole_id = event.text("part_of")
        self._refer(path, whole_id, self.events, "event")
        whole = self.events.get(whole_id or "")
        if whole is None:
            return
        if whole.text("kind") != "episode":
            self.found.add(path, f"{whole_id} is an {whole.text('kind')}", "the id of an episode, or null")
        identity, above, seen = event.text("id"), whole_id, [whole_id]
        while above is not None and above != identity:
            holder = self.events.get(above)
            above = None if holder is None else holder.text("part_of")
            if above in seen:
                return  # A ring further up, of which this event is no part; its own members say so.
            seen.append(above)
        if above is not None:
            ring = " in ".join(step for step in (identity, *seen) if step is not None)
            self.found.add(path, f"the event holds itself: {ring}", "an episode that is no part of this event, or null")

    def _check_document(self, document: Item) -> None:
        """Note a document under another name than its id, and everything in it that refers to nothing."""
        file, _ = self.coded.within(document.path)
        stem = file.name.removeprefix(f"{DOCUMENTS}/").removesuffix(".yaml")
        identity = document.text("id")
        if identity is not None and identity != stem:
            self.found.add(
                (*document.path, "id"), f"is {identity}, and the file is called {stem}", "one of the two for both"
            )
        for report in document.items("reports"):
            self._refer((*report.path, "event"), report.text("event"), self.events, "event")
            self._check_speakers(report)
        for claim in document.items("claims"):
            self._refer((*claim.path, "figure"), claim.text("figure"), self.figures, "figure")
            self._check_speakers(claim)
        for relation in document.items("relations"):
            self._check_relation(relation)
        self._check_mentions(document)
        for fact in document.items("facts"):
            self._check_targets(fact)
            about = fact.text("document")
            if about is not None and about != stem:
                self.found.add((*fact.path, "document"), f"is {about}", f"this document: {stem}")
        self._check_spans(document)

    def _check_speakers(self, said: Item) -> None:
        """Note a claimant or a link of a chain that is written like an id and is no group's."""
        speakers = [((*said.path, "claimant"), said.text("claimant")), *said.texts("chain")]
        for path, speaker in speakers:
            if speaker is not None and ID_FORM.fullmatch(speaker) and speaker not in self.groups:
                right = "a group's id, or words that do not look like an id: with an article or a capital"
                self.found.add(path, f"there is no group {speaker}", closest_or(speaker, self.groups, right))

    def _check_relation(self, relation: Item) -> None:
        """Note a relation to nobody or to oneself, and one that ends before it begins."""
        for key in ("from", "to"):
            self._refer((*relation.path, key), relation.text(key), self.groups, "group")
        if relation.text("from") is not None and relation.text("from") == relation.text("to"):
            self.found.add((*relation.path, "to"), f"relates {relation.text('to')} to itself", "another group")
        self._check_order(relation, "valid_from", "valid_to")

    def _check_mentions(self, document: Item) -> None:
        """Note names of nothing, and a spelling that is listed twice for one thing."""
        first: dict[tuple[str | None, str | None, str | None], Item] = {}
        for mention in document.items("mentions"):
            self._check_targets(mention)
            key = (mention.text("group"), mention.text("location"), mention.text("name"))
            if key[2] is None or (key[0] is None and key[1] is None):
                continue
            if key in first:
                before = self.coded.position(first[key].path).line
                wrong = f"{key[2]} is listed twice for {key[0] or key[1]} (first on line {before})"
                self.found.add(mention.path, wrong, "one mention for each spelling")
            first.setdefault(key, mention)

    def _check_targets(self, item: Item) -> None:
        """Note a group, location or event that a mention or fact names and that is not there."""
        self._refer((*item.path, "group"), item.text("group"), self.groups, "group")
        self._refer((*item.path, "location"), item.text("location"), self.places, "place")
        self._refer((*item.path, "event"), item.text("event"), self.events, "event")

    def _check_spans(self, document: Item) -> None:
        """Note spans that are empty, run backwards, or pass the length that the document says it has."""
        length = document.whole("length")
        for key in ("reports", "claims", "relations", "mentions", "facts", "nothing"):
            for item in document.items(key):
                for path, start, end in item.spans():
                    if start >= end:
                        self.found.add(path, f"[{start}, {end}] holds nothing", "a start before the end")
                    elif length is not None and end > length:
                        wrong = f"[{start}, {end}] passes the end of the text"
                        self.found.add(path, wrong, f"an end of at most {length}")

    def _check_reports(self) -> None:
        """Note events that no document reports."""
        documents = self.coded.items(DOCUMENTS)
        reported = {report.text("event") for document in documents for report in document.items("reports")}
        for identity, event in self.events.items():
            if identity not in reported:
                right = "at least one report in a document, or no such event"
                self.found.add(event.path, "no document reports it", right)


def _day(item: Item, key: str) -> date | None:
    """The day under a key; null when there is none or it is no day."""
    try:
        return date.fromisoformat(item.text(key) or "")
    except ValueError:
        return None
