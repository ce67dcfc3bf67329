"""What generated worlds share: places, groups, documents, claimants, and the plainest records. Knows no totals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import Connection

from api.load.source import EmptySource
from api.store.record_types import Record
from seeds.corpus.gazetteer_source import Gazetteer
from tests.conftest import load_into
from tests.databases import Databases
from tests.known import Known, Membership

# From whole countries down to one site; places inside one another, beside one another, and in no country at all.
PLACES = (
    "mmr015001701",
    "mmr015001",
    "mmr015d001",
    "mmr015",
    "mmr014",
    "shan-state",
    "mmr",
    "mmr005024701",
    "mmr005",
    "mmr015302701",
    "muse-border-trade-zone",
    "south-east-asia",
    "cast-province",
    "cast-town",
    "tha",
)
# What is asked for beside them: subtrees that hold several.
WIDER_PLACES = ("mmr005d011", "mmr015009", "mmr015d002")
COUNTRIES = ("MMR", "THA")
GROUPS = ("cast-hill-guard", "cast-river-pact", "cast-plain-league", "cast-city-watch")
DOCUMENTS = ("cast-gazette", "cast-courier", "cast-post", "cast-extra")
# Two documents of one outlet, one of an outlet that nobody names, and days on which some were published.
_OUTLETS = {"cast-extra": "cast-post", "cast-courier": "Unnamed outlet"}
OUTLETS = ("cast-gazette", "cast-courier", "cast-post")
_PUBLISHED = {"cast-gazette": date(2023, 11, 7), "cast-extra": date(2024, 1, 2), "cast-post": date(2023, 11, 7)}
# Words for somebody who is no group may hold whatever a sentence holds.
CLAIMANTS = (
    "cast-hill-guard",
    "cast-city-watch",
    "a miller & his son",
    "a trader, in Lashio",
    '"Nurse" Thandé; unnamed',
)
# Who passes on what others say.
RELAYS = ("cast-river-pact", "a wire service")
# Everybody who may be a source.
SOURCES = (
    *(claimant for claimant in CLAIMANTS if "," not in claimant),
    *RELAYS,
    "cast-gazette",
    "cast-courier",
    "cast-post",
)
_MEMBERSHIPS = (
    Membership("cast-hill-guard", "cast-river-pact", None, date(2023, 11, 5)),
    Membership("cast-hill-guard", "cast-plain-league", date(2023, 12, 31), None),
    Membership("cast-river-pact", "cast-plain-league", date(2023, 11, 1), date(2023, 12, 31)),
    Membership("cast-city-watch", "cast-river-pact", None, None),
)


def dataset_of(identity: str) -> Record:
    return {
        "id": identity,
        "title": f"Invented dataset {identity}",
        "publisher": "Nobody",
        "description": None,
        "licence": "CC0-1.0",
        "licence_url": None,
        "citation": "Invented for tests.",
        "release": "1",
        "first_date": None,
        "last_date": None,
        "is_redistributable": True,
    }


def _place(identity: str, level: str, parent: str | None) -> Record:
    return {
        "id": identity,
        "name": identity.replace("-", " ").title(),
        "native_name": None,
        "level": level,
        "parent_id": parent,
        "pcode": None,
        "country": "THA",
        "latitude": None,
        "longitude": None,
        "uncertainty_km": None,
        "position_basis": None,
    }


class Cast(EmptySource):
    """Who and where every world is about: groups, documents, claimants, and a second country."""

    content_hash = "1"
    dataset = dataset_of("cast")

    def locations(self) -> Iterator[Record]:
        # A town that hangs on its province leaves the levels between empty.
        yield from (_place("tha", "country", None), _place("cast-province", "state_or_region", "tha"))
        yield _place("cast-town", "town", "cast-province")

    def documents(self) -> Iterator[Record]:
        for identity in DOCUMENTS:
            unsaid = (
                "title",
                "published_on_reason",
                "language",
                "sha256",
                "length",
                "url",
                "archive_url",
                "archived_on",
            )
            nothing = dict.fromkeys(unsaid)
            day = _PUBLISHED.get(identity)
            when = {"published_on": day, "published_on_basis": None if day is None else "stated"}
            outlet = {"outlet": _OUTLETS.get(identity, identity), "outlet_basis": "stated", "agencies": []}
            yield {**nothing, **when, **outlet, "id": identity}

    def groups(self) -> Iterator[Record]:
        for identity in GROUPS:
            yield {
                "id": identity,
                "name": identity,
                "acronym": None,
                "group_kind": "armed_group",
                "country": None,
                "description": None,
                "codes": [],
            }

    def names(self, record_type: str, connection: Connection | None = None) -> Mapping[str, Sequence[Record]]:
        listed = GROUPS if record_type == "group" else ("tha", "cast-province", "cast-town")
        return {identity: [{"rank": 0, "name": identity, "language": None, "document_id": None}] for identity in listed}

    def relations(self) -> Mapping[str, Sequence[Record]]:
        found: dict[str, list[Record]] = {}
        for link in _MEMBERSHIPS:
            period = {"valid_from": link.since, "valid_to": link.until}
            held: Record = {"to_group_id": link.whole, "type": "member_of", "document_id": None, "spans": []}
            found.setdefault(link.member, []).append({**held, **period})
        return found

    def events(self) -> Iterator[Record]:
        # Whoever is asked about must have said something in some dataset.
        said = [saying_of(DOCUMENTS[0], claimant, "unverified") for claimant in (*CLAIMANTS, *RELAYS)]
        said += [saying_of(document, None, "unverified") for document in DOCUMENTS]
        yield {**event_of("cast-event", setting_of(date(2020, 1, 1), 0, "tha")), "reports": said}


def with_cast(databases: Databases) -> str:
    """The address of a new database with the gazetteer and the cast."""
    return databases.copy(databases.made_once("cast", lambda address: load_into(address, Gazetteer(), Cast())))


def known() -> Known:
    """The places and memberships that every world stands on."""
    locations = [*Gazetteer().locations(), *Cast().locations()]
    documents = {document["id"]: document for document in Cast().documents()}
    return Known({place["id"]: place for place in locations}, _MEMBERSHIPS, documents=documents)


def setting_of(
    start: date,
    days: int,
    location: str,
    precisions: tuple[str, str] = ("day", "exact"),
    point: tuple[float, float] | None = None,
) -> Record:
    """A time and a place."""
    return {
        "date_start": start,
        "date_end": start + timedelta(days),
        "date_precision": precisions[0],
        "date_reason": None,
        "location_id": location,
        "location_precision": precisions[1],
        "latitude": None if point is None else point[0],
        "longitude": None if point is None else point[1],
    }


def event_of(identity: str, setting: Record) -> Record:
    return {
        "id": identity,
        "kind": "incident",
        "type": "battles",
        "subtype": None,
        "title": "An invented event",
        "summary": None,
        "part_of": None,
        "outcome": None,
        "coding_status": "coded",
        "codes": None,
        "groups": [],
        "reports": [],
        "figures": [],
        **setting,
    }


def saying_of(
    document: str,
    claimant: str | None,
    verification: str,
    relay: str | None = None,
    spans: Sequence[Sequence[int]] = ((0, 1),),
) -> Record:
    said = {"document_id": document, "claimant": claimant, "verification": verification}
    chain = [link for link in (claimant, relay) if link is not None]
    return {**said, "spans": [list(span) for span in spans], "chain": chain}
