"""Markdown says what the JSON says, with how many there are and whose it is."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

pytestmark = pytest.mark.engines("sqlite")

FIGURE = "/v1/figures/namhsan-killed-state-forces"


def test_assistants_are_told_where_everything_is(client: FlaskClient) -> None:
    told = client.get("/llms.txt")
    assert told.content_type == "text/plain; charset=utf-8"
    linked = re.findall(r"\((http://[^)]+)\)|^(http://\S+)$", told.text, re.MULTILINE)
    assert len(linked) > 10
    for address in ("".join(found) for found in linked):
        assert client.get(address.removeprefix("http://localhost")).status_code == 200, address


def test_a_record_a_total_and_a_list_are_told_as_text(client: FlaskClient) -> None:
    figure, told = client.get(FIGURE).json, client.get(FIGURE, headers={"Accept": "text/markdown"})
    assert told.content_type == "text/markdown; charset=utf-8"
    lines = told.text.splitlines()
    for key in ("low", "best", "high"):
        assert f"- {key}: {'' if figure[key] is None else figure[key]}" in lines
    claims = lines[lines.index("## claims") :]
    assert len([line for line in claims if line.startswith("| ")]) == len(figure["claims"]) + 1
    asked = "/v1/casualties/totals?measure=killed&group_by=population"
    total, text = client.get(asked).json, client.get(f"{asked}&format=md").text
    assert text.startswith(f"{total['returned']} of {total['total']}.")
    for row in total["data"]:
        assert f" {row['best'] if row['best'] is not None else ''} |" in text
    for source in total["sources"]:
        assert source["licence"].replace("_", "\\_") in text
    assert "| population | dataset | measure |" in text and "State forces" in text and "points" not in text
    row = next(row for row in total["data"] if row["key"]["population"] == "state_forces")
    assert f"[figures]({row['links']['figures']})" in text
    listed = client.get("/v1/events.md?id=battle-of-kawlin-2023&fields=id,date,location,groups,figures").text
    assert "| 2023-11-03 to 2023-11-06 (days) | Kawlin (mmr005024701) |" in listed.replace("\\", "")
    assert "Kachin Independence Army (kachin-independence-army, attacker, single_source)" in listed.replace("\\", "")
    assert "killed armed_opposition 3 / 3 / 3" in listed.replace("\\", "")
    page = client.get("/v1/events.md?limit=2").text
    listed = client.get("/v1/events?limit=2").json
    assert page.startswith(f"2 of {listed['total']}.") and "Next: <http" in page
    assert "/v1/events.md?" in page


def test_an_event_is_told_as_text_to_be_read(client: FlaskClient) -> None:
    path = "/v1/events/battle-of-kawlin-2023"
    event, text = client.get(path).json, client.get(f"{path}?format=md").text
    lines = text.splitlines()
    assert lines[0] == f"# {event['title']}" and event["summary"] in text and "\n\n\n" not in text and "<" not in text
    assert (
        "- Attacker: [Kachin Independence Army](http://localhost/v1/groups/kachin-independence-army) (KIA), single source"
        in lines
    )
    assert len([line for line in lines if line.startswith("### ")]) == len(event["figures"])
    start = lines.index("### Killed · state forces: more than 20")
    claims = [line for line in lines[start + 1 : lines.index("## Who says that it happened")] if line.startswith("- ")]
    assert len(claims) == sum(len(figure["claims"]) for figure in event["figures"])
    assert claims[0].startswith("- **more than 20**, said by a resident of Kawlin, through Associated Press")
    assert "characters 1524\N{EN DASH}1607 of `002_49c7442abbe22091`" in claims[0]
    assert "- **number not known**, said by a resident of Kawlin" in text
    assert text.rstrip().endswith("Licence: CC-BY-4.0.")


def test_pages_about_the_service_are_told_as_text_where_they_say_so(client: FlaskClient) -> None:
    assert client.get("/?format=md").text.startswith("# Conflict events")
    problem = client.get("/problems/unknown-parameter", headers={"Accept": "text/markdown"})
    assert problem.content_type == "text/markdown; charset=utf-8"
    assert client.get(problem.request.path).json["meaning"] in problem.text.replace("\\", "")
    # What no JSON stands behind has no text either.
    for path in ("/compare", "/since"):
        refused = client.get(f"{path}?format=md")
        assert (refused.status_code, refused.json["errors"][0]["allowed"]) == (400, ["html"])
