"""A little dataset that tests make up in Python and break in single places. Stands on the places and groups of op1027."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection

from api.load.source import EmptySource, Expectation
from api.store.record_types import Record

DAY = date(2023, 11, 20)
WHEN_AND_WHERE: Mapping[str, Any] = {
    "date_start": DAY,
    "date_end": DAY,
    "date_precision": "day",
    "date_reason": None,
    "location_id": "mmr005024701",
    "latitude": None,
    "longitude": None,
    "location_precision": "exact",
}


def said() -> Record:
    """What the dataset's one document says."""
    return {
        "document_id": "other-report",
        "spans": [[0, 20]],
        "claimant": None,
        "chain": [],
        "verification": "unverified",
    }


def made_figure(identity: str = "other-killed", **changes: Any) -> Record:
    """Two dead soldiers."""
    claim = {**said(), "population": None, "qualifier": "exact", "low": 2, "best": 2, "high": 2, "is_preferred": True}
    return {
        "id": identity,
        "family": "casualty",
        "measure": "killed",
        "population": "state_forces",
        "object": None,
        "sex": "unspecified",
        "age": "unspecified",
        "cause": "unknown" if changes.get("family", "casualty") == "casualty" else None,
        "term": None,
        "unit": "person",
        "low": 2,
        "best": 2,
        "high": 2,
        "open_ended": False,
        "qualifier": "exact",
        "status": "numbered",
        "reason": None,
        **WHEN_AND_WHERE,
        "part_of": None,
        "nesting": None,
        "claims": [claim],
        **changes,
    }


def made_event(identity: str = "other-fight", **changes: Any) -> Record:
    """A fight of the Arakan Army in Kawlin, with one figure."""
    return {
        "id": identity,
        "kind": "incident",
        "type": "battles",
        "subtype": "armed_clash",
        "title": "A fight that never was",
        "summary": None,
        **WHEN_AND_WHERE,
        "part_of": None,
        "outcome": None,
        "coding_status": "coded",
        "codes": None,
        "groups": [{"group_id": "arakan-army", "role": "attacker", "certainty": "stated"}],
        "reports": [said()],
        "figures": [made_figure()],
        **changes,
    }


def made_location(identity: str = "other-hill", **changes: Any) -> Record:
    """A hill in Kawlin township."""
    return {
        "id": identity,
        "name": "Other Hill",
        "native_name": None,
        "level": "site",
        "parent_id": "mmr005024",
        "pcode": None,
        "country": "MMR",
        "latitude": 23.7,
        "longitude": 95.5,
        "uncertainty_km": 1.0,
        "position_basis": "invented",
        **changes,
    }


def made_group(identity: str = "other-guard", **changes: Any) -> Record:
    """An armed group."""
    return {
        "id": identity,
        "name": "Other Guard",
        "acronym": None,
        "group_kind": "armed_group",
        "country": "MMR",
        "description": None,
        "codes": [],
        **changes,
    }


def made_document(identity: str = "other-report", **changes: Any) -> Record:
    """A report that never was."""
    return {
        "id": identity,
        "outlet": "The Other Courier",
        "outlet_basis": "stated",
        "agencies": [],
        "title": "A fight",
        "published_on": DAY,
        "published_on_basis": "stated",
        "published_on_reason": None,
        "language": "en",
        "sha256": "0" * 64,
        **dict.fromkeys(("url", "archive_url", "archived_on")),
        "length": 100,
        **changes,
    }


def made_name(name: str, **changes: Any) -> Record:
    """An alias."""
    return {"rank": 3, "name": name, "language": None, "document_id": None, **changes}


def made_relation(to: str, **changes: Any) -> Record:
    """A membership."""
    return {
        "to_group_id": to,
        "type": "member_of",
        "valid_from": None,
        "valid_to": None,
        "document_id": "other-report",
        "spans": [[0, 20]],
        **changes,
    }


@dataclass
class Made(EmptySource):
    """A dataset of one event, one group, one place and one document, unless told otherwise."""

    made_events: list[Record] = field(default_factory=lambda: [made_event()])
    made_groups: list[Record] = field(default_factory=lambda: [made_group()])
    made_locations: list[Record] = field(default_factory=lambda: [made_location()])
    made_documents: list[Record] = field(default_factory=lambda: [made_document()])
    made_names: dict[str, dict[str, list[Record]]] = field(
        default_factory=lambda: {
            "location": {"mmr005024701": [made_name("Koolin")]},
            "group": {"other-guard": [made_name("Other Guard", rank=2)]},
        }
    )
    made_relations: dict[str, list[Record]] = field(
        default_factory=lambda: {"other-guard": [made_relation("arakan-army")]}
    )
    expectation: Expectation = field(default_factory=Expectation)
    # What happens after the last event, when the database has taken all of them.
    at_the_end: Callable[[], None] = lambda: None

    @property
    def dataset(self) -> Record:
        return {
            "id": "other",
            "title": "Another dataset",
            "publisher": "Nobody",
            "description": None,
            "licence": "CC0-1.0",
            "licence_url": None,
            "citation": "Invented for tests.",
            "release": "1",
            "first_date": DAY,
            "last_date": DAY,
            "is_redistributable": True,
        }

    @property
    def content_hash(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()

    def locations(self) -> Iterator[Record]:
        return iter(self.made_locations)

    def documents(self) -> Iterator[Record]:
        return iter(self.made_documents)

    def groups(self) -> Iterator[Record]:
        return iter(self.made_groups)

    def names(self, record_type: str, connection: Connection | None = None) -> Mapping[str, Sequence[Record]]:
        return self.made_names[record_type]

    def relations(self) -> Mapping[str, Sequence[Record]]:
        return self.made_relations

    def events(self) -> Iterator[Record]:
        yield from self.made_events
        self.at_the_end()
