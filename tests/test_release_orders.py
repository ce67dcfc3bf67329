"""Releases and parts in orders that are harder than one after the other: events that are dated anew, a dataset that is removed
between, rows that come mended, files of two countries. What stands in the end is worked out by what the files tell alone.

Files are invented, in UCDP's and ACLED's layouts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path

import pytest

from api.load.dataset_removal import remove
from api.load.loading import load
from api.load.releases import OlderRelease
from api.load.source import LoadSource
from api.settings import Settings
from api.store.database import connect_for_loading
from seeds.acled.export import Acled
from seeds.ucdp.ged import UcdpGed
from tests import test_import_acled
from tests.conftest import ENGINES
from tests.databases import Databases
from tests.stored import served
from tests.test_releases import ANNUAL, RELEASES, Told, events, expected, released, state, written

pytestmark = pytest.mark.engines("sqlite")

# Candidates of three periods. Number 110 is in the first, is dated anew into the days of the second, and is taken back by the
# revised ones of these days: the first, which stands, tells it as ever.
ANEW: Mapping[str, Told] = {
    "25_01_25_09": RELEASES["25_01_25_09"],
    "25_0_10": RELEASES["25_0_10"],
    "25_10_25_12": {120: ("2025-10-02", 6), 140: ("2025-12-01", 5)},
}


def loaded(address: str, source: LoadSource) -> str | None:
    """What is said of a load; null where nothing is. One that a newer release took the place of is refused, and changes nothing."""
    engine = connect_for_loading(Settings(database_url=address))
    try:
        return load(engine, source, lambda _what, _count: None).remark
    except OlderRelease:
        return None
    finally:
        engine.dispose()


def removed(address: str, dataset: str) -> None:
    engine = connect_for_loading(Settings(database_url=address))
    remove(engine, dataset, lambda _connection: None)
    engine.dispose()


@pytest.mark.engines(*ENGINES)
def test_an_event_that_was_dated_anew_is_not_lost_with_the_release_that_took_it(
    databases: Databases, corpus_address: str, tmp_path: Path
) -> None:
    files = {version: written(tmp_path, version, told) for version, told in ANEW.items()}
    told = {**RELEASES, **ANEW}
    for order in permutations(ANEW) if databases.name == "sqlite" else [tuple(ANEW)]:
        *before, last = order
        address = databases.copy(released(databases, corpus_address, *before, told=told))
        remark = loaded(address, UcdpGed(files[last]))
        # What the first tells of 110 is not kept where the second has it, so its file is asked for.
        assert (remark is not None) == (last == "25_10_25_12"), order
        if remark is not None:
            assert "25.01.25.09" in remark and remark.endswith("import its file again")
            assert loaded(address, UcdpGed(files["25_01_25_09"])) is None
        with served(address) as client:
            assert events(client) == expected(order, told), order
            assert client.get("/v1/events/ucdp-ged-7110").status_code == 200


def test_a_release_of_which_others_took_events_comes_again_whole(
    databases: Databases, corpus_address: str, tmp_path: Path
) -> None:
    """`--older` is for once: the newer release is not said to be loaded while events of it are told by the older one."""
    address = databases.copy(released(databases, corpus_address, "25_1"))
    before = state(address)
    older = UcdpGed(written(tmp_path, "24_1", {20: ("2023-05-05", 5)}), is_whole=False)
    older.takes_older = True
    loaded(address, older)
    with served(address) as client:
        assert events(client)[20] == ("24.1", 5)
    loaded(address, UcdpGed(written(tmp_path, "25_1")))
    assert state(address) == before


@pytest.mark.engines(*ENGINES)
def test_a_dataset_that_is_removed_between_comes_again_as_if_it_were_new(
    databases: Databases, corpus_address: str, tmp_path: Path
) -> None:
    first = databases.copy(released(databases, corpus_address, "25_1", "25_0_7"))
    second = databases.copy(released(databases, corpus_address, "26_1"))
    removed(second, "ucdp-ged")
    for version in ("25_0_7", "25_1"):
        loaded(second, UcdpGed(written(tmp_path, version)))
    assert state(second) == state(first)
    # Those of the removed release alone are gone, and the others came back.
    with served(second) as client:
        assert [client.get(f"/v1/events/ucdp-ged-{7000 + number}").status_code for number in (121, 100)] == [410, 200]


def test_an_id_that_was_withdrawn_may_come_back(databases: Databases, corpus_address: str, tmp_path: Path) -> None:
    address = databases.copy(corpus_address)
    without = {number: told for number, told in ANNUAL.items() if number != 4}
    for version, told, status in (("24_1", ANNUAL, 200), ("25_1", without, 410), ("26_1", ANNUAL, 200)):
        loaded(address, UcdpGed(written(tmp_path, version, told)))
        with served(address) as client:
            assert client.get("/v1/events/ucdp-ged-7004").status_code == status
            assert set(events(client)) == set(told)


def _with_bad_row(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("2024-05-05,2024-05-05", "soon,soon"), newline="")


def test_rows_that_come_mended_end_in_the_data_of_a_good_file(
    databases: Databases, corpus_address: str, tmp_path: Path
) -> None:
    good = databases.copy(released(databases, corpus_address, "25_1", "25_0_7"))
    other, between = databases.copy(corpus_address), written(tmp_path, "25_0_7")
    bad = written(tmp_path, "25_1")
    _with_bad_row(bad)
    (tmp_path / "mended").mkdir()
    mended = written(tmp_path / "mended", "25_1", {4: ANNUAL[4]})
    # The mended row before and after another release, and the whole file once more, whose row is as bad as before.
    for path, is_whole in ((bad, True), (between, True), (mended, False), (bad, True)):
        source = UcdpGed(path, is_whole=is_whole)
        source.report.is_strict = False
        loaded(other, source)
    with served(other) as client, served(good) as whole:
        assert events(client) == events(whole)


def _export(folder: Path, country: Sequence[str], ids: Sequence[int], changed: int, killed: int) -> Path:
    name, iso, region, town = country
    rows = [
        {
            "event_id_cnty": f"{name[:3].upper()}{number}",
            "country": name,
            "iso": iso,
            "admin1": region,
            "admin2": "",
            "admin3": "",
            "location": town,
            "timestamp": str(2015200000 + changed * 86400),
            "fatalities": str(killed),
        }
        for number in ids
    ]
    folder.mkdir()
    return test_import_acled.write(folder, *rows)


MYANMAR, INDIA = ("Myanmar", "104", "Sagaing", "Kawlin"), ("India", "356", "Manipur", "Imphal")


def test_files_of_two_countries_end_in_the_same_events_in_every_order(
    databases: Databases, corpus_address: str, tmp_path: Path
) -> None:
    """The first is loaded whole and the others as parts, whichever is newer; a later state of one keeps the other."""
    files = {
        "myanmar": _export(tmp_path / "1", MYANMAR, range(1, 4), 0, 2),
        "india": _export(tmp_path / "2", INDIA, range(1, 4), 3, 3),
        "india later": _export(tmp_path / "3", INDIA, range(2, 5), 6, 5),
    }
    # Orders that begin alike are loaded once as far as they do.
    loads: dict[tuple[str, ...], str] = {(): corpus_address}
    for order in permutations(files):
        for place, name in enumerate(order):
            if order[: place + 1] not in loads:
                address = loads[order[: place + 1]] = databases.copy(loads[order[:place]])
                loaded(address, Acled(files[name], is_whole=place == 0))
        with served(loads[order]) as client:
            listed = client.get("/v1/events?dataset=acled&limit=1000").json["data"]
            found = {event["id"].removeprefix("acled-"): event["figures"][0]["low"] for event in listed}
        assert found == {
            **{f"mya{number}": 2 for number in range(1, 4)},
            # What the later state lacks is kept, since it is a part.
            **{f"ind{number}": 3 if number == 1 else 5 for number in range(1, 5)},
        }, order
