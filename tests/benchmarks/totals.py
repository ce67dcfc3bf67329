"""Totals by every dimension, lists of groups, places and documents, and facets: all that looks at everything."""

from __future__ import annotations

from statistics import median

from tests.benchmarks import compared, questions
from tests.benchmarks.processes import Server, own_megabytes
from tests.benchmarks.results import slowest
from tests.benchmarks.rivals import compare, compare_bare
from tests.benchmarks.stage import Stage, answers
from tests.benchmarks.targets import BY_KEY


def measure(stage: Stage) -> None:
    """Everything that is asked of totals."""
    with stage.ours(remembers=False) as server:
        for key, paths in (
            ("totals_one", questions.totals_by_one(stage.facts, stage.service)),
            ("totals_several", questions.totals_by_several(stage.service)),
            ("named", questions.named(stage.facts, stage.service)),
            ("facets", questions.facets(stage.facts)),
        ):
            _sweep(stage, server, key, paths)
        asked = compared.totals(stage.facts)
        factors = compare(stage, server, asked, asks_alone=False)
        if factors:
            stage.results.keep("totals_beside", min(factors), f"{len(factors)} kinds, the median {median(factors):.1f}")
        compare_bare(stage, server, asked)
        stage.results.keep("worker", own_megabytes(server.worker))


def _sweep(stage: Stage, server: Server, key: str, paths: list[str]) -> None:
    if not answers(server, paths[0]):
        stage.results.note(f"`{paths[0]}` is not answered.")
        return
    taken = stage.sweep(server, paths, BY_KEY[key].workload)
    several = f"of {len(taken)}, the median {median(taken.values()):.1f} ms"
    stage.results.keep(key, max(taken.values()), [several, *slowest(taken)])
