"""Reads a coded corpus and the gazetteer as sources for the load engine.

What is mapped here has passed `seeds.corpus.check`; nothing is judged a second time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection

from api.domain.bounds import bounds
from api.domain.codebook import MEASURES
from api.domain.codebook.places import LEVELS
from api.domain.releases import Release
from api.load.loading import Expectation
from api.store.record_types import Record
from seeds.corpus.files import DATASET, DOCUMENTS, GAZETTEER, PLACE_FILES, place_rows
from seeds.corpus.yaml_lines import read_lined
from seeds.importer.records import ALIAS_RANK, CODE_RANK, ID_RANK, NAME_RANK, claim_numbers, figure_numbers, name_row

# What the files call as the database does, and is taken over as it stands.
_DATASET = ("id", "title", "publisher", "description", "licence", "licence_url", "citation")
_DOCUMENT = (
    *("id", "outlet", "outlet_basis", "agencies", "title", "published_on_basis", "published_on_reason", "language"),
    *("sha256", "length", "url", "archive_url"),
)
_GROUP = ("id", "name", "acronym", "group_kind", "country", "description")
_EVENT = ("id", "kind", "type", "subtype", "title", "summary", "part_of", "outcome", "coding_status")
_FIGURE = ("id", "measure", "population", "object", "sex", "age", "cause", "term", "unit", "part_of", "nesting")
_SAID = ("document_id", "spans", "claimant", "chain", "verification")
_OWN_BOUNDS = ("low", "best", "high", "open_ended")


def _taken(found: Mapping[str, Any], columns: Sequence[str]) -> Record:
    return {column: found[column] for column in columns}


def content_hash(*paths: Path) -> str:
    """The hash of these files, by name and content."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _yaml(path: Path) -> Any:
    return read_lined(path.read_bytes()).data


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _dataset(folder: Path) -> Record:
    found = _yaml(folder / DATASET)
    return {
        **_taken(found, _DATASET),
        "release": str(found["release"]),
        "first_date": _day(found["first_date"]),
        "last_date": _day(found["last_date"]),
        "is_redistributable": True,
    }


def _named(identity: str, code: str | None, name: str, aliases: Sequence[Record]) -> list[Record]:
    """The names of one record, its id first, no spelling twice."""
    rows = [name_row(ID_RANK, identity)]
    if code is not None:
        rows.append(name_row(CODE_RANK, code))
    rows.append(name_row(NAME_RANK, name))
    known = {name, code}
    for alias in aliases:
        if alias["name"] not in known:
            known.add(alias["name"])
            rows.append(alias)
    return rows


class _OfDataset(Protocol):
    """What knows its dataset."""

    @property
    def dataset(self) -> Record: ...


class EmptySource:
    """A source that brings nothing; sources say what they bring instead."""

    is_complete = True
    keeps_used = False
    takes_older = False
    expectation = Expectation()

    @property
    def release(self: _OfDataset) -> Release:
        """Its release, which takes the place of whatever is there."""
        return Release(self.dataset["release"])

    def records(self, connection: Connection) -> Iterator[tuple[str, Record]]:
        """Everything it brings, kind by kind."""
        del connection
        listed = {"location": self.locations, "document": self.documents, "group": self.groups, "event": self.events}
        return ((kind, record) for kind, records in listed.items() for record in records())

    def locations(self) -> Iterable[Record]:
        return ()

    def documents(self) -> Iterable[Record]:
        return ()

    def groups(self) -> Iterable[Record]:
        return ()

    def events(self) -> Iterable[Record]:
        return ()

    def names(self, kind: str, connection: Connection | None = None) -> Mapping[str, Sequence[Record]]:
        del kind, connection
        return {}

    def relations(self) -> Mapping[str, Sequence[Record]]:
        return {}


class Gazetteer(EmptySource):
    """Places with P-codes, and those that corpora need beside them."""

    def __init__(self, folder: Path = GAZETTEER) -> None:
        self.folder = folder

    @property
    def dataset(self) -> Record:
        return _dataset(self.folder)

    @property
    def content_hash(self) -> str:
        return content_hash(self.folder / DATASET, *(self.folder / name for name in PLACE_FILES))

    @cached_property
    def _rows(self) -> list[dict[str, str]]:
        rows = [row for name in PLACE_FILES for row in place_rows(self.folder / name)]
        # Parents before their children, whatever the order of the files.
        return sorted(rows, key=lambda row: LEVELS.index(row["level"]))

    def locations(self) -> Iterator[Record]:
        for row in self._rows:
            yield {
                "id": row["id"],
                "name": row["name"],
                "native_name": row["native_name"] or None,
                "level": row["level"],
                "parent_id": row["parent"] or None,
                "pcode": row["pcode"] or None,
                "country": row["country"] or None,
                "latitude": _decimal(row["latitude"]),
                "longitude": _decimal(row["longitude"]),
                "uncertainty_km": _decimal(row["uncertainty_km"]),
                "position_basis": row["position_basis"] or None,
            }

    def names(self, kind: str, connection: Connection | None = None) -> Mapping[str, Sequence[Record]]:
        del connection
        if kind != "location":
            return {}
        return {
            row["id"]: _named(
                row["id"],
                row["pcode"] or None,
                row["name"],
                [
                    *([name_row(ALIAS_RANK, row["native_name"], "my")] if row["native_name"] else []),
                    *(name_row(ALIAS_RANK, alias.strip()) for alias in row["aliases"].split(";") if alias.strip()),
                ],
            )
            for row in self._rows
        }


def _decimal(text: str) -> float | None:
    return float(text) if text else None


