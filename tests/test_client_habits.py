"""What clients do by habit is answered as it is meant: repeated lists, times for days, labels, names of countries, slashes.

And what neighbours call our parameters is refused with ours.
"""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from api.domain.codebook import CODEBOOK
from api.domain.countries import countries, country_code
from api.domain.names import folded
from tests.sweep import for_each

pytestmark = pytest.mark.engines("sqlite")


@for_each(
    ("habit", "plain"),
    [
        ("type=battles&limit=500&type=riots", "type=battles,riots"),
        ("type=Battles", "type=battles"),
        ("type=battles&format=JSON", "type=battles"),
        ("type=Violence+against+civilians,BATTLES", "type=violence_against_civilians,battles"),
        ("location_precision=State+or+region", "location_precision=state_or_region"),
        ("date_precision=A+few+days", "date_precision=days"),
        ("type=Explosions/Remote%20violence", "type=explosions_remote_violence"),
        ("group=AA&group=TNLA&include_members=True", "group=AA,TNLA&include_members=true"),
        ('location="Sagaing"&location=Namhsan', "location=Sagaing,Namhsan"),
        ("bbox=94&bbox=22&bbox=97&bbox=25", "bbox=94,22,97,25"),
        *((f"country={name}", "country=MMR") for name in ("mmr", "mm", "104", "Burma", "MYANMAR", "Myanmar (Burma)")),
        ("country=Myanmar&country=PSE", "country=MMR"),
        ("location=Burma", "location=MMR"),
        ("_=1712345&type=battles", "type=battles"),
        *(
            (f"date_from={time}", "date_from=2023-11-13")
            for time in (
                *("2023-11-13T00:00:00Z", "2023-11-13T00:00:00.000Z", "2023-11-13T05:00", "2023-11-13 05:00:00"),
                # The day is that of UTC; a plus sign that nobody escaped is a space.
                *("2023-11-12T23:00:00-02:00", "2023-11-14T01:00:00+02:00", "2023-11-14T01:00:00%2B0200"),
            )
        ),
        ("updated_since=2020-11-13+03:00:00+00:00", "updated_since=2020-11-13T03:00:00Z"),
    ],
)
def test_habit_gets_the_plain_answer(client: FlaskClient, habit: str, plain: str) -> None:
    asked, meant = client.get(f"/v1/events?{habit}").json, client.get(f"/v1/events?{plain}").json
    assert asked["total"] == meant["total"] > 0
    assert asked["data"] == meant["data"]
    # What is asked narrows, or this would say nothing.
    assert habit[0] in "_lu" or meant["total"] < client.get("/v1/events").json["total"]


def test_country_without_data_is_an_empty_answer(client: FlaskClient) -> None:
    for country in ("PSE", "Kosovo", "ua", "Côte d'Ivoire", "Democratic Republic of Congo", '"Korea, Republic of"'):
        assert client.get("/v1/events", query_string={"country": country}).json["total"] == 0


def test_no_word_means_two_countries() -> None:
    for country in countries():
        words = (country.alpha_3, country.alpha_2.lower(), *country.numbers, *map(str.upper, country.names))
        assert {country_code(word) for word in words if word} == {country.alpha_3}
        assert len({folded(name) for name in country.names}) == len(country.names), country


def test_no_two_codes_of_a_list_have_one_label() -> None:
    for listed in CODEBOOK.values():
        words = [{folded(code.code), folded(code.label)} for code in listed.codes]
        assert sum(map(len, words)) == len(set().union(*words)), listed.name


