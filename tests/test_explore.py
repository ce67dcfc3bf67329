"""The explorer as people use it: in a real browser with the corpus, by pointer, keys, address and paper; numbers as the API's."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Locator, Page, expect

from api.explorer.periods import MOST_BUCKETS
from tests.conftest import application, close, load_into
from tests.databases import Databases
from tests.made import Made, made_event, made_figure, made_location
from tests.sweep import for_each
from tests.test_browser import Visit, address, browser, visit

# Fixtures.
__all__ = ["address", "browser", "visit"]

pytestmark = pytest.mark.engines("sqlite")

PAGE = {"Accept": "text/html"}
SOLDIERS_IN_SAGAING = "?location=Sagaing&date_from=2023-11-01&date_to=2023-11-30"
# The widths of a small phone and of a table.
PHONE, TABLE = 320, 1280


@pytest.fixture
def start(visit: Visit, address: str) -> Iterator[Page]:
    """The start page; nothing may go wrong on it, and nobody else be asked."""
    visit.page.goto(address)
    yield visit.page
    assert visit.complaints == []
    assert visit.hosts() == {urlsplit(address).netloc}


def events(page: Page) -> str:
    return page.locator("h1").inner_text()


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


# --- Four questions, each in three clicks --------------------------------------------------------------------------


def test_soldiers_who_died_in_sagaing_and_who_says_so_in_three_clicks(start: Page, client: FlaskClient) -> None:
    start.locator(".filters a", has_text="Sagaing").first.click()
    expect(start.locator(".asked")).to_contain_text("Sagaing")
    start.locator(".filters a", has_text="Nov 2023").first.click()
    expect(start.locator(".asked")).to_contain_text("30 November 2023")
    killed = start.locator("table.bars", has_text="Killed").locator("tr", has_text="State forces")
    asked = f"/v1/figures/totals{SOLDIERS_IN_SAGAING}&measure=killed&population=state_forces"
    (total,) = client.get(asked).get_json()["data"]
    expect(killed).to_contain_text(f"{total['best']:,}")
    killed.locator("a").click()
    # On whose word.
    expect(start.locator("main")).to_contain_text("a resident of Kawlin")


def test_what_the_arakan_army_took_part_in_in_one_click(start: Page, client: FlaskClient) -> None:
    start.locator(".filters a", has_text="Arakan Army").first.click()
    expect(start.locator(".asked")).to_contain_text("Arakan Army")
    total = client.get("/v1/events?group=AA&limit=1").get_json()["total"]
    expect(start.locator("h1")).to_have_text(f"{total} events")
    assert start.locator("table.events tbody tr").count() == total


def test_datasets_sources_and_periods_are_compared_from_the_start_page(start: Page) -> None:
    start.get_by_role("link", name="Compare datasets or sources").click()
    expect(start.locator("h1")).to_have_text("Compare datasets")
    start.get_by_role("link", name="Sources", exact=True).click()
    for place in (0, 1):
        start.locator("table.sources a[href*='first=']").nth(2 * place).click()
    expect(start.locator("main")).to_contain_text("Figure by figure")
    start.get_by_role("link", name="Periods", exact=True).click()
    expect(start.locator("main")).to_contain_text("Side by side")


def test_what_changed_since_the_last_release_in_one_click(start: Page, client: FlaskClient) -> None:
    start.get_by_role("link", name="What changed since last time").click()
    expect(start.locator("h1")).to_have_text("What changed")
    latest = client.get("/v1/releases").get_json()["data"][-1]
    title = client.get(f"/v1/datasets/{latest['dataset']}").get_json()["title"]
    expect(start.locator(".lead")).to_contain_text(f"{title}, release {latest['release']}")
    new = start.locator("section", has_text="New").first
    for records, counts in latest["counts"].items():
        if counts.get("created"):
            expect(new).to_contain_text(f"{counts['created']:,} {records}"[:-1])


# --- By pointer, keys and address ----------------------------------------------------------------------------------


def test_filters_take_effect_and_history_goes_back_and_forth(start: Page, browser: Browser) -> None:
    everything = events(start)
    start.locator(".filters input[name=location]").fill("Kawlin")
    start.locator(".filters input[name=location]").press("Enter")
    expect(start.locator(".asked")).to_contain_text("Kawlin")
    some = events(start)
    start.locator(".filters a", has_text="Battles").first.click()
    expect(start.locator(".asked")).to_contain_text("Battles")
    fewer = events(start)
    assert len({everything, some, fewer}) == 3
    # Whoever is given the address sees the same.
    other = browser.new_context().new_page()
    other.goto(start.url)
    assert (events(other), other.locator(".asked").inner_text()) == (fewer, start.locator(".asked").inner_text())
    other.context.close()
    start.go_back()
    expect(start.locator("h1")).to_have_text(some)
    start.go_back()
    expect(start.locator("h1")).to_have_text(everything)
    start.go_forward()
    expect(start.locator("h1")).to_have_text(some)


def test_a_stretch_of_the_timeline_and_of_the_map_is_chosen_with_the_pointer(start: Page) -> None:
    timeline = start.locator(".timeline").first
    timeline.scroll_into_view_if_needed()
    box = timeline.bounding_box()
    assert box is not None
    start.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + 60)
    start.mouse.down()
    start.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 60, steps=4)
    start.mouse.up()
    expect(start.locator(".asked")).to_contain_text("from")
    chosen = query(start)
    assert timeline.get_attribute("data-first") == chosen["date_from"][0] < chosen["date_to"][0]
    # Circles of several places open, and what was opened can be left.
    cluster = start.locator(".map a:has(.cluster)").first
    if cluster.count():
        cluster.dispatch_event("click")
    else:
        start.get_by_role("link", name="Closer", exact=True).click()
    expect(start.get_by_role("link", name="All of it")).to_be_visible()
    assert "view" in query(start)
    assert query(start)["date_from"] == chosen["date_from"]


def test_the_page_is_used_by_keys_alone(start: Page) -> None:
    start.keyboard.press("Tab")
    expect(start.locator(":focus")).to_have_text("To the content")
    start.keyboard.press("Enter")
    for _stop in range(30):
        start.keyboard.press("Tab")
        if start.evaluate("document.activeElement.dataset.name") == "Nov 2023":
            break
    start.keyboard.press("Enter")
    expect(start.locator(".asked")).to_contain_text("1 November 2023")
    # One goes on from where one was.
    expect(start.locator(":focus")).to_have_attribute("data-name", "Nov 2023")


# --- Without scripts, small, dark, on paper --------------------------------------------------------------------------


def test_without_scripts_all_but_the_pointer_works(browser: Browser, address: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address)
    everything = events(page)
    page.locator(".filters input[name=location]").fill("Sagaing")
    page.locator(".filters button").click()
    page.locator(".filters a", has_text="Nov 2023").first.click()
    assert query(page)["location"] == ["Sagaing"]
    assert events(page) != everything
    page.get_by_role("link", name="Closer", exact=True).click()
    page.locator("#timeline").get_by_role("link", name="month").click()
    assert query(page)["by"] == ["month"]
    assert page.locator(".timeline").first.locator("a").count() == 1
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(PHONE, "dark"), (TABLE, "light")])
def test_every_width_and_light_is_accessible_and_fits(
    browser: Browser,
    address: str,
    tmp_path: Path,
    width: int,
    scheme: str,
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]  # a word of Playwright's
    for name, path in (
        ("start", "/"),
        ("datasets", "/compare"),
        ("sources", "/compare?of=sources&location=Kawlin"),
        ("changes", "/since"),
    ):
        page.goto(address + path)
        page.screenshot(path=tmp_path / f"{name}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page)
        assert [(one["id"], [node["html"] for node in one["nodes"]][:2]) for one in found.response["violations"]] == []
    page.close()


def test_tables_fit_every_width_beyond_a_phone_s(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    for width in (1280, 1100, 1000, 970, 900, 820, 760):
        page.set_viewport_size({"width": width, "height": 900})
        beyond = page.evaluate(
            "[...document.querySelectorAll('.scroll')].map(box => box.scrollWidth - box.clientWidth)"
        )
        assert len(beyond) > 2 and not any(beyond), width
    page.close()


def test_the_numbers_of_an_axis_stand_in_front_of_its_bars(client: FlaskClient) -> None:
    page = client.get("/?location=Sagaing&by=day", headers=PAGE).text
    drawings = [rest.partition("<details")[0] for rest in page.split('<svg class="timeline"')[1:]]
    assert drawings
    for drawn in drawings:
        bars, _end, after = drawn.rpartition("</a>")
        assert 'class="sure"' in bars or 'class="possible"' in bars
        assert 'class="tick scale"' in after and 'class="tick scale"' not in bars


def test_what_a_phone_has_drawn_stays_where_it_is(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(address)
    expect(page.locator("#filters form")).to_be_hidden()
    shifts = page.evaluate("""() => new Promise(told => {
        new PerformanceObserver(seen => told(seen.getEntries().length)).observe({type: "layout-shift", buffered: true});
        requestAnimationFrame(() => requestAnimationFrame(() => told(0)));
    })""")
    assert shifts == 0
    page.close()


def test_a_finger_chooses_a_stretch_and_opens_circles_smaller_than_itself(browser: Browser, address: str) -> None:
    phone = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = phone.new_page()
    page.goto(address)
    found = Axe().run(page, options={"runOnly": ["target-size"]}).response["violations"]
    assert [node["html"] for one in found for node in one["nodes"]] == []
    timeline = page.locator(".timeline").first
    _drag(page, timeline, (0.2, 0.5), (0.25, -1.5))
    assert page.url == f"{address}/" and page.evaluate("scrollY") > 0, "up and down, the page is scrolled"
    _drag(page, timeline, (0.1, 0.5), (0.6, 0.5))
    expect(page.locator(".asked")).to_contain_text("from")
    _drag(page, page.locator(".map"), (0.6, 0.5), (0.4, 0.5))
    expect(page.get_by_role("link", name="All of it")).to_be_visible()
    circle = page.locator(".map a:has(circle)").last
    circle.scroll_into_view_if_needed()
    box = circle.bounding_box()
    assert box is not None
    before = page.url
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] + 2)
    page.wait_for_url(lambda url: url != before)
    phone.close()


def _drag(page: Page, over: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Moves a finger over a drawing, between places that are parts of its width and height."""
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box is not None
    steps = [[a + (b - a) * step / 8 for a, b in zip(start, end, strict=True)] for step in range(9)]
    touch = page.context.new_cdp_session(page)
    for step, (x, y) in enumerate(steps):
        point = {"x": box["x"] + box["width"] * x, "y": box["y"] + box["height"] * y}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove" if step else "touchStart", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_the_page_is_printed_whole(start: Page, tmp_path: Path) -> None:
    written = start.pdf(path=tmp_path / "start.pdf")
    assert written.startswith(b"%PDF") and written.count(b"/Type /Page\n") > 1


