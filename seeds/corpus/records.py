"""A coded corpus and the gazetteer as records for the load engine. Knows the seed format, no database.

What is mapped here has passed `seeds.corpus.check`; nothing is judged a second time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from api.bounds import bounds
from api.codebook import MEASURES
from api.kinds import Record
from api.loading import Expectation
from api.models import LEVELS
from seeds.corpus.files import GAZETTEER, PLACE_FILES, place_rows
from seeds.corpus.yaml_lines import read_lined

# Ranks of names, in the order in which a name is tried.
_ID, _CODE, _NAME, _ALIAS = range(4)


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


def _dataset(found: Mapping[str, Any]) -> Record:
    return {
        "id": found["id"],
        "title": found["title"],
        "publisher": found["publisher"],
        "description": found["description"],
        "licence": found["licence"],
        "licence_url": found["licence_url"],
        "citation": found["citation"],
        "release": str(found["release"]),
        "first_date": _day(found["first_date"]),
        "last_date": _day(found["last_date"]),
        "is_redistributable": True,
    }


def _named(identity: str, code: str | None, name: str, aliases: Sequence[Record]) -> list[Record]:
    """The names of one record, its id first, no spelling twice."""
    rows = [_name(_ID, identity)]
    if code is not None:
        rows.append(_name(_CODE, code))
    rows.append(_name(_NAME, name))
    known = {name, code}
    for alias in aliases:
        if alias["name"] not in known:
            known.add(alias["name"])
            rows.append(alias)
    return rows


def _name(rank: int, name: str, language: str | None = None, document: str | None = None) -> Record:
    return {"rank": rank, "name": name, "language": language, "document_id": document}


class Nothing:
    """A source that brings nothing; sources say what they bring instead."""

    is_complete = True
    keeps_used = False
    expectation = Expectation()

    def records(self, connection: Connection) -> Iterator[tuple[str, Record]]:
        """Everything it brings, kind by kind."""
        del connection
        listed = (
            ("location", self.locations),
            ("document", self.documents),
            ("group", self.groups),
            ("event", self.events),
        )
        for kind, records in listed:
            for record in records():
                yield kind, record

    def locations(self) -> Iterator[Record]:
        return iter(())

    def documents(self) -> Iterator[Record]:
        return iter(())

    def groups(self) -> Iterator[Record]:
        return iter(())

    def names(self, kind: str, connection: Connection | None = None) -> Mapping[str, Sequence[Record]]:
        del kind, connection
        return {}

    def relations(self) -> Mapping[str, Sequence[Record]]:
        return {}

    def events(self) -> Iterator[Record]:
        return iter(())


class Gazetteer(Nothing):
    """Places with P-codes, and those that corpora need beside them."""

    def __init__(self, folder: Path = GAZETTEER) -> None:
        self.folder = folder

    @property
    def dataset(self) -> Record:
        return _dataset(_yaml(self.folder / "dataset.yaml"))

    @property
    def content_hash(self) -> str:
        return content_hash(self.folder / "dataset.yaml", *(self.folder / name for name in PLACE_FILES))

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
                    *([_name(_ALIAS, row["native_name"], "my")] if row["native_name"] else []),
                    *(_name(_ALIAS, alias.strip()) for alias in row["aliases"].split(";") if alias.strip()),
                ],
            )
            for row in self._rows
        }


def _decimal(text: str) -> float | None:
    return float(text) if text else None


class Corpus(Nothing):
    """A folder of coded reports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def _paths(self) -> list[Path]:
        return sorted(self.folder.rglob("*.yaml"))

    @property
    def dataset(self) -> Record:
        return _dataset(_yaml(self.folder / "dataset.yaml"))

    @property
    def content_hash(self) -> str:
        return content_hash(*self._paths)

    @cached_property
    def _documents(self) -> list[dict[str, Any]]:
        return [_yaml(path) for path in self._paths if path.parent.name == "documents"]

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
                "id": document["id"],
                "outlet": document["outlet"],
                "outlet_basis": document["outlet_basis"],
                "agencies": document["agencies"],
                "title": document["title"],
                "published_on": _day(document["published_on"]),
                "published_on_basis": document["published_on_basis"],
                "published_on_reason": document["published_on_reason"],
                "language": document["language"],
                "sha256": document["sha256"],
                "length": document["length"],
            }

    def groups(self) -> Iterator[Record]:
        for group in self._groups:
            yield {
                "id": group["id"],
                "name": group["name"],
                "acronym": group["acronym"],
                "group_kind": group["group_kind"],
                "country": group["country"],
                "description": group["description"],
                "codes": sorted(
                    ({"scheme": code["scheme"], "code": code["name"]} for code in group["codes"]),
                    key=lambda code: (code["scheme"], code["code"]),
                ),
            }

    def names(self, kind: str, connection: Connection | None = None) -> Mapping[str, Sequence[Record]]:
        del connection
        met: dict[str, list[Record]] = {}
        for document in self._documents:
            for mention in document["mentions"]:
                if kind in mention:
                    alias = _name(_ALIAS, mention["name"], document["language"], document["id"])
                    met.setdefault(mention[kind], []).append(alias)
        if kind == "location":
            return {identity: _distinct(aliases) for identity, aliases in met.items()}
        return {
            group["id"]: _named(
                group["id"],
                group["acronym"],
                group["name"],
                [*met.get(group["id"], []), *(_name(_ALIAS, alias) for alias in group["aliases"])],
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
                "id": event["id"],
                "kind": event["kind"],
                "type": event["type"],
                "subtype": event["subtype"],
                "title": event["title"],
                "summary": event["summary"],
                **when_and_where,
                "part_of": event["part_of"],
                "outcome": event["outcome"],
                "coding_status": event["coding_status"],
                "codes": event.get("codes"),
                "groups": [
                    {"group_id": part["group"], "role": part["role"], "certainty": part["certainty"]}
                    for part in event["groups"]
                ],
                "reports": [_said(entry) for entry in self._said["reports"].get(event["id"], [])],
                "figures": [self._figure(figure, when_and_where) for figure in event.get("figures") or []],
            }

    def _figure(self, figure: Mapping[str, Any], event: Record) -> Record:
        claims = [_claim(entry) for entry in self._said["claims"].get(figure["id"], [])]
        preferred = next(claim for claim in claims if claim["is_preferred"])
        found = bounds(preferred["qualifier"], preferred["number"])
        # Bounds that the coder sets, with a reason, are numbers whatever the claim says.
        coded = {name: figure[name] for name in ("low", "best", "high", "open_ended") if name in figure}
        is_numbered = any(coded.get(name) is not None for name in ("low", "best", "high"))
        return {
            "id": figure["id"],
            "family": MEASURES[figure["measure"]].family,
            "measure": figure["measure"],
            "population": figure["population"],
            "object": figure["object"],
            "sex": figure["sex"],
            "term": figure["term"],
            "unit": figure["unit"],
            "low": found.low,
            "best": found.best,
            "high": found.high,
            "open_ended": found.open_ended,
            **coded,
            "qualifier": preferred["qualifier"],
            "status": "numbered" if is_numbered else found.status,
            "reason": figure.get("reason"),
            **_when_and_where(figure, event),
            "part_of": figure["part_of"],
            "nesting": figure["nesting"],
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


def _said(entry: Mapping[str, Any]) -> Record:
    return {
        "document_id": entry["document_id"],
        "spans": entry["spans"],
        "claimant": entry["claimant"],
        "chain": entry["chain"],
        "verification": entry["verification"],
    }


def _claim(entry: Mapping[str, Any]) -> Record:
    # "None" is a number in the text and none to the rule, which knows what it means.
    number = None if entry["qualifier"] == "none_reported" else entry["number"]
    found = bounds(entry["qualifier"], number)
    return {
        **_said(entry),
        "qualifier": entry["qualifier"],
        "number": number,
        "low": found.low,
        "best": found.best,
        "high": found.high,
        "is_preferred": entry["preferred"],
    }