class Corpus(EmptySource):
    """A folder of coded reports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def _paths(self) -> list[Path]:
        return sorted(self.folder.rglob("*.yaml"))

    @property
    def dataset(self) -> Record:
        return _dataset(self.folder)

    @property
    def content_hash(self) -> str:
        return content_hash(*self._paths)

    @cached_property
    def _documents(self) -> list[dict[str, Any]]:
        return [_yaml(path) for path in self._paths if path.parent.name == DOCUMENTS]

    @cached_property
    def _groups(self) -> list[dict[str, Any]]:
        return list(_yaml(self.folder / "groups.yaml")["groups"])

    @cached_property
    def _said(self) -> dict[str, dict[str, list[dict[str, Any]]]]:
        """What documents say, by event for reports and by figure for claims, in the order of the documents."""
        found: dict[str, dict[str, list[dict[str, Any]]]] = {"reports": {}, "claims": {}}
        for document in self._documents:
            for key, about in (("reports", "event"), ("claims", "figure")):
                for entry in document[key]:
                    found[key].setdefault(entry[about], []).append({**entry, "document_id": document["id"]})
        return found

    def documents(self) -> Iterator[Record]:
        for document in self._documents:
            yield {
                **_taken(document, _DOCUMENT),
                "published_on": _day(document["published_on"]),
                "archived_on": _day(document["archived_on"]),
            }

    def groups(self) -> Iterator[Record]:
        for group in self._groups:
            codes = [{"scheme": code["scheme"], "code": code["name"]} for code in group["codes"]]
            yield {**_taken(group, _GROUP), "codes": sorted(codes, key=lambda code: (code["scheme"], code["code"]))}

    def names(self, kind: str, connection: Connection | None = None) -> Mapping[str, Sequence[Record]]:
        del connection
        met: dict[str, list[Record]] = {}
        for document in self._documents:
            for mention in document["mentions"]:
                if kind in mention:
                    alias = name_row(ALIAS_RANK, mention["name"], document["language"], document["id"])
                    met.setdefault(mention[kind], []).append(alias)
        if kind == "location":
            return {identity: _distinct(aliases) for identity, aliases in met.items()}
        return {
            group["id"]: _named(
                group["id"],
                group["acronym"],
                group["name"],
                [*met.get(group["id"], []), *(name_row(ALIAS_RANK, alias) for alias in group["aliases"])],
            )
            for group in self._groups
        }

    def relations(self) -> Mapping[str, Sequence[Record]]:
        found: dict[str, list[Record]] = {}
        for document in self._documents:
            for relation in document["relations"]:
                found.setdefault(relation["from"], []).append(
                    {
                        "to_group_id": relation["to"],
                        "type": relation["type"],
                        "valid_from": _day(relation["valid_from"]),
                        "valid_to": _day(relation["valid_to"]),
                        "document_id": document["id"],
                        "spans": relation["spans"],
                    }
                )
        return found

    def events(self) -> Iterator[Record]:
        for event in _yaml(self.folder / "events.yaml")["events"]:
            when_and_where = _when_and_where(event)
            yield {
                **_taken(event, _EVENT),
                **when_and_where,
                "codes": event.get("codes"),
                "groups": [
                    {"group_id": part["group"], "role": part["role"], "certainty": part["certainty"]}
                    for part in event["groups"]
                ],
                "reports": [_taken(entry, _SAID) for entry in self._said["reports"].get(event["id"], [])],
                "figures": [self._figure(figure, when_and_where) for figure in event.get("figures") or []],
            }

    def _figure(self, figure: Mapping[str, Any], event: Record) -> Record:
        claims = [_claim(entry) for entry in self._said["claims"].get(figure["id"], [])]
        preferred = next(claim for claim in claims if claim["is_preferred"])
        found = figure_numbers(preferred["qualifier"], bounds(preferred["qualifier"], preferred["number"]))
        # Bounds that the coder sets, with a reason, are numbers whatever the claim says.
        coded = {name: figure[name] for name in _OWN_BOUNDS if name in figure}
        if any(coded.get(name) is not None for name in ("low", "best", "high")):
            coded["status"] = "numbered"
        return {
            **_taken(figure, _FIGURE),
            "family": MEASURES[figure["measure"]].family,
            **found,
            **coded,
            "reason": figure.get("reason"),
            **_when_and_where(figure, event),
            "claims": claims,
        }


def _distinct(aliases: Sequence[Record]) -> list[Record]:
    first: dict[str, Record] = {}
    for alias in aliases:
        first.setdefault(alias["name"], alias)
    return list(first.values())


def _when_and_where(entry: Mapping[str, Any], inherited: Record | None = None) -> Record:
    """The period and place of an event, or of a figure where it does not take its event's."""
    found: Record = dict(inherited or {})
    if "start" in entry:
        found |= {
            "date_start": _day(entry["start"]),
            "date_end": _day(entry["end"]),
            "date_precision": entry["date_precision"],
            "date_reason": entry.get("date_reason"),
        }
    if "location" in entry:
        found |= {
            "location_id": entry["location"],
            "location_precision": entry["location_precision"],
            "latitude": None,
            "longitude": None,
        }
    return found


def _claim(entry: Mapping[str, Any]) -> Record:
    # "None" is a number in the text and none to the rule, which knows what it means.
    qualifier = entry["qualifier"]
    number = None if qualifier == "none_reported" else entry["number"]
    found = claim_numbers(qualifier, bounds(qualifier, number))
    held = {"population": entry.get("population")}
    return {**_taken(entry, _SAID), **found, **held, "number": number, "is_preferred": entry["preferred"]}
