"""Makes documents and reports of UCDP's sources.

A headline of an outlet and a day is one document. Rows of older releases name their sources in a citation alone, in which
outlet, day and headline cannot be told apart: they make no document.

UCDP weighs its sources, so no single one of them says what it says. All numbers are therefore claims of the dataset's own
document, which reports every event beside them. Whom UCDP quotes (`source_original`) is the claimant, and the outlet that
passed it on stands in the chain where there is but one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial

from api.domain.names import slug
from api.store.record_types import Record
from seeds.importer.imported import LONGEST_OUTLET, Imported
from seeds.importer.imported_places import short_hash
from seeds.importer.records import attribution
from seeds.importer.table import Table
from seeds.importer.values import Memo, single_spaced
from seeds.ucdp.sides import NAME

# What the publisher's database holds where it holds no date: the first day that its kind of column can.
_NO_DAY = "1753-01-01"
# How the report tells of a citation alone, and how much of a value it shows.
_WITHOUT_OUTLET, _MOST_SHOWN = "only source_article names the source, so it makes no document", 40
# What parts those whom the publisher quotes, and what stands there where it quotes nobody.
_PARTING = re.compile(r"[;\n]")
_NOBODY = frozenset({"aggregation event"})


class Sources:
    """The sources of one file."""

    def __init__(self, file: Table, imported: Imported) -> None:
        self._file, self._imported = file, imported
        # The ids of documents, by outlet, day and headline as they are printed.
        self._documents = Memo(self._document)
        self._groups = Memo(partial(_group, imported))

    def quoted(
        self, original: str, offices: str, sides: Mapping[str, str], country: str
    ) -> tuple[str | None, Sequence[str]]:
        """Whom the publisher quotes, and the outlet through which, where it names one; `sides` are groups by their names.

        A group where the words are a side's name, UCDP's name of a known group or its acronym in that country, else the words as they are printed, of several speakers too: who of them gave
        which number is not told, nor which of several outlets heard them.
        """
        words = "; ".join(filter(None, map(single_spaced, _PARTING.split(original))))
        if not words or words.casefold() in _NOBODY:
            return None, ()
        outlets = {single_spaced(outlet) for outlet in offices.split(";")} - {""}
        relays = tuple(outlets - {words}) if len(outlets) == 1 else ()
        return sides.get(words) or self._groups[words, country] or words, relays

    def reports(self, own: Record, article: str, offices: str, dates: str, headlines: str) -> list[Record]:
        """The dataset's own report, and one of each document, always in the same order: the file's says nothing."""
        if not offices:
            if article:
                self._file.report.note(_WITHOUT_OUTLET, self._file.line, single_spaced(article)[:_MOST_SHOWN])
            return [own]
        if ";" not in offices and ";" not in dates:
            return [own, attribution(self._documents[offices, dates, headlines])]
        return [own, *map(attribution, self._listed(offices, dates, headlines))]

    def _listed(self, offices: str, dates: str, headlines: str) -> list[str]:
        outlets = [part for part in offices.split(";") if part.strip()]
        days = self._matching("dates", outlets, dates)
        titles = self._matching("headlines", outlets, headlines)
        return sorted({self._documents[source] for source in zip(outlets, days, titles, strict=True)})

    def _matching(self, what: str, outlets: Sequence[str], printed: str) -> Sequence[str]:
        """One of these for each outlet; none where they do not match."""
        found = [part for part in printed.split(";") if part.strip()]
        if len(found) == len(outlets):
            return found
        if found:
            example = f"{len(outlets)} outlets and {len(found)} {what}"
            self._file.report.repair(
                f"{what} of sources left out, as there are not as many as outlets", self._file.line, example
            )
        return [""] * len(outlets)

    def _document(self, source: tuple[str, str, str]) -> str:
        outlet, text, title = single_spaced(source[0]), source[1], single_spaced(source[2])
        day: date | None = None
        if text.strip():
            try:
                day = date.fromisoformat(text.strip())
            except ValueError:
                day = None
            if day is None or day.isoformat() == _NO_DAY:
                day = None
                self._file.report.repair(
                    "the date of a source left out, as it is no day", self._file.line, text[:_MOST_SHOWN]
                )
        named = slug(outlet)[:LONGEST_OUTLET].strip("-") or "outlet"
        tail = f"{named}-{'undated' if day is None else day}"
        return self._imported.document(f"{tail}-{short_hash(title)}" if title else tail, outlet, day, title or None)


def _group(imported: Imported, said: tuple[str, str]) -> str | None:
    """The one group of another dataset that is called so, in a country; null where there is none, or several."""
    words, country = said
    known = imported.groups.with_code(NAME, words) or imported.groups.with_acronym(words, country)
    return known[0].id if len(known) == 1 and known[0].kind != "population" else None