# --- Numbers -----------------------------------------------------------------------------------------------------------


def test_an_empty_answer_says_which_filter_emptied_it(client: FlaskClient) -> None:
    page = client.get("/?location=Kawlin&group=AA&type=battles", headers=PAGE).text
    for name in ("location=Kawlin", "group=AA", "type=battles"):
        rest = "&".join({"location=Kawlin", "group=AA", "type=battles"} - {name})
        total = client.get(f"/v1/events?{rest}&limit=1").get_json()["total"]
        told = re.search(rf"{name.split('=')[1]}”</a>: <data value=\"(\d+)\"", page)
        assert (int(told[1]) if told else 0) == total, name


def test_choices_have_the_counts_of_the_lists_that_they_lead_to(client: FlaskClient) -> None:
    page = client.get(f"/{SOLDIERS_IN_SAGAING}", headers=PAGE).text
    choices = re.findall(r'href="/(\?[^"]*)" data-name="([^"]*)"(?! aria-current).*?<data value="(\d+)"', page)
    assert len(choices) > 10
    for asked, name, count in choices[::4]:
        listed = client.get(f"/v1/events{asked.replace('&amp;', '&')}&limit=1").get_json()
        assert listed["total"] == int(count), name


def test_amounts_by_side_are_those_of_the_totals(client: FlaskClient) -> None:
    page = client.get(f"/{SOLDIERS_IN_SAGAING}", headers=PAGE).text
    shown = {
        frozenset(parse_qsl(urlsplit(link.replace("&amp;", "&")).query)): words
        for link, words in re.findall(r'<a class="number-link" href="([^"]*)">([^<]*)</a>', page)
    }
    for grouped in ("", "&group_by=population"):
        for row in client.get(f"/v1/figures/totals{SOLDIERS_IN_SAGAING}{grouped}").get_json()["data"]:
            if grouped and row["key"]["population"] is None:
                continue
            words = shown[frozenset(parse_qsl(urlsplit(row["links"]["figures"]).query))]
            numbers = {int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", words)}
            # Low, best and high, and no other number; none where nobody gives one, or where none are reported.
            is_none = row["high"] == 0 and row["none_reported"]
            assert numbers == (set() if is_none else {row[name] for name in ("low", "best", "high")} - {None}), row[
                "key"
            ]


def test_datasets_are_compared_as_the_api_compares_them(world: FlaskClient) -> None:
    answer = world.get("/v1/events?facets=country&limit=1").get_json()
    period = "&".join(
        f"date_{edge}={answer['coverage'][f'{side}_date']}" for edge, side in (("from", "first"), ("to", "last"))
    )
    country = answer["facets"]["country"]["values"][0]["value"]
    asked = f"country={country}&{period}"
    page = world.get(f"/compare?{asked}", headers=PAGE).text
    compared = world.get(f"/v1/comparisons?{asked}").get_json()
    assert len(compared["said"]) > 1
    for said in compared["said"]:
        assert re.search(rf'dataset={said["dataset"]}[^>]*"><data value="{said["events"]}"', page), said
    told = [
        event["killed"] is not None for pair in compared["data"] for event in (pair["first"], pair["second"]) if event
    ]
    assert page.count('<span class="remark">killed:') == sum(told)
    assert page.count('<span class="remark">nothing told of the killed') == len(told) - sum(told)
    # Pairs are one to one: that another dataset tells nothing of an event is not known.
    alone = sum(pair["first"] is None or pair["second"] is None for pair in compared["data"])
    assert 0 < alone == page.count('<span class="quiet">paired with none')
    assert "Each is paired with one at most" in page and "only in" not in page


@pytest.mark.parametrize(
    ("state", "path"), [("Sagaing", "/?location=Sagaing"), ("Sagaing", "/"), ("Chin", "/"), ("Chin", "/?type=battles")]
)
def test_what_is_known_to_its_state_alone_shades_it_wherever_it_stands(
    client: FlaskClient, state: str, path: str
) -> None:
    query = path.removeprefix("/").removeprefix("?")
    asked = f"/v1/events/totals?{query}&limit=1000&group_by=location_precision,state_or_region"
    (known,) = (
        row["events"]
        for row in client.get(f"{asked}").get_json()["data"]
        if row["key"]["location_precision"] == "state_or_region" and row["labels"]["state_or_region"] == state
    )
    places = {
        row["labels"]["location"]
        for row in client.get(f"{asked},location").get_json()["data"]
        if row["key"]["location_precision"] == "state_or_region" and row["labels"]["state_or_region"] == state
    }
    # One at least stands at a place inside it that nobody names.
    assert any(place.startswith("Unnamed") for place in places)
    said = f"{known} event{'' if known == 1 else 's'}"
    assert f'"{state}: {said} known no closer than this"' in client.get(path, headers=PAGE).text


def test_what_has_no_outline_is_a_circle_or_is_told_to_be_undrawn(databases: Databases, corpus_address: str) -> None:
    tuvalu = {"country": "TUV", "latitude": None, "longitude": None, "uncertainty_km": None, "position_basis": None}
    state = {**tuvalu, "level": "state_or_region", "parent_id": "tuv"}
    places = [
        made_location("tuv", **{**tuvalu, "level": "country", "parent_id": None, "name": "Tuvalu"}),
        made_location("atoll", **{**state, "name": "Atoll", "latitude": -7.5, "longitude": 178.7}),
        made_location("lagoon", **{**state, "name": "Lagoon"}),
    ]
    fights = []
    for place, kind in (("atoll", ("battles", "armed_clash")), ("lagoon", ("riots", "mob_violence"))):
        there = {"location_id": place, "location_precision": "state_or_region"}
        what = dict(zip(("type", "subtype"), kind, strict=True))
        fights.append(made_event(f"{place}-fight", figures=[made_figure(f"{place}-dead", **there)], **there, **what))
    address = databases.copy(corpus_address)
    load_into(address, Made(made_locations=places, made_events=fights))
    app = application(address)
    asked = app.test_client()
    shown = asked.get("/?dataset=other&map=areas", headers=PAGE).text
    assert re.search(r'aria-label="Atoll: 1 event, somewhere around there".*?class="place series\d around"', shown)
    assert "1 event is in no area that is drawn" in re.sub(r"<[^>]*>", "", shown)
    assert "nothing to draw" in asked.get("/?dataset=other&type=riots&map=areas", headers=PAGE).text
    # What the datasets beside it have is not on the map, and is named.
    assert "Not on this map" in asked.get("/?map=areas", headers=PAGE).text
    close(app)


def test_one_dataset_alone_is_told_to_have_nothing_beside_it(client: FlaskClient) -> None:
    asked = "location=Kawlin&date_from=2023-11-01&date_to=2023-11-30"
    assert len(client.get(f"/v1/comparisons?{asked}").get_json()["said"]) == 1
    page = client.get(f"/compare?{asked}", headers=PAGE).text
    assert "No other dataset has events there and then" in page
    assert "Event by event" not in page


@for_each("asked", ["location=Kawlin", "location=Sagaing&measure=killed&population=state_forces&date_from=2023-11-01"])
def test_around_a_place_enough_is_drawn_to_know_it_by(client: FlaskClient, asked: str) -> None:
    page = client.get(f"/?{asked}", headers=PAGE).text
    wider = re.findall(r'view=([-\d.,]+)[^"]*" aria-label="Wider"', page)[0]
    west, south, east, north = map(float, wider.split(","))
    # Twice as wide as what is drawn.
    assert max(east - west, north - south) >= 2 * 3
    assert len(re.findall(r"<path", page[page.index('id="map"') :])) > 10


def test_a_comparison_is_told_over_the_period_that_is_asked_for(client: FlaskClient) -> None:
    for asked, told in (
        ("date_from=2023-11-05", "since 5 November 2023"),
        ("date_to=2023-11-05", "until 5 November 2023"),
        ("date_from=2023-11-01&date_to=2023-11-30T00:00:00Z", "1\N{EN DASH}30 November 2023"),
    ):
        page = client.get(f"/compare?location=Kawlin&{asked}", headers=PAGE).text
        assert f"What each says of Kawlin, {told}</h2>" in page, asked


@for_each(
    "path",
    [
        "/?location=Sagaing&group=AA&include_members=true&date_from=2023-11-01&period=starts&type=battles&by=month&map=areas",
        "/compare?of=sources&first=Associated+Press&second=Reuters&location=Kawlin&date_from=2023-11-01&type=battles",
        "/compare?of=sources&first=Reuters",
        "/compare?of=datasets&dataset=op1027&location=Kawlin&date_from=2023-11-01&date_to=2023-11-30&period=within",
        "/compare?of=periods&location=Kawlin&date_from=2023-11-05&date_to=2023-11-06&against_from=2023-10-01&against_to=2023-10-31",
        "/since?since=2020-01-01&dataset=op1027&record=event",
        "/v1/changes?since=2020-01-01&dataset=op1027,gazetteer&record=event&action=created&limit=3",
        "/v1/events?location=Kawlin&type=battles&sort=-killed&limit=2&dataset=op1027",
        "/v1/comparisons?location=Kawlin&type=battles&dataset=op1027,gazetteer",
    ],
)
def test_a_form_sent_as_it_stands_asks_the_same(client: FlaskClient, path: str) -> None:
    page = client.get(path, headers=PAGE)
    assert page.status_code == 200
    (form,) = re.findall(r"<form.*?</form>", page.text, re.DOTALL)
    typed = re.findall(r'<input(?=[^>]* name="([^"]*)")(?=[^>]* value="([^"]*)")', form)
    chosen = re.findall(
        r'<select[^>]* name="([^"]*)">.*?<option(?: value="([^"]*)")? selected>([^<]*)', form, re.DOTALL
    )
    sent = dict([*typed, *((name, value or text) for name, value, text in chosen)])
    assert dict(parse_qsl(urlsplit(path).query)).items() <= sent.items()


@for_each(
    "asked", ["date_from=0001-01-01", "date_to=9999-12-31", "date_from=2030-01-01", "date_from=2023-11-01T00:00:00Z"]
)
def test_any_period_is_compared_with_the_one_before(client: FlaskClient, asked: str) -> None:
    page = client.get(f"/compare?of=periods&{asked}", headers=PAGE)
    assert page.status_code == 200
    assert page.text.count("<caption>") == 2


def test_pages_are_asked_for_by_their_format_too(client: FlaskClient) -> None:
    for path in ("/", "/compare", "/since"):
        assert client.get(f"{path}?format=html").mimetype == "text/html", path
        assert client.get(f"{path}?format=csv", headers=PAGE).status_code == 400, path
        assert client.get(f"{path}?lang=en", headers=PAGE).status_code == 400, path


@for_each(
    "asked",
    [
        *("date_from=2021-01-01", "date_from=2020-01-01", "date_from=2022-07-01&period=starts"),
        *("date_to=2031-01-31", "date_from=1700-01-01", "date_from=0001-01-01", "date_to=9999-12-31"),
        *("date_from=0001-01-01&date_to=9999-12-31", "date_from=0001-01-01&by=day", "date_to=9999-12-31&by=year"),
    ],
)
def test_any_period_has_a_timeline_where_nobody_chose_its_buckets(client: FlaskClient, asked: str) -> None:
    shown = client.get(f"/?{asked}", headers=PAGE)
    assert shown.status_code == 200
    drawn = shown.text.partition('class="timeline"')[2].partition("</svg>")[0]
    assert 0 < drawn.count("<a ") <= MOST_BUCKETS
    (bucket,) = re.findall(r"By (?:<a [^>]*>\w+</a>&nbsp;· )*<b>(\w+)</b>", shown.text)
    assert "by=" not in asked or asked.endswith(bucket)


def test_buckets_too_fine_for_a_period_are_refused_with_those_that_fit(client: FlaskClient) -> None:
    for asked, chosen, fitting in (("date_from=2021-01-01", "day", "week"), ("date_to=2130-01-01", "week", "year")):
        refused = client.get(f"/?{asked}&by={chosen}", headers=PAGE)
        assert refused.status_code == 400
        (offered,) = re.findall(r'class="mended"><a href="([^"]*)"', refused.text)
        assert offered == f"/?{asked}&amp;by={fitting}"
        assert client.get(f"/?{asked}&by={fitting}", headers=PAGE).status_code == 200


@for_each(
    ("path", "told"),
    [
        ("/?event_type=battles", "Use 'type' instead."),
        ("/compare?start_date=2023-11-01", "Use 'date_from' instead."),
        ("/since?datasets=op1027", "Use 'dataset' instead."),
    ],
)
def test_pages_know_what_others_call_their_parameters(client: FlaskClient, path: str, told: str) -> None:
    refused = client.get(path, headers=PAGE)
    assert refused.status_code == 400
    assert told in html.unescape(refused.text)


def test_what_the_address_asks_wrongly_is_refused_with_what_was_meant(client: FlaskClient) -> None:
    for asked, told in (
        ("?locaton=Kawlin", "Did you mean"),
        ("?by=decade", "day, week, month, year"),
        ("?view=1,2,3", "west,south,east,north"),
        ("?map=globe", "areas"),
        ("?by=day&date_from=1900-01-01&date_to=2023-12-31", "coarser"),
        ("?location=Nowhere", "Nowhere"),
    ):
        refused = client.get(f"/{asked}", headers=PAGE)
        assert (refused.status_code, refused.mimetype) == (400, "text/html"), asked
        assert told in refused.text, asked
