"""Measures each page as a browser first asks for it: the server's time, of it the processor's, and what is sent.

`DATABASE_URL=… python -m tests.page_times` asks in a process of its own, without answers that were kept. One page is asked
before, so that templates, outlines and the reading copy are there as in any process that serves.
"""

from __future__ import annotations

import time

from api.app import create_app
from api.settings import Settings
from tests.looked_at import PAGES

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
BROWSER = {"Accept": "text/html", "Accept-Encoding": "br"}


def main() -> None:
    client = create_app(Settings.from_environment()).test_client()
    client.get("/?type=protests", headers=BROWSER)
    print(f"{'milliseconds':>12} {'processor':>9} {'sent, kB':>9}  page")
    for path in (*EXPLORED, *PAGES):
        began, worked = time.perf_counter(), time.process_time()
        answer = client.get(path, headers=BROWSER)
        took, processor = time.perf_counter() - began, time.process_time() - worked
        status = "" if answer.status_code == 200 else f" ({answer.status_code})"
        print(f"{1000 * took:12.0f} {1000 * processor:9.0f} {len(answer.data) / 1000:9.1f}  {path}{status}")


if __name__ == "__main__":
    main()
