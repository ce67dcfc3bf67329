"""Measures how well matches are found: `python -m tests.matching_quality FOLDER`, with the folder that the publisher's files lie in.

Two measures. Two releases of GED's Myanmar, the older one as a dataset of its own with its ids hidden: which event is which is
known. And the corpus beside GED: pairs that one reader labelled before there was a score (tests/matching_labels.csv), as `same`, or
as `part` where one tells of a piece of what the other tells of.
"""

from __future__ import annotations

import csv
import random
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from api.columns.copy_files import make_copy
from api.columns.reading_copy import Copy
from api.columns.tables import EVENT
from api.load.loading import load
from api.matching.candidates import matches, read
from api.matching.comparison import LEAST_SCORE, pairs
from api.settings import Settings
from api.store.database import connect_for_loading
from api.store.revision import revision
from api.store.schema import migrate
from seeds.datasets import DATASETS
from seeds.ucdp.ged import UcdpGed
from tests.ucdp_files import as_csv, published_rows

LABELS = Path(__file__).with_name("matching_labels.csv")
NEWER, OLDER = "ged_myanmar.csv.gz", "ged191_mmr_bgd.zip"
# Events that are read at the most; there are fewer.
MOST = 100_000
SEED = 1027


class Measured(NamedTuple):
    """How many pairs were found, how many of them are right, and how many there are to be found."""

    found: int
    right: int
    wanted: int

    def __str__(self) -> str:
        precision, recall = self.right / max(1, self.found), self.right / self.wanted
        return f"precision {precision:.3f} ({self.right} of {self.found}), recall {recall:.3f} (of {self.wanted})"


def labels() -> Mapping[tuple[str, str], str]:
    """What each labelled pair is."""
    with LABELS.open(encoding="utf-8") as file:
        return {(row["event"], row["other"]): row["is_same"] for row in csv.DictReader(file)}


def hidden(folder: Path, source: Path, about: Path) -> tuple[type[UcdpGed], Path, Mapping[str, str]]:
    """An importer and a file of the older release as another dataset, and which event each of its ids hides."""
    rows = [row for row in published_rows(source) if row["country"].startswith("Myanmar")]
    random.Random(SEED).shuffle(rows)
    truth = {f"ged-older-{number}": f"ucdp-ged-{row['id']}" for number, row in enumerate(rows, 1)}
    path = folder / "ged191.csv"
    path.write_text(
        as_csv(*({**row, "id": str(number)} for number, row in enumerate(rows, 1)), columns=tuple(rows[0])),
        encoding="utf-8",
        newline="",
    )
    told = folder / "about.yaml"
    told.write_text(about.read_text(encoding="utf-8").replace("id: ucdp-ged", "id: ged-older"), encoding="utf-8")

    class Older(UcdpGed):
        """The older release under another name."""

    Older.about = told
    return Older, path, truth


def of_releases(copy: Copy, truth: Mapping[str, str], least: float) -> Measured:
    """Of the two releases: all their pairs in the years that both tell of."""
    older = read(copy, EVENT.c.dataset_id == "ged-older", MOST)
    last = max(event.end for event in older)
    newer = read(copy, (EVENT.c.dataset_id == "ucdp-ged") & (EVENT.c.date_start <= last), MOST)
    known = {event.id for event in newer}
    found = [pair for pair in pairs(older, newer, least) if pair.first is not None and pair.second is not None]
    right = sum(truth[pair.first.id] == pair.second.id for pair in found if pair.first and pair.second)
    return Measured(len(found), right, sum(identity in known for identity in truth.values()))


def of_corpus(copy: Copy, least: float, right: Collection[str], ignored: Collection[str]) -> Measured:
    """Of the corpus and GED: all matches of each of its events, those labelled so being right; some count neither way."""
    known, found = labels(), []
    for event in read(copy, EVENT.c.dataset_id == "op1027", MOST):
        for match in matches(copy, event, ["ucdp-ged"]):
            label = known.get((event.id, match.event.id))
            if match.score.score >= least and label not in ignored:
                found.append(label)
    return Measured(len(found), sum(label in right for label in found), sum(label in right for label in known.values()))


def lines(copy: Copy, truth: Mapping[str, str]) -> Iterable[str]:
    """What was measured, at some least scores."""
    for least in (0.6, LEAST_SCORE, 0.75, 0.8):
        yield f"least score {least}"
        yield f"  two releases of GED: {of_releases(copy, truth, least)}"
        yield f"  corpus and GED, the same: {of_corpus(copy, least, {'same'}, {'part'})}"
        yield f"  corpus and GED, the same or a part: {of_corpus(copy, least, {'same', 'part'}, ())}"


def main(files: Path) -> None:
    """Loads all, and prints what was measured."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(database_url=f"sqlite:///{folder}/matching.db", cache_folder=str(folder))
        engine = connect_for_loading(settings)
        migrate(engine)
        older, path, truth = hidden(folder, files / OLDER, UcdpGed.about)
        for source in (*DATASETS.values(), UcdpGed(files / NEWER, release="24.1"), older(path)):
            load(engine, source, lambda _what, _count: None)
        with engine.begin() as connection:
            file, held = make_copy(connection, revision(connection), settings)
        for line in lines(Copy(file, held), truth):
            print(line)
        engine.dispose()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
