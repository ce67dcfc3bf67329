"""Pages for people say what the API says, number by number, and can be read by everybody: small, dark, without scripts.

What a page shows is held to the answers in JSON that it names at its end. Chromium looks at one of each kind.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from api.pages.wording import day
from tests.conftest import SHARED, application, close
from tests.looked_at import EVENT, MANUAL, PAGES, REFUSED, ROW
from tests.sweep import for_each
from tests.test_browser import Visit, address, ask, browser, visit

__all__ = ["address", "browser", "visit"]

pytestmark = pytest.mark.engines("sqlite")

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
# Elements that no closing tag follows.
_VOID = ("meta", "link", "input", "br", "wbr")
# Addresses of lists and totals, which take `limit`.
MANY = re.compile(r"/v1/(events|casualties|displacements|figures|groups|locations|documents)(/totals)?")
LONG = ("/v1/codebook", "/v1/events/operation-1027", "/v1/locations/mmr005", "/v1/groups?limit=20")
# Pages that between them have all colours.
DARK = (EVENT, ROW, PAGES[9], REFUSED[0])
# The rules of axe for WCAG 2.2 AA and what else it holds good; without being asked it leaves out the size of targets.
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


class Read(HTMLParser):
    """What a page says in its content: its text, its numbers by what they are of, and the answers that it is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        # Of a figure's id or a path: the numbers that stand there.
        self.numbers: dict[str, list[float]] = {}
        self.answers: list[str] = []
        self._open: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = {**dict(attributes), "tag": tag}
        if tag not in _VOID:
            self._open.append(told)
        if tag == "data":
            of = next((one["data-of"] for one in reversed(self._open) if one.get("data-of")), None)
            if of is not None:
                self.numbers.setdefault(of, []).append(float(str(told["value"])))
        if tag == "a" and any("made-of" in str(one.get("class")) for one in self._open):
            self.answers.append(str(told["href"]))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        tags = {str(one["tag"]) for one in self._open}
        if "main" in tags and not tags & {"blockquote", "code", "summary"}:
            self.text.append(data)


def _said(value: object) -> Iterator[str]:
    """Every number in an answer, those within its texts too, as a page may write it."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _said(inner)
    elif isinstance(value, list):
        yield str(len(value))
        for inner in value:
            yield from _said(inner)
    elif value is not None and not isinstance(value, bool):
        for found in re.findall(r"\d+(?:\.\d+)?", str(value)):
            yield from (found, found.lstrip("0") or "0")


@for_each("path", PAGES)
def test_every_number_of_a_page_is_in_the_answers_it_is_made_of(client: FlaskClient, path: str) -> None:
    html = client.get(path, headers=BROWSER).text
    page = Read(html)
    answers = [client.get(each).get_json() for each in (path, *page.answers)]
    known = {number for answer in answers for number in _said(answer)} | set(_said(path))
    written = {
        number for text in page.text for one in _NUMBER.findall(text) for number in [one.rstrip(",").replace(",", "")]
    }
    assert written <= known, written - known
    for of, numbers in page.numbers.items():
        _are_of(client, of, numbers)


def _are_of(client: FlaskClient, of: str, numbers: list[float]) -> None:
    """Holds the numbers that lead to a figure, or to a row's figures, to what the API says of it."""
    if "/" not in of or "?" not in of:
        told = client.get(of if "/" in of else f"/v1/figures/{of}").get_json()
    else:
        path, _mark, query = of.partition("?")
        asked = [(name, value) for name, value in parse_qsl(query, True) if name != "row"]
        rows = client.get(f"{path}/totals", query_string=[*asked, ("limit", "1000")]).get_json()["data"]
        (told,) = (one for one in rows if of in one["links"].values())
    if "events" in told:
        assert set(numbers) <= {told["events"], told["spanning"]}
        return
    bounds = [told[name] for name in ("best", "low", "high") if told[name] is not None]
    assert set(numbers) <= {*bounds, told.get("floating")}
    # None of its bounds goes untold, but those that the first and the word before it say already.
    is_none = told.get("status") == "none_reported" or (told.get("none_reported") and told["high"] == 0)
    assert numbers == [] if is_none else numbers[:1] == bounds[:1] or told["best"] is None


@for_each("path", PAGES)
def test_pages_speak_in_words_and_names(client: FlaskClient, path: str) -> None:
    text = " ".join(Read(client.get(path, headers=BROWSER).text).text)
    # What the columns of files are called is said in texts of ours.
    assert set(re.findall(r"\b[a-z]+_[a-z_]+\b", text)) <= {"coding_status"}
    assert "op1027" not in text


