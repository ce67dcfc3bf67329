"""The tools that an assistant has: read-only, each with a schema of its output and a limit that it states."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict
from urllib.parse import quote

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from api import __version__
from api.assistants.client import Ask, Refused

# An answer has to fit beside all else that an assistant reads.
MOST_FOUND, MOST_EVENTS, MOST_ROWS, MOST_EVIDENCE, MOST_PAIRS = 10, 20, 20, 3, 20
INSTRUCTIONS = f"""Structured conflict-event data. Every number comes from claims, and says whose.
Say low, best and high together, and `open_ended` as "or more": null is unknown, never zero. Never add numbers of different datasets,
of different measures, or of rows where `additive` is false, and never add claims: ask `total`, which counts nobody twice. Name the claimants
and documents that `evidence` has, and the citation in `sources`. Find the id of a place or group with `find` first.
Limits: {MOST_FOUND} names, {MOST_EVENTS} events, {MOST_ROWS} rows of a total with {MOST_EVIDENCE} figures each; `total` tells how many there are."""

_READ_ONLY = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)

Place = Annotated[str | None, Field(description="A place by id, P-code or name, with all that lies in it.")]
Party = Annotated[str | None, Field(description="A group by id, acronym or name.")]
Day = Annotated[str | None, Field(description="A day, 2023-11-06; what overlaps the period is taken.")]
Datasets = Annotated[str | None, Field(description="Dataset ids, separated by commas.")]


class Names(TypedDict):
    """Places or groups that a name may mean."""

    total: int
    found: list[dict[str, Any]]


class Events(TypedDict):
    """Events, newest first; `total` counts all that match."""

    total: int
    events: list[dict[str, Any]]
    coverage: dict[str, Any]
    sources: list[dict[str, Any]]


class Totals(TypedDict):
    """Rows of a total, each with figures that it is made of and their claims."""

    total: int
    additive: bool
    rows: list[dict[str, Any]]
    coverage: dict[str, Any]
    sources: list[dict[str, Any]]


class Evidence(TypedDict):
    """A figure with all of its claims, and the documents that make them."""

    figure: dict[str, Any]
    documents: list[dict[str, Any]]


class Comparison(TypedDict):
    """What each dataset says by itself, how far each two are apart, and their events in pairs."""

    said: list[dict[str, Any]]
    apart: list[dict[str, Any]]
    total: int
    pairs: list[dict[str, Any]]


class Codes(TypedDict):
    """Code lists; of one that is named, its codes with their definitions."""

    lists: list[dict[str, Any]]


def server(ask: Ask) -> MCPServer:
    """The server whose tools ask so."""
    made = MCPServer("conflict-events", instructions=INSTRUCTIONS, version=__version__)
    tools = _Tools(ask)
    for tool in (tools.find, tools.list_events, tools.total, tools.evidence, tools.compare, tools.codebook):
        made.tool(annotations=_READ_ONLY)(tool)
    return made


class _Tools:
    """The tools, each under its method's name, with its docstring and parameters as its description."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def _asked(self, path: str, **query: Any) -> dict[str, Any]:
        """The JSON of an answer; parameters that are null are not asked. Errors: ToolError, where it is refused."""
        try:
            return self._ask(path, {name: value for name, value in query.items() if value is not None})
        except Refused as refused:
            raise ToolError(str(refused)) from refused

    def find(
        self,
        words: Annotated[str, Field(description="Words of the name.")],
        what: Annotated[Literal["location", "group"], Field(description="A place or a group.")],
    ) -> Names:
        """Finds places or groups by words of their names or aliases, with their ids."""
        page = self._asked(f"/v1/{what}s", q=words, limit=MOST_FOUND)
        shown = (
            "id",
            "name",
            "acronym",
            "level",
            "group_kind",
            "country",
            "aliases",
            "events",
            "first_date",
            "last_date",
        )
        return {"total": page["total"], "found": [_only(record, shown) for record in page["data"]]}

    def list_events(
        self,
        location: Place = None,
        group: Party = None,
        date_from: Day = None,
        date_to: Day = None,
        type: Annotated[str | None, Field(description="Event types, codes of the list `event_type`.")] = None,
        q: Annotated[str | None, Field(description="Words that all occur.")] = None,
        dataset: Datasets = None,
        limit: Annotated[int, Field(ge=1, le=MOST_EVENTS)] = 10,
    ) -> Events:
        """Lists events, newest first, each with its figures, their claims, and the reports that say so."""
        query = {"location": location, "group": group, "date_from": date_from, "date_to": date_to}
        page = self._asked("/v1/events", **query, type=type, q=q, dataset=dataset, limit=limit)
        return {
            "total": page["total"],
            "events": page["data"],
            "coverage": page["coverage"],
            "sources": page["sources"],
        }

    def total(
        self,
        measure: Annotated[
            str, Field(description="What is counted, a code of the list `measure`: killed, displaced …")
        ],
        group_by: Annotated[
            str | None, Field(description="Up to four dimensions: population, month, location …")
        ] = None,
        location: Place = None,
        group: Party = None,
        date_from: Day = None,
        date_to: Day = None,
        population: Annotated[str | None, Field(description="Codes of the list `population`: civilians …")] = None,
        dataset: Datasets = None,
    ) -> Totals:
        """Counts people or things without counting anybody twice, as low, best and high, with the figures that each row is made of."""
        query = {"location": location, "group": group, "date_from": date_from, "date_to": date_to, "dataset": dataset}
        page = self._asked(
            "/v1/figures/totals", **query, measure=measure, group_by=group_by, population=population, limit=MOST_ROWS
        )
        rows = []
        for row in page["data"]:
            figures = self._asked(row["links"]["figures"], limit=MOST_EVIDENCE)
            rows.append({**row, "evidence": figures["data"], "evidence_total": figures["total"]})
        return {
            "total": page["total"],
            "additive": page["additive"],
            "rows": rows,
            "coverage": page["coverage"],
            "sources": page["sources"],
        }

    def evidence(self, figure: Annotated[str, Field(description="The id of a figure.")]) -> Evidence:
        """Tells on whose word one number rests: every claim with its claimant, how well it is verified, and its document."""
        found = self._asked(f"/v1/figures/{quote(figure, safe='')}")
        named = dict.fromkeys(claim["document"] for claim in found["claims"])
        documents = [self._asked(f"/v1/documents/{quote(document, safe='')}") for document in list(named)[:MOST_PAIRS]]
        return {"figure": found, "documents": documents}

    def compare(
        self, location: Place = None, date_from: Day = None, date_to: Day = None, dataset: Datasets = None
    ) -> Comparison:
        """Tells what several datasets say of one place and period, and where they come apart. Their numbers are never to be added."""
        page = self._asked(
            "/v1/comparisons",
            location=location,
            date_from=date_from,
            date_to=date_to,
            dataset=dataset,
            limit=MOST_PAIRS,
        )
        return {"said": page["said"], "apart": page["apart"], "total": page["total"], "pairs": page["data"]}

    def codebook(
        self,
        name: Annotated[str | None, Field(description="A list's name; without it, which lists there are.")] = None,
    ) -> Codes:
        """Explains codes: every list, or the codes of one with their definitions."""
        if name is not None:
            return {"lists": [self._asked(f"/v1/codebook/{quote(name, safe='')}")]}
        return {"lists": [_only(one, ("id", "title", "description")) for one in self._asked("/v1/codebook")["data"]]}


def _only(record: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: record[name] for name in names if name in record}
