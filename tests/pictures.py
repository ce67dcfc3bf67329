"""Pictures of the pages for people, and what each costs: its time on the server, asked first, and its bytes compressed.

`python -m tests.pictures DATABASE_URL FOLDER` leaves eight pages at three widths in the folder, in light and dark, and tells
of every kind of page how much time of the processor the server takes for it, and how large it is.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import threading
import time
from pathlib import Path

from flask.testing import FlaskClient
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from tests.conftest import application, close
from tests.looked_at import MANUAL, PAGES, PICTURED, WIDTHS
from tests.test_browser import ARGUMENTS

# Each is asked so often of an application that remembers no answer, and the median is told.
TIMES = 5
HEADERS = {"Accept": "text/html", "Accept-Encoding": "br"}


def costs(client: FlaskClient) -> list[tuple[str, float, float]]:
    """Of each page: its address, its milliseconds on the server, and its kilobytes as they are sent."""
    found = []
    client.get(PAGES[0], headers=HEADERS)
    for path in (*PAGES, *MANUAL):
        taken = []
        for _ in range(TIMES):
            begun = time.process_time()
            response = client.get(path, headers=HEADERS)
            taken.append(time.process_time() - begun)
            assert response.status_code == 200, response.text
        found.append((path, 1000 * statistics.median(taken), len(response.data) / 1000))
    return found


def picture(address: str, folder: Path) -> None:
    """Leaves a picture of each page at each width: light, and the middle width in dark as well."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for width, scheme in (*((width, "light") for width in WIDTHS), (WIDTHS[1], "dark")):
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            for place, path in enumerate(PICTURED):
                page.goto(address + path)
                page.screenshot(path=folder / f"{place}-{width}-{scheme}.png", full_page=True)
            page.close()
        browser.close()


def main(database_url: str, folder: Path) -> None:
    """Tells what pages cost, and leaves pictures of them."""
    folder.mkdir(parents=True, exist_ok=True)
    app = application(database_url, cache_megabytes=0, log_level="ERROR")
    for path, milliseconds, kilobytes in costs(app.test_client()):
        print(f"{milliseconds:7.0f} ms {kilobytes:7.1f} kB  {path}")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    picture(f"http://127.0.0.1:{server.server_port}", folder)
    server.shutdown()
    close(app)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
