"""Makes groups of those who take part in ACLED's events: its actors and associated actors.

An actor is the group of another dataset that carries its name as an external code (`acled_name`). Where several groups
carry one name, since ACLED does not part an army from its government or a party from its armed wing, it is the one that
UCDP's codes name too, so that a group finds both datasets; where that does not decide it, nothing is guessed. An actor
that no group carries becomes a group of this dataset, with an id made of its name: an export has no other.

What kind of group it is says its `inter` code; one that only ever stands as an associate has none, and is judged by how
ACLED builds names.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from seeds.importer.code_tables import codes
from seeds.importer.imported import Imported
from seeds.importer.imported_groups import only_one
from seeds.importer.imported_places import tail_of
from seeds.importer.values import is_in_digits

CODES = Path(__file__).with_name("codes.csv")
# Those of the last are armies abroad, peacekeepers and security companies.
STATE_FORCES, REBELS, POLITICAL_MILITIA, IDENTITY_MILITIA, RIOTERS, PROTESTERS, CIVILIANS, EXTERNAL_FORCES = range(1, 9)
PEOPLE = frozenset({RIOTERS, PROTESTERS, CIVILIANS})

_SCHEME = "acled_name"
_BY_NAME: Mapping[str, int] = {"Civilians": CIVILIANS, "Protesters": PROTESTERS, "Rioters": RIOTERS}
_FORCES = ("Military Forces of ", "Police Forces of ")
_GOVERNMENT = "Government of "


def inter(printed: str) -> int:
    """The code of a kind of actor; 0 is none. Errors: ValueError.

    Newer exports print the name of the code, in the singular or the plural, and older ones its number.
    """
    text = printed.strip()
    if is_in_digits(text) and int(text) <= EXTERNAL_FORCES:
        return int(text)
    found = codes(CODES)["inter"].get(text.casefold().removesuffix("s"))
    if found is None:
        raise ValueError(printed)
    return int(found)


def inter_by_name(name: str) -> int:
    """The code that an actor's name says by itself; 0 where it says none."""
    return _BY_NAME.get(name.split(" (", 1)[0], 0)


class Actors:
    """The groups of one load.

    `inters` has, for each actor, the lowest code that the file gives it, so that the order of rows decides nothing: an
    army abroad stays an army. `countries` has the ISO codes of the countries by the names that the file uses.
    """

    def __init__(self, imported: Imported, inters: Mapping[str, int], countries: Mapping[str, str]) -> None:
        self._groups, self._dataset_id = imported.groups, imported.dataset_id
        self._inters, self._countries = inters, countries
        self._known_to_ucdp = self._groups.ids_with_scheme("ucdp_")

    def group(self, name: str) -> str:
        """The id of the group that an actor of this name is. Errors: LoadRefused, where it is not clear."""
        known = self._groups.with_code(_SCHEME, name)
        if len(known) > 1:
            known = [group for group in known if group.id in self._known_to_ucdp] or known
        standing = only_one(known, (_SCHEME, name), "actor")
        if standing is not None:
            self._groups.add_names(standing.id, [name])
            return standing.id
        identity = f"{self._dataset_id}-{tail_of(name)}"
        group = {"id": identity, "name": name, "group_kind": self._kind(name), "country": self._country(name)}
        self._groups.add({**group, "codes": [{"scheme": _SCHEME, "code": name}]}, [name, *_both_names(name)])
        return identity

    def _kind(self, name: str) -> str:
        code = self._inters.get(name, 0) or inter_by_name(name)
        if code:
            return codes(CODES)["group_kind"][str(code)]
        if name.startswith(_FORCES):
            return "force"
        if name.startswith(_GOVERNMENT):
            return "government"
        # `Women (India)` are people, `CPI: Communist Party of India` is a body.
        return "population" if self._country(name) is not None and ": " not in name else "organisation"

    def _country(self, name: str) -> str | None:
        """The country that stands in brackets at the end of a name."""
        _before, opening, inside = name.rpartition(" (")
        return self._countries.get(inside.removesuffix(")")) if opening and inside.endswith(")") else None


def _both_names(name: str) -> list[str]:
    """The short and the long name: what stands before and behind the colon of `KNU/KNLA: Karen National Union/Karen National Liberation Army`."""
    short, colon, long = name.partition(": ")
    return [short, long] if colon else []
