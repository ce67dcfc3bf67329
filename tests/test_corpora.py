"""The coded corpus and the gazetteer as records for the load engine: whole, consistent, and with nothing invented."""

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine

from api.domain.bounds import bounds
from api.domain.codebook import values
from api.domain.names import folded
from api.store.record_types import Record
from seeds.corpus.corpus_source import Corpus
from seeds.corpus.files import SEEDS, read
from seeds.corpus.gazetteer_source import Gazetteer


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """The coded corpus that ships with us."""
    return Corpus(SEEDS / "op1027")


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    """An empty database: what our own files call records does not depend on what is there."""
    with create_engine("sqlite://").connect() as found:
        yield found


@pytest.fixture(scope="module")
def events(corpus: Corpus) -> list[Record]:
    """Its events, each with its figures, reports and participants."""
    return list(corpus.events())


@pytest.fixture(scope="module")
def locations() -> list[Record]:
    """The places of both files of the gazetteer."""
    return list(Gazetteer().locations())


def figures_of(events: list[Record]) -> Iterator[tuple[Record, Record]]:
    """Every figure with its event, event first."""
    return ((event, figure) for event in events for figure in event["figures"])


def test_everything_that_is_coded_is_mapped(corpus: Corpus, events: list[Record], locations: list[Record]) -> None:
    coded = read(corpus.folder)
    assert [event["id"] for event in events] == [item.text("id") for item in coded.items("events")]
    assert [figure["id"] for _, figure in figures_of(events)] == [figure.text("id") for _, figure in coded.figures()]
    assert [group["id"] for group in corpus.groups()] == [item.text("id") for item in coded.items("groups")]
    assert [found["id"] for found in corpus.documents()] == [item.text("id") for item in coded.items("documents")]
    assert {place["id"] for place in locations} == coded.gazetteer.keys()
    for key, mapped in (
        ("reports", [report for event in events for report in event["reports"]]),
        ("claims", [claim for _, figure in figures_of(events) for claim in figure["claims"]]),
        ("relations", [relation for related in corpus.relations().values() for relation in related]),
    ):
        written = [item for document in coded.items("documents") for item in document.items(key)]
        assert len(mapped) == len(written) > 0, key


def test_no_two_records_share_an_id(corpus: Corpus, events: list[Record], locations: list[Record]) -> None:
    figures = (figure for _, figure in figures_of(events))
    records = (*locations, *corpus.documents(), *corpus.groups(), *events, *figures)
    ids = Counter(record["id"] for record in records)
    assert [identity for identity, times in ids.items() if times > 1] == []


def test_every_figure_has_one_preferred_claim_and_its_bounds_or_a_reason_for_others(events: list[Record]) -> None:
    for _, figure in figures_of(events):
        (preferred,) = (claim for claim in figure["claims"] if claim["is_preferred"])
        found = bounds(preferred["qualifier"], preferred["number"])
        names = ("low", "best", "high", "open_ended", "status")
        # A coder who sets other bounds gives a reason, and nobody gives one for the claim's own.
        differs = any(figure[name] != getattr(found, name) for name in names)
        assert differs == (figure["reason"] is not None), figure["id"]
        assert figure["qualifier"] == preferred["qualifier"]


def test_every_claim_has_the_bounds_of_its_own_number(events: list[Record]) -> None:
    for _, figure in figures_of(events):
        for claim in figure["claims"]:
            found = bounds(claim["qualifier"], claim["number"])
            assert (claim["low"], claim["best"], claim["high"]) == (found.low, found.best, found.high), figure["id"]


def test_the_document_of_every_claim_reports_the_event_of_its_figure(events: list[Record]) -> None:
    for event, figure in figures_of(events):
        reporting = {report["document_id"] for report in event["reports"]}
        assert {claim["document_id"] for claim in figure["claims"]} <= reporting, figure["id"]


def test_every_event_is_reported_and_every_figure_lies_somewhere_at_some_time(events: list[Record]) -> None:
    for event in events:
        assert event["reports"], event["id"]
        for record in (event, *event["figures"]):
            assert record["date_start"] <= record["date_end"], record["id"]
            assert record["location_id"] is not None, record["id"]


def test_no_two_groups_answer_to_one_name_at_one_rank(corpus: Corpus, connection: Connection) -> None:
    bearers: dict[tuple[int, str], set[str]] = {}
    for group, names in corpus.names("group", connection).items():
        for name in names:
            bearers.setdefault((name["rank"], folded(name["name"])), set()).add(group)
    assert {name: groups for name, groups in bearers.items() if len(groups) > 1} == {}


def test_every_name_leads_to_a_record_and_no_spelling_stands_twice(
    corpus: Corpus, connection: Connection, locations: list[Record]
) -> None:
    groups = {group["id"] for group in corpus.groups()}
    places = {place["id"] for place in locations}
    documents = {document["id"] for document in corpus.documents()}
    for names, known in (
        (corpus.names("group", connection), groups),
        (corpus.names("location", connection), places),
        (Gazetteer().names("location", connection), places),
    ):
        assert names and names.keys() <= known
        for identity, rows in names.items():
            spellings = [row["name"] for row in rows if row["rank"] > 0]
            assert len(set(spellings)) == len(spellings), identity
            assert {row["document_id"] for row in rows} <= {None, *documents}
    assert corpus.names("group", connection).keys() == groups
    assert Gazetteer().names("location", connection).keys() == places


def test_parents_come_before_their_children(locations: list[Record]) -> None:
    levels = values("location_level")
    seen: dict[str, str] = {}
    for place in locations:
        if place["parent_id"] is not None:
            assert levels.index(seen[place["parent_id"]]) < levels.index(place["level"]), place["id"]
        seen[place["id"]] = place["level"]


def test_what_a_record_names_is_there(corpus: Corpus, events: list[Record], locations: list[Record]) -> None:
    groups = {group["id"] for group in corpus.groups()}
    places = {place["id"] for place in locations}
    figures = {figure["id"] for _, figure in figures_of(events)}
    for event in events:
        assert event["part_of"] is None or event["part_of"] in {other["id"] for other in events}, event["id"]
        assert {part["group_id"] for part in event["groups"]} <= groups, event["id"]
        assert {event["location_id"], *(figure["location_id"] for figure in event["figures"])} <= places, event["id"]
        assert {figure["part_of"] for figure in event["figures"]} <= {None, *figures}, event["id"]
    for group, relations in corpus.relations().items():
        assert {group, *(relation["to_group_id"] for relation in relations)} <= groups


def test_the_corpus_tells_how_much_it_holds_and_how_often_it_was_coded(corpus: Corpus, events: list[Record]) -> None:
    told = " ".join((corpus.folder / "README.md").read_text(encoding="utf-8").split())
    figures = [figure for _, figure in figures_of(events)]
    claims = sum(len(figure["claims"]) for figure in figures)
    groups = len(list(corpus.groups()))
    assert f"{groups} groups, {len(events)} events, {len(figures)} figures and {claims} claims" in told
    once = sum(event["coding_status"] == "coded" for event in events)
    description = read(corpus.folder).dataset["description"]
    assert f"{once} of the {len(events)} events" in " ".join(str(description).split())
