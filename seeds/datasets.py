"""The datasets there are: those that ship with the service, and those that a publisher's file is imported of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from api.load.source import LoadSource
from seeds.acled.deletions import AcledDeletions
from seeds.acled.export import Acled
from seeds.awsd.incidents import Awsd
from seeds.corpus.corpus_source import Corpus
from seeds.corpus.files import SEEDS
from seeds.corpus.gazetteer_source import Gazetteer
from seeds.idmc.updates import IdmcIdu
from seeds.importer.code_tables import table
from seeds.importer.columns import missing, named, plain_name
from seeds.importer.recognition import HEADER_ROWS, reader_of
from seeds.importer.report import ImportFault
from seeds.importer.table_importer import TableImporter
from seeds.insecurity_insight.incidents import AidIncidents, EducationIncidents, HealthIncidents
from seeds.ucdp.ged import UcdpGed

# The dataset whose places all others stand on.
PLACES = "gazetteer"
# What is loaded when no dataset is named, in this order: later ones refer to earlier ones.
DATASETS: Mapping[str, LoadSource] = {PLACES: Gazetteer(), "op1027": Corpus(SEEDS / "op1027")}

# By the id that the dataset gets.
IMPORTERS: Mapping[str, type[TableImporter]] = {
    "ucdp-ged": UcdpGed,
    "acled": Acled,
    "idmc-idu": IdmcIdu,
    "awsd": Awsd,
    "insecurity-insight-aid": AidIncidents,
    "insecurity-insight-education": EducationIncidents,
    "insecurity-insight-health": HealthIncidents,
}
# Files of other columns that change such a dataset.
_BESIDE: Mapping[str, type[TableImporter]] = {"acled": AcledDeletions}
_OTHER_TABLES = Path(__file__).parent / "importer" / "other_tables.csv"


def importer_of(path: Path, dataset: str | None) -> tuple[str, type[TableImporter]]:
    """The dataset that a file is of, by its columns, and what imports it. Errors: ImportFault.

    Where the dataset is named, a file of another is refused with the name of what it is.
    """
    known = [*IMPORTERS.items(), *_BESIDE.items()]
    rows = reader_of(path, lambda row: max(_score(importer, row) for _name, importer in known)).first_rows(
        HEADER_ROWS, is_quick=True
    )
    fitting = [(name, importer) for name, importer in known if any(_lacking(importer, row) == [] for row in rows)]
    for name, importer in fitting:
        if dataset in (None, name):
            return name, importer
    if fitting:
        own, wanted = fitting[0][1].title(), IMPORTERS[dataset or ""].title()
        raise ImportFault(path.name, None, None, f"this looks like {own}, not {wanted}")
    other = _other_table(rows)
    if other is not None:
        raise ImportFault(path.name, None, None, f"this looks like {other}")
    if dataset is not None:
        return dataset, IMPORTERS[dataset]
    scores = {name: max((_score(importer, row) for row in rows), default=0) for name, importer in IMPORTERS.items()}
    nearest = max(scores, key=scores.__getitem__)
    if scores[nearest] < _LEAST_KNOWN:
        raise ImportFault(path.name, None, None, f"its columns are of none of the datasets {', '.join(IMPORTERS)}")
    return nearest, IMPORTERS[nearest]


# With fewer known columns a file is likely none of the publisher's.
_LEAST_KNOWN = 8


def _score(importer: type[TableImporter], row: Sequence[str]) -> int:
    known = importer.columns()
    return sum(name in known for name in named(row, known))


def _lacking(importer: type[TableImporter], row: Sequence[str]) -> list[str]:
    known = importer.columns()
    return missing(named(row, known), known)


def _other_table(rows: Sequence[Sequence[str]]) -> str | None:
    """The name of a table that is none of ours and has such columns."""
    headers = [{plain_name(name) for name in row} for row in rows]
    for name, columns in table(_OTHER_TABLES):
        wanted = {plain_name(column) for column in columns.split("|")}
        if any(wanted <= header for header in headers):
            return name
    return None
