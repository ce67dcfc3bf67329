"""The types of a code, a code list and a measure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Code:
    """One value that a field may hold, with its meaning and its equivalents elsewhere.

    `crosswalk` goes from another system ("acled", "ucdp", "idmc", "hxl") to its code or label, only where the two
    truly mean the same. `parent` is the event type of a subtype, or the family of a measure.
    """

    code: str
    label: str
    definition: str
    # A mapping cannot be hashed, and two codes that differ only there are never in one set.
    crosswalk: Mapping[str, str] = field(default_factory=dict, hash=False)
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class CodeList:
    """All values of one field, in the order in which they are shown."""

    name: str
    title: str
    description: str
    codes: tuple[Code, ...]

    def values(self) -> tuple[str, ...]:
        """The codes in order."""
        return tuple(code.code for code in self.codes)


@dataclass(frozen=True, slots=True)
class Measure:
    """What a figure of this measure must, may and must not say about itself.

    A figure has a population, a sex and an age exactly when its measure counts people, a cause exactly when it counts
    casualties, and an object exactly when `has_object`;
    it may have a term when `has_term`. `units` are those allowed; `is_totalled` says whether figures may be added up.
    """

    code: str
    family: str
    counts: Literal["people", "things", "share"]
    has_object: bool
    has_term: bool
    units: tuple[str, ...]
    is_totalled: bool