def test_pages_and_data_are_told_apart(client: FlaskClient) -> None:
    page, data = client.get(EVENT, headers=BROWSER), client.get(EVENT)
    assert (page.mimetype, data.mimetype) == ("text/html", "application/json")
    assert client.get(f"{EVENT}?format=html").mimetype == "text/html"
    assert page.headers["ETag"] != data.headers["ETag"]
    assert "Accept" in page.headers["Vary"]
    again = client.get(EVENT, headers={**BROWSER, "If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    problem = client.get("/v1/events?contry=MMR", headers=BROWSER)
    assert (problem.status_code, problem.mimetype) == (400, "text/html")


def test_every_link_of_a_page_leads_somewhere(client: FlaskClient) -> None:
    linked: set[str] = set()
    for path in (EVENT, ROW, "/v1/groups/arakan-army", "/v1/datasets/op1027"):
        html = client.get(path, headers=BROWSER).text
        linked |= {found.replace("&amp;", "&") for found in re.findall(r'href="(/v1/[^"#]*)', html)}
    assert len(linked) > len(PAGES)
    assert {path: status for path in linked if (status := client.get(path).status_code) != 200} == {}


def test_refusals_offer_the_question_that_was_meant(client: FlaskClient) -> None:
    for path, meant in (
        ("/v1/events?contry=MMR&limit=2", "/v1/events?country=MMR&limit=2"),
        ("/v1/events?type=batles", "/v1/events?type=battles"),
        ("/v1/figures?location=Yangn", "/v1/figures?location=Yangon"),
        ("/?locaton=Kawlin", "/?location=Kawlin"),
        ("/?group=Arakan+Armi", "/?group=Arakan+Army"),
        ("/?location=Sagang", "/?location=Sagaing"),
        ("/?type=battle&by=day", "/?type=battles&by=day"),
        ("/?country=Myanmer", "/?country=Myanmar"),
        ("/?verification=unverifed", "/?verification=unverified"),
        ("/?location=Kawlin,Sagang", "/?location=Kawlin,Sagaing"),
        ("/v1/events?type=battles,riotts,protests&limit=2", "/v1/events?type=battles,riots,protests&limit=2"),
        ("/v1/events?location=Kawlin&location=Sagang", "/v1/events?location=Kawlin&location=Sagaing"),
        ("/v1/events?country=Mexco,MMR", "/v1/events?country=Mexico,MMR"),
        ("/v1/events?dataset=op1028,gazetteer", "/v1/events?dataset=op1027,gazetteer"),
        ("/v1/events?sort=-updated", "/v1/events?sort=-updated_at"),
        ("/compare?location=Kawln&date_from=2023-11-01", "/compare?location=Kawlin&date_from=2023-11-01"),
        ("/since?dataset=op1028", "/since?dataset=op1027"),
        (
            "/compare?of=sources&first=Routers&second=Associated+Press",
            "/compare?of=sources&first=Reuters&second=Associated+Press",
        ),
        ("/ogc/collections/events/items?group=Arakan+Armi", "/ogc/collections/events/items?group=Arakan+Army"),
        ("/v1/events?fatalities=5&limit=2", "/v1/events?measure=killed&best_min=5&limit=2"),
        ("/v1/events?year=2023", "/v1/events?date_from=2023-01-01&date_to=2023-12-31"),
        ("/v1/events?event_date=2023-11-06", "/v1/events?date_from=2023-11-06&date_to=2023-11-06"),
        ("/v1/events?actor1=AA", "/v1/events?group=AA"),
    ):
        refused = client.get(path, headers=BROWSER)
        assert refused.status_code == 400, path
        offered = [html.unescape(found) for found in re.findall(r'class="mended"><a href="([^"]*)"', refused.text)]
        assert offered == [meant], path
        assert client.get(meant, headers=BROWSER).status_code == 200, meant
    # A candidate takes the place of the one value as well.
    candidates = client.get("/v1/events?location=Tamu,Sagang", headers=BROWSER).text
    assert 'href="/v1/events?location=Tamu,mmr005"' in candidates
    assert f'href="{EVENT}"' in client.get(f"{EVENT}x", headers=BROWSER).text


@for_each(
    "asked", ["offset=100", "lat=23.8", "fatalities=some", "victims=5", "year=then", "deaths_a=1", "event_type=5"]
)
def test_no_question_is_offered_that_would_be_refused_or_is_another(client: FlaskClient, asked: str) -> None:
    refused = client.get(f"/v1/events?{asked}", headers=BROWSER)
    assert refused.status_code == 400
    assert "Use &#39;" in refused.text
    assert "Ask this instead" not in refused.text


@for_each(
    "path",
    [
        "/v1/casualties/totals?measure=killed",
        "/v1/events/totals?group_by=month",
        "/v1/figures/totals?group_by=state_or_region,month&measure=killed",
        "/v1/events?facets=type",
        "/v1/events?limit=2&page=2",
        "/v1/locations?boundaries=true&limit=2",
        "/v1/events/kawlin-town-captured-2023-11-06",
    ],
)
def test_each_form_that_a_page_offers_is_given(client: FlaskClient, path: str) -> None:
    shown = client.get(path, headers=BROWSER).text
    found = re.findall(r'href="([^"]+)"', re.findall(r"This view as</h2>.*?</p>", shown, re.DOTALL)[0])
    offered = {dict(parse_qsl(urlsplit(link).query))["format"]: link for link in map(html.unescape, found)}
    assert {"json", "md"} <= offered.keys()
    assert ("csv" in offered) == ("?" in path)
    # Totals without a place cannot be drawn.
    assert ("geojson" in offered) == (path.startswith(("/v1/events?", "/v1/locations?")) or "state_or_region" in path)
    for form, link in offered.items():
        assert client.get(link).status_code == 200, form


@for_each("path", ["/", "/v1/events"])
def test_leaving_a_filter_out_leaves_out_what_is_refused_without_it(client: FlaskClient, path: str) -> None:
    asked = {
        "date_from": "2023-11-01",
        "date_to": "2023-11-30",
        "period": "within",
        "group": "AA",
        "include_members": "true",
    }
    shown = client.get(path, query_string=asked, headers=BROWSER).text
    offered = [dict(parse_qsl(html.unescape(query))) for query in re.findall(rf'href="{path}\?([^"]+)"', shown)]
    for leaves_out in ({"date_from"}, {"date_to"}, {"group", "include_members"}):
        assert {name: value for name, value in asked.items() if name not in leaves_out} in offered


@for_each("path", ["/", "/v1/events"])
def test_a_question_that_finds_nothing_offers_each_other_once(client: FlaskClient, path: str) -> None:
    shown = client.get(f"{path}?near=0,0&radius_km=1&type=battles", headers=BROWSER).text
    assert re.findall(r">without (\w+)", shown) == ["near"]


def test_a_total_of_reports_of_none_is_no_bare_zero(client: FlaskClient) -> None:
    question = "location=Kawlin&measure=casualties"
    (row,) = client.get(f"/v1/casualties/totals?{question}").get_json()["data"]
    assert (row["best"], row["none_reported"]) == (0, row["figures"])
    for path in (f"/v1/casualties?{question}", f"/v1/casualties/totals?{question}", f"/?{question}"):
        page = Read(client.get(path, headers=BROWSER).text)
        assert "none reported" in " ".join(page.text), path
        assert page.numbers.get(row["links"]["figures"], []) == [], path


def test_a_page_of_totals_tells_what_reaches_beyond_and_what_overlaps(client: FlaskClient) -> None:
    week = "/v1/casualties/totals?dataset=op1027&measure=killed&date_from=2023-12-11&date_to=2023-12-17"
    assert client.get(week).json["data"][0]["spanning"] == 1
    assert "1 of the figures reach beyond" in " ".join(
        " ".join(Read(client.get(week, headers=BROWSER).text).text).split()
    )
    for path in ("/v1/events/totals", "/v1/casualties/totals"):
        for by, overlaps in (("group", True), ("month", False)):
            page = client.get(f"{path}?dataset=op1027&group_by={by}", headers=BROWSER).text
            assert ("rows must not be added up" in page) is overlaps


def test_the_dead_stand_first_where_a_place_shows_what_an_event_cost(client: FlaskClient) -> None:
    page = client.get("/?location=Namhsan&type=battles", headers=BROWSER).text
    costs = re.findall(r'<td>(<a class="number-link" href="/v1/figures/.*?)</td>', page, re.DOTALL)
    assert any("killed" in cost.split("<br>")[0] and ">60<" in cost for cost in costs), costs


def test_a_part_that_nobody_states_is_explained(client: FlaskClient) -> None:
    meanings = {one["code"]: one["definition"] for one in client.get("/v1/codebook/certainty").get_json()["codes"]}
    groups = client.get(EVENT).get_json()["groups"]
    page = client.get(EVENT, headers=BROWSER).text
    for certainty in {one["certainty"] for one in groups}:
        assert (html.escape(meanings[certainty]) in page) == (certainty != "stated"), certainty
    assert "not told which attacked whom" not in page


def test_lists_are_ordered_by_what_people_ask_for(client: FlaskClient) -> None:
    page = client.get("/v1/events?dataset=op1027&location=Sagaing", headers=BROWSER).text
    (deadliest,) = re.findall(r'href="([^"]*)">most killed first<', page)
    asked = client.get(html.unescape(deadliest)).get_json()["data"]
    assert asked == client.get("/v1/events?dataset=op1027&location=Sagaing&sort=-killed").get_json()["data"]


def test_since_when_groups_relate_is_told_as_the_earliest_day_that_it_may_be(client: FlaskClient) -> None:
    groups = client.get("/v1/groups?limit=1000").get_json()["data"]
    dated = [
        (group["id"], relation["valid_from"])
        for group in groups
        for relation in client.get(f"/v1/groups/{group['id']}").get_json()["relations"]
        if relation["valid_from"]
    ]
    assert dated
    for identity, since in dated:
        told = f'{day(since)} <span class="quiet nowrap">at the earliest'
        assert told in client.get(f"/v1/groups/{identity}", headers=BROWSER).text, identity


def test_a_relation_is_told_once_and_from_where_one_looks(client: FlaskClient) -> None:
    relations = client.get("/v1/groups/three-brotherhood-alliance").get_json()["relations"]
    told = [one["group"]["id"] for one in relations if (one["type"], one["direction"]) == ("member_of", "to")]
    assert len(told) > len(set(told))
    page = client.get("/v1/groups/three-brotherhood-alliance", headers=BROWSER).text
    assert page.count("Has as member") == len(set(told))


def test_fields_that_nobody_filled_in_are_not_asked(client: FlaskClient) -> None:
    asked = client.get("/v1/events?q=&location=Kawlin&date_from=", headers=BROWSER)
    assert (asked.status_code, asked.headers["Location"]) == (302, "/v1/events?location=Kawlin")
    assert client.get("/v1/events?q=&location=Kawlin").status_code == 400


def test_passages_are_shown_where_the_texts_are_and_unchanged(
    corpus_address: str, client: FlaskClient, tmp_path: Path
) -> None:
    app = application(corpus_address, texts_folder=str(tmp_path))
    asked = app.test_client()
    file = tmp_path / "004_84814d1eef1d8517.txt"
    file.write_text("Not what was coded.")
    other = asked.get(EVENT, headers=BROWSER)
    assert "<mark>" not in other.text and "of the document" in other.text
    # A browser that saw the page without texts does not take this one for the same.
    tags = [[one.get(EVENT, headers=headers).headers["ETag"] for one in (asked, client)] for headers in ({}, BROWSER)]
    assert tags[0][0] == tags[0][1] and tags[1][0] != tags[1][1]
    close(app)
    if not SHARED.is_dir():
        return
    app = application(corpus_address, texts_folder=str(SHARED / "corpus"))
    html = app.test_client().get(EVENT, headers=BROWSER).text
    text = (SHARED / "corpus" / file.name).read_text()
    document = app.test_client().get("/v1/documents/004_84814d1eef1d8517").get_json()
    assert document["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    start, end = app.test_client().get(EVENT).get_json()["reports"][1]["spans"][0]
    marked = re.sub(r"&#\d+;", ".", f"<mark>{text[start:end]}</mark>")
    assert marked in re.sub(r"&#\d+;", ".", html)
    close(app)


# --- In a browser ------------------------------------------------------------------------------------------------


def short(path: str) -> str:
    """The same page with few records where it has many: each has the same parts, and Chromium looks at each of them."""
    if not MANY.fullmatch(path.partition("?")[0]) or "limit" in path:
        return path
    return f"{path}{'&' if '?' in path else '?'}limit=4"


def test_each_kind_of_page_suits_everybody(visit: Visit, address: str) -> None:
    page = visit.page
    page.set_viewport_size({"width": 320, "height": 700})
    found = {}
    for path in (*PAGES, *MANUAL, *REFUSED):
        page.emulate_media(color_scheme="light")
        page.goto(address + short(path))
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            found[path] = ["is wider than the screen"]
        # Rows are drawn as they come near, and what is below them would move while axe looks.
        page.evaluate("for (const row of document.querySelectorAll('tr, li')) row.style.contentVisibility = 'visible'")
        # Long pages have the parts of short ones.
        faults = [] if path in LONG else Axe().run(page, options=AXE).response["violations"]
        if path in DARK:
            page.emulate_media(color_scheme="dark")
            faults += Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
        found |= {path: [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in faults]} if faults else {}
    assert found == {}
    # A refusal is told by its status as well, which Chromium notes.
    assert [told for told in visit.complaints if "status of 40" not in told] == []
    assert visit.hosts() == {urlsplit(address).netloc}


def test_pages_need_no_script_and_can_be_printed(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/v1/events")
    page.get_by_label("Place").fill("Kawlin")
    ask(page)
    assert page.url == f"{address}/v1/events?location=Kawlin"
    page.get_by_role("link", name="Resistance takes the town of Kawlin").click()
    number = page.locator(".evidence").first
    # By keyboard alone.
    number.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(number.get_by_role("link", name="All of this figure")).to_be_visible()
    expect(number).to_contain_text("said by local media")
    assert page.pdf().startswith(b"%PDF")
    context.close()
