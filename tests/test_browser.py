"""The manual and the start page in a real browser, against a server that really listens.

A browser sees no database engine, so one is enough. Where Chromium is not installed these tests are skipped with a reason,
except in CI, where they must run. Screenshots are left in pytest's temporary folder.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect, sync_playwright
from werkzeug.serving import make_server

from tests.conftest import IS_CI, application, close

pytestmark = pytest.mark.engines("sqlite")

# A browser beside a busy test run may take its time; what is looked for still has to come.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)

# It runs as root in containers, has no screen, and is to ask nobody else for anything.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


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


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Visit]:
    """A new page."""
    page = browser.new_page(viewport={"width": 1200, "height": 1400})
    yield Visit(page, tmp_path)
    page.close()


def ask(page: Page) -> None:
    """Presses a form's button until the page is left: beside a busy test run a press can get lost in the browser, which a person
    sees."""
    form = page.url
    for _press in range(3):
        page.get_by_role("button", name="Ask").click()
        with suppress(TimeoutError):
            page.wait_for_url(lambda url: url != form, wait_until="commit", timeout=PATIENCE_MS / 3)
            return
    raise AssertionError(f"{form} was not left")


def test_manual_is_searched_by_keyboard_and_asks_what_its_form_says(visit: Visit, address: str) -> None:
    page = visit.page
    page.goto(f"{address}/docs")
    expect(page.locator(".operation").first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("casualties add")
    expect(page.get_by_text("Nothing has these words.")).to_be_visible()
    page.keyboard.press("Control+A")
    page.keyboard.type("nobody twice totals of casualties")
    expect(page.locator(".operation:visible")).to_have_count(1)
    visit.keep("manual")
    page.locator(".operation:visible a").click()
    page.get_by_label("measure", exact=True).fill("killed")
    page.get_by_label("date_from", exact=True).fill("2023-12-10")
    page.get_by_label("group_by", exact=True).fill("")
    visit.keep("operation")
    asked = "/v1/casualties/totals?date_from=2023-12-10&measure=killed"
    expect(page.locator(".asks")).to_have_text(asked)
    ask(page)
    expect(page.locator("main")).to_contain_text("100 (90 to 110)")
    assert page.url == address + asked
    # A record is asked for by the id that stands in its address.
    page.goto(f"{address}/docs/get_event")
    ask(page)
    expect(page.locator("h1")).to_have_text("Resistance takes the town of Kawlin")
    assert visit.complaints == []
    assert visit.hosts() == {urlsplit(address).netloc}


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
    soldiers, event, displaced = answers
    assert "a resident of Kawlin" in soldiers
    assert "Kawlin People's Defence Force" in event
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
