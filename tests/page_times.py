"""Measures each page as it is first asked for: the server's time, of it the processor's, what is sent, and when it is drawn.

`python -m tests.page_times DATABASE_URL` asks in a process of its own, without answers that were kept. One page is asked
before, so that templates, outlines and the reading copy are there as in any process that serves. Then Chromium opens each
page with nothing kept, as a slow phone does: a quarter of this machine's pace, and the line of a poor mobile network.
"""

from __future__ import annotations

import logging
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from tests.conftest import application, close
from tests.looked_at import PAGES
from tests.test_browser import ARGUMENTS

EXPLORED = (
    "/",
    "/?location=Sagaing",
    "/?location=Sagaing&date_from=2023-11-01&date_to=2023-11-30",
    "/?group=arakan-army",
    "/?type=battles&by=month",
    "/?map=areas",
    "/?date_from=2023-11-01&view=94,22,97,25",
    "/compare",
    "/compare?location=Kawlin",
    "/compare?of=sources&location=Kawlin",
    "/compare?of=periods&location=Sagaing",
    "/since",
)
ACCEPT = {"Accept": "text/html", "Accept-Encoding": "br"}

# What Lighthouse takes for a phone on a slow line: 1.6 Mbit/s, 150 ms there and back, a quarter of the processor's pace.
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
SLOWER = 4
PHONE = {"width": 360, "height": 740}
# The moment at which the largest part of what is seen first was drawn, in milliseconds after the page was asked for.
DRAWN = """() => new Promise(found => new PerformanceObserver(seen => found(seen.getEntries().at(-1).startTime))
    .observe({type: "largest-contentful-paint", buffered: true}))"""


def costs(client: FlaskClient, paths: Sequence[str]) -> Iterator[tuple[float, float, float]]:
    """Of each page the server's seconds, of them the processor's, and its kilobytes as they are sent."""
    for path in paths:
        began, worked = time.perf_counter(), time.process_time()
        response = client.get(path, headers=ACCEPT)
        yield time.perf_counter() - began, time.process_time() - worked, len(response.data) / 1000
        assert response.status_code == 200, f"{path}: {response.text}"


def drawn(browser: Browser, address: str) -> float:
    """The milliseconds until a slow phone that has nothing of ours has drawn a page."""
    page = browser.new_page(viewport=PHONE)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", LINE)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address)
    found: float = page.evaluate(DRAWN)
    page.close()
    return found


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address at which an application answers meanwhile."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def main(database_url: str) -> None:
    """Tells of each page what it costs."""
    app = application(database_url, cache_megabytes=0, log_level="ERROR")
    client = app.test_client()
    client.get("/?type=protests", headers=ACCEPT)
    paths = (*EXPLORED, *PAGES)
    taken = list(costs(client, paths))
    print(f"{'server, ms':>10} {'processor':>9} {'sent, kB':>9} {'phone, ms':>9}  page")
    with served(app) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for path, (seconds, processor, kilobytes) in zip(paths, taken, strict=True):
            shown = drawn(browser, address + path)
            print(f"{1000 * seconds:10.0f} {1000 * processor:9.0f} {kilobytes:9.1f} {shown:9.0f}  {path}")
        browser.close()
    close(app)


if __name__ == "__main__":
    main(sys.argv[1])
