"""The explorer and the start page in a real browser, against a server that really listens.

A browser sees no database engine, so one is enough. Where Chromium is not installed these tests are skipped with a reason,
except in CI, where they must run. Screenshots are left in pytest's temporary folder.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.conftest import IS_CI, application, close

pytestmark = pytest.mark.engines("sqlite")

# A browser beside a busy test run may take its time; what is looked for still has to come.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)

# It runs as root in containers, has no screen, and is to ask nobody else for anything.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
KNOWN_EVENT = "kawlin-town-captured-2023-11-06"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running Chromium."""
    program = shutil.which("chromium")
    if program is None:
        assert not IS_CI, "in CI the browser tests must run"
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def address(corpus_address: str) -> Iterator[str]:
    """Where a server with the corpus listens."""
    app = application(corpus_address)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    close(app)


@dataclass
class Visit:
    """A page with all that it asked for and complained about."""

    page: Page
    folder: Path
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("requestfailed", lambda request: self._miss(request.url, request.failure))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("console", lambda message: self._hear(message.type, message.text))

    def _miss(self, url: str, why: str | None) -> None:
        # What was on its way when the next page was asked for is given up.
        if why != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {url}, {why}")

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"{kind}: {text}")

    def hosts(self) -> set[str]:
        """Whom it asked; what a page holds in itself is of nobody."""
        return {urlsplit(url).netloc for url in self.asked if not url.startswith(("data:", "blob:"))}

    def keep(self, name: str) -> None:
        """Leaves a screenshot."""
        self.page.screenshot(path=self.folder / f"{name}.png")

    def open_operation(self, tag: str, name: str) -> Any:
        """Opens an operation of the explorer; it is ready to be tried out."""
        operation = self.page.locator(f"#operations-{tag}-{name}")
        operation.locator(".opblock-summary-control").click()
        expect(operation.locator("button.execute")).to_be_visible()
        return operation

    def execute(self, operation: Any) -> tuple[str, str, str]:
        """Executes an operation; the address that was asked, and the status and the body of the answer."""
        operation.locator("button.execute").click()
        answer = operation.locator(".live-responses-table")
        expect(answer).to_be_visible()
        status = answer.locator(".response-col_status").nth(1).inner_text().split()[0]
        body = answer.locator(".highlight-code code").first.inner_text()
        return operation.locator(".request-url pre").inner_text(), status, body


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Visit]:
    """A new page."""
    page = browser.new_page(viewport={"width": 1200, "height": 1400})
    yield Visit(page, tmp_path)
    page.close()


def test_explorer_loads_in_silence_and_asks_nobody_else(visit: Visit, address: str) -> None:
    visit.page.goto(f"{address}/docs")
    expect(visit.page.locator(".info .title")).to_contain_text("Conflict events")
    expect(visit.page.locator("#operations-events-list_events")).to_be_visible()
    visit.page.wait_for_load_state("networkidle")
    visit.keep("explorer")
    assert visit.complaints == []
    assert visit.hosts() == {urlsplit(address).netloc}
    assert f"{address}/openapi.json" in visit.asked


def test_an_operation_is_opened_and_its_answer_read(visit: Visit, address: str) -> None:
    visit.page.goto(f"{address}/docs/")
    operation = visit.open_operation("events", "list_events")
    visit.keep("operation")
    asked, status, body = visit.execute(operation)
    # The examples stand beside the fields and not in them: only what holds anyway is sent.
    assert asked == f"{address}/v1/events?sort=-date"
    assert status == "200"
    assert KNOWN_EVENT in [event["id"] for event in json.loads(body)["data"]]
    operation.locator(".live-responses-table").scroll_into_view_if_needed()
    visit.keep("answer")
    assert visit.complaints == []
    assert visit.hosts() == {urlsplit(address).netloc}


def test_a_record_is_asked_for_by_the_id_that_stands_there(visit: Visit, address: str) -> None:
    visit.page.goto(f"{address}/docs/")
    asked, status, body = visit.execute(visit.open_operation("events", "get_event"))
    assert (asked, status) == (f"{address}/v1/events/{KNOWN_EVENT}", "200")
    assert json.loads(body)["id"] == KNOWN_EVENT


def test_a_filter_is_written_and_asked_with(visit: Visit, address: str) -> None:
    visit.page.goto(f"{address}/docs/")
    operation = visit.open_operation("casualties", "total_casualties")
    measures = operation.locator("tr[data-param-name=measure]")
    expect(measures).to_contain_text("For example killed")
    measures.locator("select").select_option("killed")
    operation.locator("tr[data-param-name=date_from] input").fill("2023-12-10")
    asked, status, body = visit.execute(operation)
    assert asked == f"{address}/v1/casualties/totals?date_from=2023-12-10&measure=killed&sort=key"
    assert (status, json.loads(body)["data"][0]["best"]) == ("200", 100)


@pytest.mark.parametrize(
    ("tag", "name"),
    [("locations", "list_locations"), ("codebook", "get_code_list"), ("about", "get_problem"), ("about", "get_ready")],
)
def test_operations_of_every_sort_open_in_silence(visit: Visit, address: str, tag: str, name: str) -> None:
    visit.page.goto(f"{address}/docs/")
    _asked, status, _body = visit.execute(visit.open_operation(tag, name))
    assert status == "200"
    assert visit.complaints == []


def test_the_three_questions_are_followed_to_their_answers(visit: Visit, address: str) -> None:
    visit.page.goto(address)
    visit.keep("start")
    links = visit.page.locator(".questions a")
    expect(links).to_have_count(3)
    assert visit.complaints == []
    answers = []
    for place in range(3):
        links.nth(place).click()
        expect(visit.page.locator(".forms")).to_contain_text("CC-BY-4.0")
        visit.keep(f"answer-{place}")
        answers.append(visit.page.locator("main").inner_text())
        visit.page.go_back()
    event, killed, displaced = answers
    assert "Kawlin People's Defence Force" in event
    assert "140 (130 to 150, or more)" in killed
    assert "33,000 (32,000 to 66,000, or more)" in displaced
    assert visit.complaints == []
    assert visit.hosts() == {urlsplit(address).netloc}


def test_pages_fit_a_phone(browser: Browser, address: str, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740}, color_scheme="dark")
    for name, path in (("start", "/"), ("problem", "/problems/parameters-disagree")):
        page.goto(address + path)
        page.screenshot(path=tmp_path / f"{name}-on-a-phone.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def test_a_problem_is_explained_on_its_page(visit: Visit, address: str) -> None:
    visit.page.goto(f"{address}/v1/events?contry=MMR")
    expect(visit.page.locator("h1")).to_have_text("Unknown parameter")
    visit.keep("problem")
    visit.page.get_by_role("link", name="What this kind of problem means").click()
    assert visit.page.url == f"{address}/problems/unknown-parameter"
    visit.page.go_back()
    visit.page.get_by_role("link", name="Ask this instead").click()
    assert visit.page.url == f"{address}/v1/events?country=MMR"
