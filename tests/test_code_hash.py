"""What a load hashes of the code that does it: all that it reaches by imports, with the data named there, and no more."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api.store.code_hash import code_hash
from seeds.datasets import DATASETS, IMPORTERS
from tests.sweep import for_each

ROOT = Path(__file__).parent.parent
READ_ROWS = {importer.__module__ for importer in IMPORTERS.values()}
# They read numbers of states, as UCDP's are.
READ_STATES = {name for name in READ_ROWS if name.startswith(("seeds.acled", "seeds.ucdp"))}
LOADED_BY = {type(source).__module__ for source in DATASETS.values()} | READ_ROWS


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The code in a folder of the test's own."""
    for package in ("api", "seeds"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "op1027"))
    return tmp_path


def hashes(folder: Path) -> dict[str, str]:
    """What the code in this folder says of each source's module, in a process of its own."""
    told = "import sys; from api.store.code_hash import code_hash; [print(code_hash('api.load.loading', n)) for n in sys.argv[1:]]"
    names = sorted(LOADED_BY)
    command = [sys.executable, "-c", told, *names]
    printed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    return dict(zip(names, printed.split(), strict=True))


def test_the_same_code_has_the_same_hash_anywhere(copied: Path) -> None:
    assert hashes(copied) == {name: code_hash("api.load.loading", name) for name in LOADED_BY}


@for_each(
    ("file", "changed"),
    [
        ("api/load/rerendering.py", LOADED_BY),
        ("api/records/common.py", LOADED_BY),
        ("api/domain/codebook/figures.py", LOADED_BY),
        ("api/domain/bounds.py", LOADED_BY),
        ("seeds/corpus/corpus_source.py", {"seeds.corpus.corpus_source"}),
        ("seeds/acled/codes.csv", {"seeds.acled.export"}),
        ("seeds/idmc/sentences.py", {"seeds.idmc.updates"}),
        ("seeds/importer/gleditsch_ward.csv", READ_STATES),
        ("seeds/importer/spellings.csv", READ_ROWS),
        # What answers requests, checks seeds and runs commands.
        ("api/answers/responses.py", set()),
        ("api/resources/events.py", set()),
        ("api/cli/loading.py", set()),
        ("seeds/corpus/check.py", set()),
    ],
)
def test_a_changed_line_changes_the_hash_of_what_reaches_it(copied: Path, file: str, changed: set[str]) -> None:
    code = (copied / file).read_text(encoding="utf-8")
    (copied / file).write_text(f"{code}# Another line.\n", encoding="utf-8")
    after = hashes(copied)
    (copied / file).write_text(code, encoding="utf-8")
    assert {name for name in LOADED_BY if after[name] != code_hash("api.load.loading", name)} == changed


def test_a_data_file_counts_where_a_module_names_it(copied: Path) -> None:
    (copied / "seeds" / "acled" / "table.csv").write_text("a,b\n")
    before = hashes(copied)
    with (copied / "seeds" / "acled" / "rows.py").open("a") as code:
        code.write('_TABLE = Path(__file__).parent / "table.csv"\n')
    named = hashes(copied)
    (copied / "seeds" / "acled" / "table.csv").write_text("a,c\n")
    after = hashes(copied)
    for one, other in ((before, named), (named, after)):
        assert {name for name in LOADED_BY if one[name] != other[name]} == {"seeds.acled.export"}


def test_modules_of_anybody_else_count_as_nothing() -> None:
    assert code_hash("api.load.loading", "tests.made", "json") == code_hash("api.load.loading")


def test_imports_are_followed_wherever_and_however_they_are_written(copied: Path) -> None:
    (copied / "seeds" / "acled" / "late.py").write_text("RULE = 1\n")
    with (copied / "seeds" / "acled" / "rows.py").open("a") as code:
        code.write("def _late() -> int:\n    from . import late\n    return late.RULE\n")
    before = hashes(copied)
    (copied / "seeds" / "acled" / "late.py").write_text("RULE = 2\n")
    after = hashes(copied)
    assert {name for name in LOADED_BY if before[name] != after[name]} == {"seeds.acled.export"}
