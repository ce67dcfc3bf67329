"""What the oracles read beside events: places, names, memberships, times of changes, and how a question is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Record = Mapping[str, Any]
# A question's parameters as they are written: every value is text, and a parameter with one value has one.
Asked = Mapping[str, Sequence[str]]


class UnknownToOracle(LookupError):
    """The service declares something that the oracle has not been told of, so that nothing would hold it to be right."""

    def __init__(self, what: str, names: Iterable[str]) -> None:
        (file,) = [file for word, file in _ORACLES.items() if word in what.split()]
        super().__init__(
            f"the oracle does not know the {what} {', '.join(sorted(names))}: write down in {file} what it means"
        )


# Where each is written down.
_ORACLES = {
    "filters": "tests/filter_oracle.py",
    "measure": "tests/filter_oracle.py",
    "dimensions": "tests/row_oracle.py",
    "columns": "tests/column_oracle.py",
    "values": "tests/test_one_question.py",
}


def refuse_unknown(what: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Errors: UnknownToOracle, naming all that are not known."""
    strange = set(names) - set(known)
    if strange:
        raise UnknownToOracle(what, strange)


@dataclass(frozen=True)
class Membership:
    """That one group is a member of another, within these days where they are given."""

    member: str
    whole: str
    since: date | None
    until: date | None


@dataclass(frozen=True)
class Known:
    """Every place by its id, and who is a member of what; where words and changes are asked for, these too."""

    places: Mapping[str, Record] = field(repr=False)
    memberships: Sequence[Membership] = ()
    # What full-text search finds groups and places by; ids are unlike over all kinds of records.
    names: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    # When each record last changed, as the API writes it.
    changed_at: Mapping[str, str] = field(default_factory=dict, repr=False)
    # Every document by its id, with its outlet and when it was published.
    documents: Mapping[str, Record] = field(default_factory=dict, repr=False)

    def around(self, identity: str) -> Iterator[Record]:
        """The place itself and every place that it lies in."""
        found: str | None = identity
        while found is not None:
            yield self.places[found]
            found = self.places[found]["parent_id"]

    def at_level(self, identity: str, level: str) -> str | None:
        """The place of this level that a place lies in; null where it lies in none."""
        return next((place["id"] for place in self.around(identity) if place["level"] == level), None)

    def outlet_of(self, document: str) -> str:
        """The outlet of a document; of one whose outlet is not named, the document itself."""
        found = str(self.documents[document]["outlet"])
        return document if found == "Unnamed outlet" else found

    def sources_of(self, said: Record) -> set[str]:
        """Who says so or passes it on: anyone in the chain, and the outlet."""
        return {*said["chain"], self.outlet_of(said["document_id"])}

    def corroboration_of(self, claims: Sequence[Record]) -> dict[str, int]:
        """How many claims, documents and roots there are, root by root."""

        def is_numbered(claim: Record) -> bool:
            return {claim["low"], claim["best"], claim["high"]} != {None}

        roots = set()
        for claim in claims:
            if not is_numbered(claim) and any(is_numbered(other) for other in claims):
                continue
            beside = [other for other in claims if other["document_id"] == claim["document_id"] and other["chain"]]
            if any(is_numbered(other) >= is_numbered(claim) for other in beside) and not claim["chain"]:
                continue
            roots.add(claim["chain"][0] if claim["chain"] else self.outlet_of(claim["document_id"]))
        documents = {claim["document_id"] for claim in claims}
        return {"claims": len(claims), "documents": len(documents), "roots": len(roots)}

    def point_of(self, record: Record) -> tuple[float, float] | None:
        """Where an event or figure is, latitude first: its own point, or its place's where it has none."""
        found = record if record["latitude"] is not None else self.places[record["location_id"]]
        return None if found["latitude"] is None else (found["latitude"], found["longitude"])

    def with_members(self, groups: Iterable[str], day: date) -> set[str]:
        """These groups and whoever is on this day a member of them, to any depth."""
        found = set(groups)
        while True:
            more = {
                link.member
                for link in self.memberships
                if link.whole in found
                and (link.since is None or link.since <= day)
                and (link.until is None or day <= link.until)
            }
            if more <= found:
                return found
            found |= more
