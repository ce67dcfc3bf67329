"""Declares an address of the API: its filters, sort keys, formats and dimensions, and from them its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from api.query.dimension import Dimension
from api.query.filters.filter import Filter
from api.query.parameters import Code, ListOf, Parameter
from api.query.standard_parameters import (
    CURSOR,
    FILL,
    LIMIT,
    OF_CSV,
    PAGE,
    ROW,
    SHAPE,
    facets,
    format_of_record,
    group_by,
)
from api.records.formats import CSV, FLAT, LISTED, PAGES
from api.records.shape import Shape


@dataclass(frozen=True)
class Sort:
    """A key to sort by: the column of that name unless another is given, and whether it may be null (null comes last either
    way)."""

    key: str
    column: str = ""
    is_nullable: bool = False

    @property
    def column_name(self) -> str:
        return self.column or self.key


@dataclass(frozen=True)
class Endpoint:
    """What a path takes: its filters, and what else may stand in its query."""

    path: str
    # The kind of its records, in the plural: by it templates, HXL's tags, the links of flat rows, ids that are looked up and, unless
    # `tag_name` says otherwise, the description's groups are called.
    resource: str
    shape: Shape | None
    filters: tuple[Filter, ...] = ()
    sorts: tuple[Sort, ...] = ()
    default_sort: str = ""
    formats: tuple[str, ...] = LISTED
    dimensions: tuple[Dimension, ...] = ()
    # Lists of figures and events take one row of a total; totals take dimensions alone.
    is_totals: bool = False
    # The top-level keys of a row of totals, which have no shape of their own, and the dimensions that are in each row's key.
    total_keys: tuple[str, ...] = ()
    always_in_key: tuple[Dimension, ...] = ()
    # Whether a browser gets its JSON as a page.
    has_page: bool = True
    # Whether it has pages and columns to choose; else it takes a limit.
    is_paged: bool = True
    # One record by its id takes no more than a format.
    is_record: bool = False
    # Further parameters, which change what is shown and not what is listed.
    options: tuple[Parameter, ...] = ()
    # What the description groups it under, where that is not the kind of its records.
    tag_name: str | None = None
    # Examples that return data here, where those that the parameters came with do not.
    examples: Mapping[str, str] = field(default_factory=dict)
    # The parameter that asks for one of its formats.
    form_parameter: str = "format"
    # Where the values of its filters are asked for that it does not take.
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """What the description groups it under."""
        return self.tag_name or self.resource

    @property
    def forms(self) -> tuple[str, ...]:
        """Every format that it has, the default first."""
        return (*self.formats, *PAGES) if self.has_page else self.formats

    @property
    def keys(self) -> tuple[str, ...]:
        """The top-level keys of what is listed, those that stand in flat rows alone among them."""
        return (*self.total_keys, *self.flat_keys) if self.shape is None else self.shape.flat_keys

    @property
    def flat_keys(self) -> tuple[str, ...]:
        """Those of them that stand in flat rows alone."""
        if self.shape is not None:
            return tuple(key for key in self.keys if key not in self.shape.keys)
        of_keys = [name for dimension in self.key_dimensions for name in dimension.flat_names]
        return (*of_keys, f"links_{self.resource}") if of_keys else ()

    @property
    def key_dimensions(self) -> tuple[Dimension, ...]:
        """All that may be in the key of a row of totals."""
        return tuple({dimension.name: dimension for dimension in (*self.dimensions, *self.always_in_key)}.values())

    def parameters(self) -> tuple[Parameter, ...]:
        """Everything that may stand in the query, in the order of the description."""
        if self.is_record:
            return (format_of_record(self.forms),) if self.forms else ()
        found: list[Parameter] = []
        for wanted in self.filters:
            found += wanted.parameters
        if self.is_totals:
            found += [FILL, SHAPE]
        if self.dimensions:
            found.append(group_by(self.dimensions, self.is_totals))
            if not self.is_totals:
                found += [ROW, facets(self.dimensions)]
        if self.sorts:
            keys = [sort.key for sort in self.sorts]
            both = [f"{sign}{key}" for key in keys for sign in ("", "-")]
            found.append(
                Parameter(
                    "sort", Code(both), f"The order; `-` for descending. Default `{self.default_sort}`.", both[-1]
                )
            )
        found += self.options
        if not self.is_paged:
            return self._with_examples([*found, LIMIT, format_of_record(self.forms)])
        told = "Only these top-level keys."
        if self.is_totals:
            told += f" In {', '.join(FLAT)} also columns by name, such as `key_month`, `labels_month`, `month_start`, `township_latitude`."
        elif self.flat_keys:
            told += f" In {', '.join(FLAT)} alone: {', '.join(f'`{key}`' for key in self.flat_keys)}."
        found.append(Parameter("fields", ListOf(Code(self.keys)), told, ",".join(self.keys[:2])))
        found += [LIMIT, CURSOR, PAGE]
        found.append(
            Parameter(
                "format",
                Code(self.forms),
                "The form of the answer; an ending (`/v1/events.csv`) and the Accept header work too. All but `json`, `html` and `md`,"
                " which show a page of it, give the whole result.",
                self.forms[0],
            )
        )
        if CSV in self.formats:
            found += OF_CSV
        return self._with_examples(found)

    def _with_examples(self, found: list[Parameter]) -> tuple[Parameter, ...]:
        return tuple(
            replace(parameter, example=self.examples.get(parameter.name, parameter.example)) for parameter in found
        )

    @cached_property
    def by_name(self) -> Mapping[str, Parameter]:
        """The same by name."""
        return {parameter.name: parameter for parameter in self.parameters()}
