"""Reads a coded corpus as a source for the load engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from api.domain.bounds import bounds
from api.domain.codebook import MEASURES
from api.domain.names import ALIAS_RANK
from api.store.record_types import Record
from seeds.corpus.files import DOCUMENTS, OWN_BOUNDS
from seeds.corpus.folder_source import FolderSource, columns_of, content_hash, day, names_of, read_yaml
from seeds.importer.records import claim_numbers, figure_numbers, name_row

# What the files call as the database does, and is taken over as it stands.
_DOCUMENT = (
    *("id", "outlet", "outlet_basis", "agencies", "title", "published_on_basis", "published_on_reason", "language"),
    *("sha256", "length", "url", "archive_url"),
)
_GROUP = ("id", "name", "acronym", "group_kind", "country", "description")
_EVENT = ("id", "kind", "type", "subtype", "title", "summary", "part_of", "outcome", "coding_status")
_FIGURE = ("id", "measure", "population", "object", "sex", "age", "cause", "term", "unit", "part_of", "nesting")
_ATTRIBUTION = ("document_id", "spans", "claimant", "chain", "verification")


class Corpus(FolderSource):
    """A folder of coded reports."""

    @cached_property
    def _paths(self) -> list[Path]:
        return sorted(self.folder.rglob("*.yaml"))

    @property
    def content_hash(self) -> str:
        return content_hash(*self._paths)

    @cached_property
    def _documents(self) -> list[dict[str, Any]]:
        return [read_yaml(path) for path in self._paths if path.parent.name == DOCUMENTS]

    @cached_property
    def _groups(self) -> list[dict[str, Any]]:
        return list(read_yaml(self.folder / "groups.yaml")["groups"])

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
                **columns_of(document, _DOCUMENT),
                "published_on": day(document["published_on"]),
                "archived_on": day(document["archived_on"]),
            }

    def groups(self) -> Iterator[Record]:
        for group in self._groups:
            codes = [{"scheme": code["scheme"], "code": code["name"]} for code in group["codes"]]
            yield {**columns_of(group, _GROUP), "codes": sorted(codes, key=lambda code: (code["scheme"], code["code"]))}

    def names(self, record_type: str, connection: Connection) -> Mapping[str, Sequence[Record]]:
        del connection
        met: dict[str, list[Record]] = {}
        for document in self._documents:
            for mention in document["mentions"]:
                if record_type in mention:
                    alias = name_row(ALIAS_RANK, mention["name"], document["language"], document["id"])
                    met.setdefault(mention[record_type], []).append(alias)
        if record_type == "location":
            return {identity: _distinct(aliases) for identity, aliases in met.items()}
        return {
            group["id"]: names_of(
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
                        "valid_from": day(relation["valid_from"]),
                        "valid_to": day(relation["valid_to"]),
                        "document_id": document["id"],
                        "spans": relation["spans"],
                    }
                )
        return found

    def events(self) -> Iterator[Record]:
        for event in read_yaml(self.folder / "events.yaml")["events"]:
            when_and_where = _when_and_where(event)
            yield {
                **columns_of(event, _EVENT),
                **when_and_where,
                "codes": event.get("codes"),
                "groups": [
                    {"group_id": part["group"], "role": part["role"], "certainty": part["certainty"]}
                    for part in event["groups"]
                ],
                "reports": [columns_of(entry, _ATTRIBUTION) for entry in self._said["reports"].get(event["id"], [])],
                "figures": [self._figure(figure, when_and_where) for figure in event.get("figures") or []],
            }

    def _figure(self, figure: Mapping[str, Any], event: Record) -> Record:
        claims = [_claim(entry) for entry in self._said["claims"].get(figure["id"], [])]
        preferred = next(claim for claim in claims if claim["is_preferred"])
        found = figure_numbers(preferred["qualifier"], bounds(preferred["qualifier"], preferred["number"]))
        # Bounds that the coder sets, with a reason, are numbers whatever the claim says.
        coded = {name: figure[name] for name in OWN_BOUNDS if name in figure}
        if any(coded.get(name) is not None for name in ("low", "best", "high")):
            coded["status"] = "numbered"
        return {
            **columns_of(figure, _FIGURE),
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
            "date_start": day(entry["start"]),
            "date_end": day(entry["end"]),
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
    return {**columns_of(entry, _ATTRIBUTION), **found, **held, "number": number, "is_preferred": entry["preferred"]}
