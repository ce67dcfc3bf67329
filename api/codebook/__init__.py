"""Every code list as data: enums, CHECK constraints, OpenAPI and /v1/codebook read it. Knows no table and no request.

A new code is one row in the file of its neighbourhood; a new list is one more name in the table below.
"""

from collections.abc import Mapping
from types import MappingProxyType

from api.codebook.code import Code, CodeList, Measure
from api.codebook.event_types import EVENT_SUBTYPE, EVENT_TYPE
from api.codebook.events import DATE_PRECISION, EVENT_KIND, OUTCOME
from api.codebook.figures import (
    FAMILY,
    MEASURE,
    MEASURES,
    NESTING,
    OBJECT,
    POPULATION,
    QUALIFIER,
    SEX,
    STATUS,
    TERM,
    UNIT,
)
from api.codebook.parties import CERTAINTY, GROUP_KIND, RELATION_TYPE, ROLE
from api.codebook.places import LOCATION_LEVEL, LOCATION_PRECISION
from api.codebook.records import CHANGE_ACTION, CODING_STATUS, PUBLISHED_ON_BASIS, VERIFICATION

__all__ = ["CODEBOOK", "MEASURES", "Code", "CodeList", "Measure", "values"]

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
