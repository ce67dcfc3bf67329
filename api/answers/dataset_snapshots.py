"""The whole of a dataset as files: one of DuckDB, and Parquet in a zip, with licence, citation and checksums.

They are made once for each revision, in the folder of the reading copies, and are the only answers of which parts can be asked.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
from flask import Response, request, send_file
from sqlalchemy import Connection, select

from api.answers.asked_format import format_or_page_asked
from api.answers.coverage import licence_links
from api.answers.listings import LISTINGS
from api.answers.responses import WholeAnswer, answered, base
from api.answers.revision_at_least import REVISION
from api.answers.service import reading, service, take_slot
from api.answers.single_records import SingleRecord, missing, refuse_parameters
from api.columns.connections import open_sealed
from api.columns.copy_files import exclusive_lock, folder_of
from api.columns.scratch import scratch_folder
from api.columns.snapshot import Snapshot
from api.domain import deadlines
from api.domain.cells import cell
from api.domain.errors import NotForRedistribution, ReadingCopyUnavailable
from api.query.endpoint import Endpoint, Sort
from api.query.filters.shared import DATASET_FILTER
from api.query.lookup.database import DatabaseLookUp
from api.query.parsing import parse
from api.records.files import FILES, FileExport, table_of
from api.records.formats import JSON, MEDIA_TYPES, PARQUET, DatasetTerms
from api.records.renditions import json_bytes
from api.records.shape import FlatColumn
from api.store.models import Claim, Dataset, Figure

# How long one may be worked on: a million events take some minutes.
_MAKING_SECONDS = 300
_MEMORY = "256MB"
_CLAIMS_AT_A_TIME = 5_000
# The forms of it, by the ending of their address.
FORMS: Mapping[str, str] = {"duckdb": "application/vnd.duckdb", "zip": "application/zip"}
# The tables of flat rows, by the type of their records.
_TABLES = {"events": "event", "figures": "figure", "groups": "group", "locations": "location", "documents": "document"}
_CLAIM_COLUMNS = (
    FlatColumn("figure_id", str, "The figure that it is on."),
    FlatColumn("document_id", str, "The document that it stands in."),
    FlatColumn("claimant", str, "Who says so: a group's id, or words; null where the document speaks itself."),
    FlatColumn("chain", str, "From the first mouth to the last before the document, joined by semicolons."),
    FlatColumn("population", str, "Whom it holds them to be, where that is contested."),
    FlatColumn("qualifier", str, "The word that it puts to its number."),
    FlatColumn("low", int, "The lowest number that was said."),
    FlatColumn("best", int, "The number that was said."),
    FlatColumn("high", int, "The highest number that was said."),
    FlatColumn("verification", str, "How well it is verified."),
    FlatColumn("is_preferred", bool, "Whether the figure takes its bounds from it."),
    FlatColumn("spans", str, "Where in the document, in characters, as JSON."),
)


def answer_manifest(identity: str) -> Response:
    """What a dataset's snapshot is made of, and where its files are."""

    def make(snapshot: Snapshot, _format_: str) -> WholeAnswer:
        refuse_parameters(request.path, forms=(JSON,))
        with _replaced_meanwhile():
            manifest = orjson.loads((_made(snapshot, identity) / "manifest.json").read_bytes())
        for file in manifest["files"]:
            file["url"] = f"{base()}/v1/datasets/{identity}/{file.pop('name')}"
        return WholeAnswer(json_bytes(manifest), MEDIA_TYPES[JSON], licence_links(snapshot, identity))

    return answered(format_or_page_asked((JSON,)), make)


def answer_file(identity: str, form: str) -> Response:
    """A dataset's snapshot in this form, or the parts of it that `Range` asks for."""
    refuse_parameters(request.path, forms=())
    # Whoever reads it slowly keeps nobody from a page, and it is not held in memory.
    take_slot(service().slots.exports)
    with reading() as snapshot:
        folder = _made(snapshot, identity)
        licence, token = licence_links(snapshot, identity), snapshot.token
    file = folder / f"snapshot.{form}"
    with _replaced_meanwhile():
        manifest = orjson.loads((folder / "manifest.json").read_bytes())
        (told,) = (one for one in manifest["files"] if one["name"] == file.name)
        response = send_file(
            file,
            FORMS[form],
            as_attachment=True,
            download_name=f"{identity}.{form}",
            etag=told["sha256"],
            max_age=service().settings.cache_seconds,
        )
        for link in licence:
            response.headers.add("Link", link)
        response.headers[REVISION] = token
        return response


@contextmanager
def _replaced_meanwhile() -> Iterator[None]:
    """Tells a snapshot that is gone since it was made, since the data has changed, as one that is being made."""
    try:
        yield
    except FileNotFoundError:
        raise ReadingCopyUnavailable(
            "The data has changed, and with it this snapshot. Ask again.", headers={"Retry-After": "1"}
        ) from None


