"""Every code list as data, from which enums, CHECK constraints, the description and /v1/codebook are made.

A new code is one row in the file of its neighbourhood; a new list is one more name in the table below.
"""

from collections.abc import Mapping
from types import MappingProxyType

from api.domain.codebook.code import Code, CodeList, Measure
from api.domain.codebook.event_types import EVENT_SUBTYPE, EVENT_TYPE
from api.domain.codebook.events import DATE_PRECISION, EVENT_KIND, OUTCOME
from api.domain.codebook.figures import AGE, CAUSE, NESTING, OBJECT, POPULATION, QUALIFIER, SEX, STATUS, TERM
from api.domain.codebook.groups import CERTAINTY, GROUP_KIND, RELATION_TYPE, ROLE
from api.domain.codebook.measures import FAMILY, MEASURE, MEASURES, UNIT, never_totalled
from api.domain.codebook.places import LOCATION_LEVEL, LOCATION_PRECISION
from api.domain.codebook.records import CHANGE_ACTION, CODING_STATUS, PUBLISHED_ON_BASIS, VERIFICATION

__all__ = ["CODEBOOK", "MEASURES", "Code", "CodeList", "Measure", "never_totalled", "values"]

CODEBOOK: Mapping[str, CodeList] = MappingProxyType(
    {
        code_list.name: code_list
        for code_list in (
            EVENT_KIND,
            EVENT_TYPE,
            EVENT_SUBTYPE,
            OUTCOME,
            DATE_PRECISION,
            LOCATION_PRECISION,
            LOCATION_LEVEL,
            GROUP_KIND,
            RELATION_TYPE,
            ROLE,
            CERTAINTY,
            VERIFICATION,
            CODING_STATUS,
            PUBLISHED_ON_BASIS,
            FAMILY,
            MEASURE,
            POPULATION,
            OBJECT,
            SEX,
            AGE,
            CAUSE,
            TERM,
            UNIT,
            NESTING,
            QUALIFIER,
            STATUS,
            CHANGE_ACTION,
        )
    }
)


def values(name: str) -> tuple[str, ...]:
    """The codes of the list of this name, in order; KeyError when there is no such list."""
    return CODEBOOK[name].values()
