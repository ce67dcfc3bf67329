"""The datasets there are: those that ship with the service, and those that a publisher's file is imported of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from api.load.source import LoadSource
from seeds.acled.deletions import AcledDeletions
from seeds.acled.export import Acled
from seeds.awsd.incidents import Awsd
from seeds.corpus.corpus_source import Corpus
from seeds.corpus.files import SEEDS
from seeds.corpus.gazetteer_source import Gazetteer
from seeds.idmc.updates import IdmcIdu
from seeds.importer.code_tables import rows_of_table
from seeds.importer.columns import missing, named, plain_name
from seeds.importer.header import is_tags
from seeds.importer.recognition import HEADER_ROWS, SeveralSheets, reader_of
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

    def score(row: Sequence[str]) -> int:
        return max(max(_score(importer, row) for _name, importer in known), _other_columns(row))

    try:
        rows = reader_of(path, score).first_rows(HEADER_ROWS, is_quick=True)
    except SeveralSheets as fault:
        other = next(filter(None, (_other_table(sheet.first_rows(HEADER_ROWS)) for sheet in fault.sheets)), None)
        if other is None:
            raise
        raise ImportFault(path.name, None, None, f"this looks like {other}") from fault
    _refuse_no_header(path, rows)
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
    scores = {name: max((_score(importer, row) for row in rows), default=0) for name, importer in IMPORTERS.items()}
    nearest = max(scores, key=scores.__getitem__)
    begins = "".join(f"; it begins with '{'|'.join(row)[:_BEGINNING]}'" for row in rows[:1])
    if dataset is not None:
        if not scores[dataset]:
            raise ImportFault(path.name, None, None, f"it has no column of {IMPORTERS[dataset].title()}{begins}")
        return dataset, IMPORTERS[dataset]
    if scores[nearest] < _LEAST_KNOWN:
        raise ImportFault(
            path.name, None, None, f"its columns are of none of the datasets {', '.join(IMPORTERS)}{begins}"
        )
    return nearest, IMPORTERS[nearest]


def _refuse_no_header(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """Errors: ImportFault, where nothing stands in the first rows, or tags in the place of names."""
    filled = [row for row in rows if any(map(str.strip, row))]
    if not filled:
        raise ImportFault(path.name, None, None, "there is nothing in it but empty rows")
    if is_tags(filled[0]):
        message = "HXL's tags stand in the place of a header; take it with the names of its columns"
        raise ImportFault(path.name, None, None, message)


# With fewer known columns a file is likely none of the publisher's. So much of a beginning is told.
_LEAST_KNOWN, _BEGINNING = 8, 60


def _score(importer: type[TableImporter], row: Sequence[str]) -> int:
    known = importer.columns()
    return sum(name in known for name in named(row, known))


def _lacking(importer: type[TableImporter], row: Sequence[str]) -> list[str]:
    known = importer.columns()
    return missing(named(row, known), known)


def _other_table(rows: Sequence[Sequence[str]]) -> str | None:
    """The name of a table that is none of ours and has such columns."""
    return next((name for row in rows for name in _others(row)), None)


def _other_columns(row: Sequence[str]) -> int:
    """How many columns such a table has, so that its sheet is found beside others; 0 where it is none."""
    return len(row) if any(_others(row)) else 0


def _others(row: Sequence[str]) -> Iterator[str]:
    """The names of the tables that have such columns among theirs."""
    header = {plain_name(name) for name in row}
    for name, columns in rows_of_table(_OTHER_TABLES):
        if {plain_name(column) for column in columns.split("|")} <= header:
            yield name
