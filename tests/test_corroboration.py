"""Figures say on how many independent roots they rest: first by hand over the corpus, then as a document's outlet changes."""

from __future__ import annotations

from copy import deepcopy

import pytest
from flask.testing import FlaskClient

from api.domain.corroboration import corroboration
from tests.conftest import application, close, load_into
from tests.databases import Databases
from tests.made import Made, made_document, made_event, made_figure
from tests.sweep import for_each


@for_each(
    ("figure", "expected"),
    [
        # A resident, the same in the document's own voice, and videos without a number.
        ("kawlin-battle-2023-11-killed-state-forces", (3, 1, 1)),
        ("kawlin-battle-2023-11-killed-armed-opposition", (2, 1, 1)),
        # Local media, the National Unity Government and a fighter.
        ("kawlin-town-seized", (5, 2, 3)),
        ("kawlin-police-station-seized", (3, 2, 3)),
        # Two documents that heard the same resident.
        ("kawlin-evacuated-civilians", (2, 2, 1)),
        ("min-ywar-killed-state-forces", (2, 1, 1)),
        ("myanmar-displaced-since-2023-10-26", (2, 1, 1)),
        ("namhsan-town-seized", (2, 1, 1)),
        ("pauktaw-killed-civilians", (1, 1, 1)),
    ],
)
def test_figures_of_the_corpus_rest_on_their_roots(
    client: FlaskClient, figure: str, expected: tuple[int, int, int]
) -> None:
    found = client.get(f"/v1/figures/{figure}").json["corroboration"]
    assert (found["claims"], found["documents"], found["roots"]) == expected
    listed = client.get(f"/v1/figures?id={figure}&format=csv&fields=corroboration").text.split("\r\n")
    assert listed[:2] == ["claims,roots", f"{expected[0]},{expected[2]}"]


def test_roots_min_takes_what_rests_on_so_many(client: FlaskClient) -> None:
    found = client.get("/v1/figures?dataset=op1027&roots_min=2&limit=1000").json["data"]
    assert {figure["corroboration"]["roots"] for figure in found} == {3}
    assert {"kawlin-town-seized", "kawlin-police-station-seized"} <= {figure["id"] for figure in found}
    assert client.get("/v1/events?dataset=op1027&roots_min=3").json["total"] == len({f["event"]["id"] for f in found})


def _claim(document: str, *chain: str, best: int | None = 1) -> dict[str, object]:
    return {"document_id": document, "chain": list(chain), "low": best, "best": best, "high": best}


@pytest.mark.engines("sqlite")
@for_each(
    ("claims", "roots"),
    [
        ([], 0),
        ([_claim("one"), _claim("two")], 1),
        ([_claim("one"), _claim("unnamed"), _claim("unnamed-too")], 3),
        ([_claim("one", "a resident"), _claim("two", "a resident", "Agency"), _claim("unnamed", "a resident")], 1),
        ([_claim("one"), _claim("one", "a resident")], 1),
        ([_claim("two"), _claim("one", "a resident")], 2),
        ([_claim("one", best=None), _claim("two", "a resident", best=None)], 2),
        ([_claim("unnamed"), _claim("two", "a resident", best=None)], 1),
        # The only number is the document's own.
        ([_claim("one"), _claim("one", "a resident", best=None)], 1),
        # Quoted as one that says so elsewhere.
        ([_claim("one"), _claim("unnamed", "The Paper")], 1),
    ],
)
def test_a_root_is_counted_once(claims: list[dict[str, object]], roots: int) -> None:
    outlets = {"one": "The Paper", "two": "The Paper", "unnamed": "Unnamed outlet", "unnamed-too": "Unnamed outlet"}
    assert corroboration(claims, outlets)["roots"] == roots


def test_an_outlet_that_turns_out_to_be_another_is_another_root(corpus_address: str, databases: Databases) -> None:
    address = databases.copy(corpus_address)
    own = {**made_figure()["claims"][0], "claimant": None, "chain": []}
    quoted = {**own, "document_id": "other-note", "chain": ["The Note"], "claimant": "The Note", "is_preferred": False}
    event = made_event(figures=[made_figure(claims=[own, quoted])])
    note = made_document("other-note", outlet="The Note")

    def roots_by(outlet: str) -> tuple[int, int, int]:
        documents = [made_document(outlet=outlet), note]
        load_into(address, Made([deepcopy(event)], made_documents=documents))
        app = application(address)
        client = app.test_client()
        figure = client.get("/v1/figures/other-killed").json
        listed = client.get("/v1/figures?dataset=other&roots_min=2").json
        inside = client.get("/v1/events/other-fight").json["figures"][0]
        close(app)
        return figure["corroboration"]["roots"], inside["corroboration"]["roots"], listed["total"]

    assert roots_by("The Other Courier") == (2, 2, 1)
    assert roots_by("The Note") == (1, 1, 0)
    assert roots_by("Unnamed outlet") == (2, 2, 1)