def _made(snapshot: Snapshot, identity: str) -> Path:
    """The folder of a dataset's snapshot in this state of the data, made now where it is not there.

    Errors: 404 and 410; NotForRedistribution; ReadingCopyUnavailable, where another makes it and it takes long.
    """
    own = Dataset.__table__
    row = None
    if "\0" not in identity:
        row = snapshot.connection.execute(select(own).where(own.c.id == identity)).mappings().one_or_none()
    if row is None:
        raise missing(snapshot.connection, SingleRecord("dataset", Dataset), identity)
    if not row["is_redistributable"]:
        raise NotForRedistribution(
            f"'{identity}' is marked as not for redistribution; its terms are named {row['licence']}."
        )
    settings = service().settings
    folder = folder_of(settings) / "snapshots" / identity
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / snapshot.token
    if not made.exists():
        take_slot(service().slots.exports)
        with deadlines.current().extended(_MAKING_SECONDS), exclusive_lock(folder / "lock", settings.copy_wait_seconds):
            if not made.exists():
                with scratch_folder(folder) as scratch:
                    fresh = scratch / "fresh"
                    fresh.mkdir()
                    _make(snapshot, dict(row), fresh)
                    # Those of earlier revisions go; what is being sent of them stays until it is sent.
                    for old in folder.iterdir():
                        if old.is_dir() and old != scratch:
                            shutil.rmtree(old, ignore_errors=True)
                    fresh.rename(made)
    return made


def _make(snapshot: Snapshot, dataset: Mapping[str, Any], folder: Path) -> None:
    """Writes both files and what they are made of into a folder, each file by its name in the address."""
    about = {
        "dataset": dataset["id"],
        "release": dataset["release"],
        "revision": snapshot.token,
        **{name: dataset[name] for name in ("title", "publisher", "licence", "licence_url", "citation")},
    }
    files = {name: folder / f"{name}.parquet" for name in (*_TABLES, "claims")}
    about["tables"] = {name: _write(snapshot, dataset, name, file) for name, file in files.items()}
    readme = folder / "README.json"
    readme.write_bytes(orjson.dumps(about, option=orjson.OPT_INDENT_2))
    # Parquet is compressed already.
    with zipfile.ZipFile(folder / "snapshot.zip", "w") as packed:
        for file in (readme, *files.values()):
            deadlines.check("packing a snapshot")
            packed.write(file, file.name)
    _write_database(folder / "snapshot.duckdb", files, about)
    for file in (readme, *files.values()):
        file.unlink()
    told = [_manifest_entry(folder / f"snapshot.{form}", media_type) for form, media_type in FORMS.items()]
    (folder / "manifest.json").write_bytes(orjson.dumps({**about, "files": told}))


def _write(snapshot: Snapshot, dataset: Mapping[str, Any], name: str, file: Path) -> int:
    """Writes one table as Parquet; how many rows it has."""
    if name == "claims":
        columns, tables = list(_CLAIM_COLUMNS), _claims(snapshot.connection, dataset["id"])
    else:
        listing = LISTINGS[_TABLES[name]]
        endpoint = Endpoint(f"/v1/{name}", name, listing.shape, (DATASET_FILTER,), (Sort("id"),), "id", (PARQUET,))
        look_up = DatabaseLookUp(snapshot.connection, snapshot.copy)
        question = parse(endpoint, [("dataset", dataset["id"])], PARQUET, look_up)
        columns, tables = listing.shape.flat_columns(), listing.tables(snapshot, question, base())
    terms = DatasetTerms(dataset["id"], *(dataset[field] for field in DatasetTerms._fields[1:]))
    count = 0

    def counted() -> Iterator[pa.Table]:
        nonlocal count
        for table in tables:
            deadlines.check("writing a snapshot")
            count += len(table)
            yield table

    export = FileExport(name, columns, counted(), request.url, (), {"revision": snapshot.token}, [terms])
    FILES[PARQUET].write(export, file)
    return count


def _claims(connection: Connection, dataset: str) -> Iterator[pa.Table]:
    """What each report says of each of a dataset's figures."""
    names = [column.name for column in _CLAIM_COLUMNS[1:]]
    statement = (
        select(Figure.id, *(getattr(Claim, name) for name in names))
        .join(Figure, Figure.number == Claim.figure_number)
        .where(Figure.dataset_id == dataset)
        .order_by(Claim.figure_number, Claim.position)
        .execution_options(yield_per=_CLAIMS_AT_A_TIME)
    )
    for rows in connection.execute(statement).partitions():
        listed = [
            [cell(value) if name == "chain" else value for name, value in zip(("", *names), row, strict=True)]
            for row in rows
        ]
        for row in listed:
            row[-1] = orjson.dumps(row[-1]).decode()
        yield table_of(_CLAIM_COLUMNS, listed)


def _write_database(file: Path, tables: Mapping[str, Path], about: Mapping[str, Any]) -> None:
    """Writes the tables into one file of DuckDB, beside one that says whose they are. All names are ours."""
    database = open_sealed(str(file), _MEMORY, file.with_suffix(".spilled"), [file.parent])
    try:
        with deadlines.interrupted_by(database.interrupt, "writing a snapshot"):
            for name, source in tables.items():
                database.execute(f"create table {name} as select * from read_parquet('{source}')")
        database.execute("create table about (name varchar, value varchar)")
        told = [(name, value) for name, value in about.items() if isinstance(value, str)]
        database.executemany("insert into about values (?, ?)", told)
    finally:
        database.close()


def _manifest_entry(file: Path, media_type: str) -> dict[str, Any]:
    """What the manifest says of a file."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return {"name": file.name, "media_type": media_type, "bytes": file.stat().st_size, "sha256": digest}
