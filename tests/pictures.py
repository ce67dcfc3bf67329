"""Pictures of the pages for people.

`python -m tests.pictures DATABASE_URL FOLDER` leaves one page of each kind at three widths in the folder, in light and dark.
"""

from __future__ import annotations

import shutil
import sys
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright

from tests.conftest import application, close
from tests.looked_at import PICTURED, WIDTHS
from tests.page_times import served
from tests.test_browser import ARGUMENTS

SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
HEIGHT = 900


def picture(address: str, folder: Path) -> None:
    """Leaves a picture of each page at each width, light and dark."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for width, scheme in product(WIDTHS, SCHEMES):
            page = browser.new_page(color_scheme=scheme)
            for name, path in PICTURED.items():
                page.set_viewport_size({"width": width, "height": HEIGHT})
                page.goto(address + path)
                # What is far below what is seen would not be drawn.
                for _time in range(2):
                    height = page.evaluate("document.documentElement.scrollHeight")
                    page.set_viewport_size({"width": width, "height": height})
                page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
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
