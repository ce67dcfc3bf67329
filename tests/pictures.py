"""Pictures of the pages for people.

`python -m tests.pictures DATABASE_URL FOLDER` leaves eight pages at three widths in the folder, in light and dark.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.conftest import application, close
from tests.looked_at import PICTURED, WIDTHS
from tests.page_times import served
from tests.test_browser import ARGUMENTS


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
    """Leaves pictures of the pages of a loaded database."""
    folder.mkdir(parents=True, exist_ok=True)
    app = application(database_url, cache_megabytes=0, log_level="ERROR")
    with served(app) as address:
        picture(address, folder)
    close(app)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
