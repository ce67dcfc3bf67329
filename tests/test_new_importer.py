"""An importer is added as docs/importers.md says, loads its file, is asked for its events, and is taken away again.

The package, the file and the row that registers it are those of the page, so that the page cannot go stale.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api.store.code_hash import code_hash
from tests.added_code import Addition, copy_with, running
from tests.databases import Databases

PAGE = Path(__file__).parent.parent / "docs" / "importers.md"
_BLOCK = re.compile(r"\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)```\n", re.DOTALL)
FILES = dict(_BLOCK.findall(PAGE.read_text(encoding="utf-8")))
NEEDS, ROW = FILES.pop("seeds/datasets.py").strip().split("\n\n")
PACKAGE = Path("seeds", "river_monitor")


# Files are read in Python; what a load does to rows is asked on both engines of the importers that there are.
pytestmark = pytest.mark.engines("sqlite")


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the command line of the copy in this folder does."""
    told = [sys.executable, "-c", "from api.cli import main; main()", *arguments]
    return subprocess.run(told, check=False, cwd=folder, env=dict(os.environ), capture_output=True, text=True)


@pytest.fixture
def copied(tmp_path: Path, corpus_address: str, databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The code in a folder of the test's own, with the importer added, and a database with the corpus."""
    copy_with(tmp_path, Addition("seeds/datasets.py", '    "idmc-idu": IdmcIdu,', ROW.strip(), f"{NEEDS}\n"))
    (tmp_path / PACKAGE).mkdir()
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL", databases.copy(corpus_address))
    return tmp_path


def test_an_importer_is_added_by_its_page_alone_and_taken_away_again(copied: Path) -> None:
    plain = (copied / "seeds" / "datasets.py").read_text(encoding="utf-8").replace(f"{NEEDS}\n", "")
    imported = command(copied, "import", "river-monitor", "incidents.csv")
    assert imported.returncode == 0, imported.stderr
    assert imported.stdout.startswith(_shown()), imported.stdout
    with running(copied) as service:
        service.open(os.environ["DATABASE_URL"])
        events = service.get("/v1/events?dataset=river-monitor")
        assert events.status == 200
        assert '"total":2' in events.text.replace(" ", "")
        for told in ("river-monitor-417", "mmr005024", "armed_clash", "shelling_artillery_missile_attack"):
            assert told in events.text
        totals = service.get("/v1/casualties/totals?dataset=river-monitor&measure=killed")
        assert '"best":3' in totals.text.replace(" ", "")

    shutil.rmtree(copied / PACKAGE)
    (copied / "seeds" / "datasets.py").write_text(plain.replace(ROW, ""), encoding="utf-8")
    gone = command(copied, "import", "river-monitor", "incidents.csv")
    assert gone.returncode == 2
    assert "'river-monitor' is not one of 'ucdp-ged', 'acled', 'idmc-idu'" in gone.stderr


def test_a_row_that_cannot_be_read_is_refused_with_its_line(copied: Path) -> None:
    rows = (copied / "incidents.csv").read_text(encoding="utf-8")
    (copied / "incidents.csv").write_text(rows.replace("shelling", "rain").replace(",3,", ",three,"), encoding="utf-8")
    done = command(copied, "import", "river-monitor", "incidents.csv")
    assert done.returncode == 1
    assert "incidents.csv:2: killed: 'three' is not a whole number" in done.stderr
    assert "incidents.csv:3: what: 'rain' is no code; clash, shelling are" in done.stderr


def test_the_tables_of_a_publisher_decide_its_hash(copied: Path) -> None:
    told = "from api.store.code_hash import code_hash; print(code_hash('api.load.loading', 'seeds.river_monitor.incidents'))"

    def hashed() -> str:
        return subprocess.run(
            [sys.executable, "-c", told], cwd=copied, check=True, capture_output=True, text=True
        ).stdout

    seen = [hashed()]
    for name in ("about.yaml", "codes.csv", "incidents.py"):
        with (copied / PACKAGE / name).open("a", encoding="utf-8") as file:
            file.write("# Another line.\n" if name != "codes.csv" else "what,raid,armed_clash\n")
        seen.append(hashed())
    assert len(set(seen)) == len(seen)
    assert seen[0].strip() != code_hash("api.load.loading")


def _shown() -> str:
    """The lines that the page shows of what the command tells, which come first."""
    found = re.search(r"```console\n\$ .*?\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]
