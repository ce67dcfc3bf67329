"""Who takes part in ACLED's events: its actors and associated actors as groups. Knows no event and no file.

An actor is the group of another dataset that carries its name as an external code (`acled_name`). Where several groups
carry one name, since ACLED does not part an army from its government or a party from its armed wing, it is the one that
UCDP's codes name too, so that a group finds both datasets; where that does not decide it, nothing is guessed. An actor
that no group carries becomes a group of this dataset, with an id made of its name: an export has no other.

What kind of group it is says its `inter` code; one that only ever stands as an associate has none, and is judged by how
ACLED builds names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, select

from api.kinds import Record
from api.loose_ends import LoadRefused
from api.models import Group, GroupCode
from seeds.importer.brought_places import name_row, tail_of
from seeds.importer.numbers import is_in_digits

STATE_FORCES, REBELS, POLITICAL_MILITIA, IDENTITY_MILITIA, RIOTERS, PROTESTERS, CIVILIANS, EXTERNAL_FORCES = range(1, 9)
PEOPLE = frozenset({RIOTERS, PROTESTERS, CIVILIANS})

_SCHEME = "acled_name"
_ID_RANK, _NAME_RANK, _ALIAS_RANK = 0, 2, 3
_KINDS: Mapping[int, str] = {
    STATE_FORCES: "force",
    REBELS: "armed_group",
    POLITICAL_MILITIA: "armed_group",
    IDENTITY_MILITIA: "armed_group",
    RIOTERS: "population",
    PROTESTERS: "population",
    CIVILIANS: "population",
    # Armies abroad, peacekeepers and security companies.
    EXTERNAL_FORCES: "force",
}
# Newer exports print the name of the code, in the singular or the plural, and older ones its number.
_LABELS: Mapping[str, int] = {
    "state force": STATE_FORCES,
    "rebel group": REBELS,
    "rebel force": REBELS,
    "political militia": POLITICAL_MILITIA,
    "identity militia": IDENTITY_MILITIA,
    "rioter": RIOTERS,
    "protester": PROTESTERS,
    "civilian": CIVILIANS,
    "external/other force": EXTERNAL_FORCES,
    "external force": EXTERNAL_FORCES,
    "other force": EXTERNAL_FORCES,
    # There is no such actor.
    "": 0,
    "none": 0,
}
_BY_NAME: Mapping[str, int] = {"Civilians": CIVILIANS, "Protesters": PROTESTERS, "Rioters": RIOTERS}
_FORCES = ("Military Forces of ", "Police Forces of ")
_GOVERNMENT = "Government of "


def inter(printed: str) -> int:
    """The code of a kind of actor, printed as its number or its name; 0 is none. Errors: ValueError."""
    text = printed.strip()
    if is_in_digits(text) and int(text) <= EXTERNAL_FORCES:
        return int(text)
    found = _LABELS.get(text.casefold().removesuffix("s"))
    if found is None:
        raise ValueError(printed)
    return found


def inter_by_name(name: str) -> int:
    """The code that an actor's name says by itself; 0 where it says none."""
    return _BY_NAME.get(name.split(" (", 1)[0], 0)


class Actors:
    """The groups of one load; `fresh` hands over those that have to be brought first.

    `inters` has, for each actor, the lowest code that the file gives it, so that the order of rows decides nothing: an
    army abroad stays an army. `countries` has the ISO codes of the countries by the names that the file uses.
    """

    def __init__(
        self, connection: Connection, dataset_id: str, inters: Mapping[str, int], countries: Mapping[str, str]
    ) -> None:
        self._dataset_id, self._inters, self._countries = dataset_id, inters, countries
        self._carriers: dict[str, set[str]] = {}
        codes = (
            select(GroupCode.group_id, GroupCode.scheme, GroupCode.code)
            .join(Group, Group.id == GroupCode.group_id)
            .where(Group.dataset_id != dataset_id)
        )
        self._known_to_ucdp: set[str] = set()
        for identity, scheme, code in connection.execute(codes):
            if scheme == _SCHEME:
                self._carriers.setdefault(code, set()).add(identity)
            elif scheme.startswith("ucdp_"):
                self._known_to_ucdp.add(identity)
        self._ids: dict[str, str] = {}
        self._own_names: dict[str, list[str]] = {}
        self._met: dict[str, list[str]] = {}
        self._fresh: list[Record] = []

    @property
    def has_fresh(self) -> bool:
        """Whether `fresh` has anything to hand over."""
        return bool(self._fresh)

    def fresh(self) -> Iterator[Record]:
        """The groups of this dataset that were met since the last time."""
        fresh, self._fresh = self._fresh, []
        for record in fresh:
            yield {**record, "names": self._names(record["id"])}

    def group(self, name: str) -> str:
        """The id of the group that an actor of this name is. Errors: LoadRefused, where it is not clear."""
        found = self._ids.get(name)
        if found is None:
            found = self._ids[name] = self._carrier(name) or self._own(name)
        return found

    def names(self) -> dict[str, Sequence[Record]]:
        """What the groups are called: all names of its own, and ACLED's names of others'."""
        found: dict[str, Sequence[Record]] = {identity: self._names(identity) for identity in self._own_names}
        for identity, names in self._met.items():
            found[identity] = [name_row(_ALIAS_RANK, name) for name in sorted(names)]
        return found

    def _names(self, identity: str) -> list[Record]:
        """What a group of its own is called, as far as is known."""
        name, *others = self._own_names[identity]
        aliases = dict.fromkeys(alias for met in (name, *others) for alias in (met, *_short(met)) if alias != name)
        return [
            name_row(_ID_RANK, identity),
            name_row(_NAME_RANK, name),
            *(name_row(_ALIAS_RANK, alias) for alias in aliases),
        ]

    def _carrier(self, name: str) -> str | None:
        carriers = self._carriers.get(name, set())
        if len(carriers) > 1:
            carriers = carriers & self._known_to_ucdp or carriers
        if len(carriers) > 1:
            ids = ", ".join(sorted(carriers))
            raise LoadRefused(f"the groups {ids} all have the {_SCHEME} '{name}'; only one of them can be that actor")
        for identity in carriers:
            self._met.setdefault(identity, []).append(name)
            return identity
        return None

    def _own(self, name: str) -> str:
        identity = f"{self._dataset_id}-{tail_of(name)}"
        names = self._own_names.setdefault(identity, [])
        names.append(name)
        if len(names) == 1:
            self._fresh.append(
                {
                    "id": identity,
                    "name": name,
                    "acronym": None,
                    "group_kind": self._kind(name),
                    "country": self._country(name),
                    "description": None,
                    "codes": [{"scheme": _SCHEME, "code": name}],
                }
            )
        return identity

    def _kind(self, name: str) -> str:
        code = self._inters.get(name, 0) or inter_by_name(name)
        if code:
            return _KINDS[code]
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


def _short(name: str) -> list[str]:
    """What stands before and behind the colon of `KNU/KNLA: Karen National Union/Karen National Liberation Army`."""
    short, colon, long = name.partition(": ")
    return [short, long] if colon else []