@for_each(
    ("name", "ours"),
    [
        *(("event_type", ["type"]), ("sub_event_type", ["subtype"]), ("actor1", ["group"]), ("admin1", ["location"])),
        *(("iso3", ["country"]), ("StartDate", ["date_from"]), ("start-date", ["date_from"]), ("datetime", ["date_from", "date_to"])),
        *(("year", ["date_from", "date_to"]), ("offset", ["page", "cursor"]), ("fatalities", ["measure", "best_min"])),
        *(("deaths", ["measure", "best_min"]), ("pagesize", ["limit"]), ("fields[include][]", ["fields"]), ("dateTo", ["date_to"])),
        *(("fatalities_where", ["measure", "best_min"]), ("event_date_where", ["date_from", "date_to"]), ("type_where", ["type"])),
        *(("app_identifier", []), ("api_key", [])),
    ],
)  # fmt: skip
def test_words_of_neighbours_are_refused_with_ours(client: FlaskClient, name: str, ours: list[str]) -> None:
    response = client.get("/v1/events", query_string={name: "1"})
    (fault,) = response.get_json(force=True)["errors"]
    assert (response.status_code, fault["parameter"]) == (400, name)
    assert fault.get("did_you_mean") == next(iter(ours), None)
    assert all(f"'{one}'" in fault["message"] for one in ours) and (ours or "leave it out" in fault["message"])


@for_each(
    ("path", "meant"),
    [
        ("/v1/casualties/totals?group_by=state", "state_or_region"),
        ("/v1/casualties/totals?group_by=admin3", "township"),
        ("/v1/casualties/totals?measure=fatalities", "killed"),
        ("/v1/events?sort=-fatalities", "-killed"),
        ("/v1/events?sort=date:desc", "-date"),
        ("/v1/events?sort=date+asc", "date"),
        ("/v1/events?sort=fatalities desc", "-killed"),
        ("/v1/events?fields=event_date", "date"),
    ],
)
def test_values_of_neighbours_are_refused_with_ours(client: FlaskClient, path: str, meant: str) -> None:
    (fault,) = client.get(path).get_json(force=True)["errors"]
    assert fault["did_you_mean"] == meant and f"'{meant}'" in fault["message"]


@for_each(
    ("query", "said"),
    [
        ("type=Battles|Riots", "'Battles|Riots' is not one of its values. Several values stand between commas."),
        ("country=Myanmar|Bangladesh", "'Myanmar|Bangladesh'. Several values stand between commas."),
        ("country=Myanmar:OR:country=Bangladesh", "Several values stand between commas."),
        ("fields=id;title", "Several values stand between commas."),
        ("date_from=2023-11-01|2023-11-30", "A period has its first day in 'date_from' and its last in 'date_to'."),
        ("fields=*", "Leave it out for all."),
        ("limit=0", "0 is below the least, 1. Leave it out: 'next' leads to all."),
        ("limit=all", "Leave it out: 'next' leads to all."),
        ("type=battles&amp;limit=5", "with &amp; for &. Did you mean 'limit'?"),
        ("type=nothing", "'nothing' is not one of its values."),
    ],
)
def test_what_others_write_between_values_is_told(client: FlaskClient, query: str, said: str) -> None:
    response = client.get(f"/v1/events?{query}")
    (fault,) = response.get_json(force=True)["errors"]
    assert response.status_code == 400 and fault["message"].endswith(said)


def test_a_slash_at_the_end_changes_nothing(client: FlaskClient) -> None:
    for path in ("/v1", "/v1/events", "/v1/events/kawlin-town-captured-2023-11-06", "/v1/casualties/totals"):
        assert client.get(f"{path}/").json == client.get(path).json


def test_the_version_leads_to_all_that_there_is(client: FlaskClient) -> None:
    links = client.get("/v1").json["links"]
    assert {"events", "casualties", "groups", "codebook", "description", "changes", "comparisons", "ogc"} <= set(links)
    assert {client.get(path).status_code for path in links.values()} == {200}
    assert client.get("/v1?format=md").status_code == 400


def test_next_leaves_out_what_means_nothing(client: FlaskClient) -> None:
    following = client.get("/v1/events?limit=1&_=17&type=battles&type=riots").json["next"]
    assert "_=17" not in following
    assert client.get(following).json["total"] == client.get("/v1/events?type=battles,riots").json["total"]
