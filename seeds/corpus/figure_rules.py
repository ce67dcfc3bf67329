"""Checks what must hold of figures and their claims beyond their shape: codes, nesting, bounds, the preferred claim."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from api.domain.bounds import Bounds, bounds
from api.domain.codebook import MEASURES, Measure, values
from seeds.corpus.faults import CorpusFaults
from seeds.corpus.files import DOCUMENTS, OWN_BOUNDS, Item


@dataclass(frozen=True, slots=True)
class _Known:
    """The figures of the corpus by id, the claims on each, and what the preferred claim of each comes to."""

    figures: Mapping[str, Item]
    claims: Mapping[str, list[Item]]
    claimed: Mapping[str, Bounds]


def check_figures(faults: CorpusFaults) -> None:
    """Note what is wrong with the codes, nesting, bounds and claims of figures."""
    figures = {identity: figure for _, figure in faults.coded.figures() if (identity := figure.text("id")) is not None}
    claims: dict[str, list[Item]] = defaultdict(list)
    claimed: dict[str, Bounds] = {}
    for document in faults.coded.items(DOCUMENTS):
        for claim in document.items("claims"):
            identity = claim.text("figure")
            found = _claimed_bounds(faults, claim)
            if identity is not None:
                claims[identity].append(claim)
                if found is not None and claim.record.get("preferred") is True:
                    claimed.setdefault(identity, found)
    known = _Known(figures, claims, claimed)
    for _, figure in faults.coded.figures():
        _check_codes(faults, figure)
        _check_nesting(faults, figure, known)
        _check_own_bounds(faults, figure, known)
        _check_claims(faults, figure, known)


def _check_codes(faults: CorpusFaults, figure: Item) -> None:
    """Note codes that do not go with the figure's measure."""
    measure = MEASURES.get(figure.text("measure") or "")
    if measure is None:
        return
    counts_people, is_casualty = measure.counts == "people", measure.family == "casualty"
    for key, is_needed, is_allowed in (
        ("population", counts_people, counts_people),
        ("sex", counts_people, counts_people),
        ("age", counts_people, counts_people),
        ("cause", is_casualty, is_casualty),
        ("object", measure.has_object, measure.has_object),
        ("term", False, measure.has_term),
    ):
        value = figure.record.get(key)
        if value is None and is_needed:
            right = f"one of {', '.join(values(key))}"
            faults.add((*figure.path, key), f"is null, though {measure.code} {_counts(measure)}", right)
        elif value is not None and not is_allowed:
            wrong = f"is {value}, though {measure.code} {_counts(measure)}"
            faults.add((*figure.path, key), wrong, f"{key}: null, or another measure")
    unit = figure.text("unit")
    if unit in values("unit") and unit not in measure.units:
        wrong = f"is {unit}, though {measure.code} {_counts(measure)}"
        faults.add((*figure.path, "unit"), wrong, f"{' or '.join(measure.units)}")


def _counts(measure: Measure) -> str:
    """What a measure counts, as the end of a sentence."""
    counted = {"people": "counts people", "things": "counts things", "share": "is a share"}[measure.counts]
    return f"{counted} of a named object" if measure.has_object else counted


def _check_nesting(faults: CorpusFaults, figure: Item, known: _Known) -> None:
    """Note a whole that cannot contain the figure, and nesting without a whole."""
    whole_id = figure.text("part_of")
    nesting = figure.record.get("nesting")
    path = (*figure.path, "part_of")
    if whole_id is None:
        if nesting is not None:
            faults.add(
                (*figure.path, "nesting"), f"is {nesting}, though part_of is null", "nesting: null, or a part_of"
            )
        return
    if nesting is None:
        faults.add(
            (*figure.path, "nesting"), "is null, though part_of is set", f"one of {', '.join(values('nesting'))}"
        )
    whole = known.figures.get(whole_id)
    if whole is None:
        return
    if whole_id == figure.text("id"):
        faults.add(path, "names the figure itself", "another figure, or null")
        return
    top = whole.text("part_of")
    if top is not None:
        faults.add(path, f"{whole_id} is itself part of {top}", f"two levels only: part_of: {top}, or null")
    for key in ("measure", "unit", "object"):
        mine, its = figure.text(key), whole.text(key)
        if mine != its:
            wrong = f"has the {key} {mine or 'null'}, and {whole_id} has {its or 'null'}"
            faults.add(path, wrong, "a whole of the same measure, unit and object")
    low, high = _end("low", figure, known), _end("high", whole, known)
    if nesting == "certain" and low is not None and high is not None and low > high:
        wrong = f"is at least {low}, and {whole_id}, which certainly contains it, is at most {high}"
        faults.add(path, wrong, "nesting: possible, another whole, or other bounds")


def _end(key: str, figure: Item, known: _Known) -> int | None:
    """The low or high end of a figure: the coder's where the coder sets bounds, else the preferred claim's."""
    if any(name in figure.record for name in OWN_BOUNDS):
        return figure.whole(key)
    claimed = known.claimed.get(figure.text("id") or "")
    if claimed is None:
        return None
    return claimed.low if key == "low" else claimed.high


def _check_own_bounds(faults: CorpusFaults, figure: Item, known: _Known) -> None:
    """Note bounds, set by the coder, that are out of order, an open end that has a limit, and a claim that is surer."""
    ends = [(key, number) for key in ("low", "best", "high") if (number := figure.whole(key)) is not None]
    for (lower_key, lower), (upper_key, upper) in pairwise(ends):
        if lower > upper:
            wrong = f"{lower_key} is {lower} and {upper_key} is {upper}"
            faults.add((*figure.path, upper_key), wrong, "low, best and high in rising order")
    if figure.record.get("open_ended") is True and figure.whole("high") is not None:
        wrong = f"is true, though high is {figure.whole('high')}"
        faults.add((*figure.path, "open_ended"), wrong, "open_ended: false, or high: null")
    claimed = known.claimed.get(figure.text("id") or "")
    if "low" in figure.record and figure.whole("low") is None and claimed is not None and claimed.low is not None:
        wrong = f"is null, and its preferred claim says at least {claimed.low}"
        faults.add((*figure.path, "low"), wrong, "a qualifier that leaves the low open (at_most, up_to), or a low")


def _claimed_bounds(faults: CorpusFaults, claim: Item) -> Bounds | None:
    """What a claim's qualifier and number come to; null, and a fault noted, where they do not go together."""
    qualifier, number = claim.text("qualifier"), claim.record.get("number")
    if qualifier not in values("qualifier") or (number is not None and claim.whole("number") is None):
        return None  # Its schema has refused it.
    if qualifier == "none_reported" and claim.record.get("claimant", "") is None:
        faults.add((*claim.path, "claimant"), "is null, though the claim says that there were none", "who says so")
    # A word for none means 0, and that is what a coder writes down; the qualifier says the same already.
    meant = None if qualifier == "none_reported" and number == 0 else claim.whole("number")
    try:
        return bounds(qualifier, meant)
    except ValueError as error:
        right = "a number, or another qualifier" if number is None else "number: null, or another qualifier or number"
        faults.add((*claim.path, "number"), str(error).rstrip("."), right)
        return None


def _check_claims(faults: CorpusFaults, figure: Item, known: _Known) -> None:
    """Note a figure without claims, and one that has not exactly one preferred claim."""
    identity = figure.text("id")
    if identity is None:
        return
    claims = known.claims.get(identity, [])
    preferred = [claim for claim in claims if claim.record.get("preferred") is True]
    if not claims:
        faults.add(figure.path, "no document claims it", "at least one claim in a document, or no such figure")
    elif not preferred:
        faults.add(figure.path, "no claim of it is preferred", "preferred: true in exactly one of its claims")
    _check_contested(faults, figure, claims)
    for claim in preferred[1:]:
        first = "{}:{}".format(*faults.coded.position((*preferred[0].path, "preferred")))
        wrong = f"{identity} has a preferred claim already ({first})"
        faults.add((*claim.path, "preferred"), wrong, "preferred: true in exactly one of a figure's claims")


def _check_contested(faults: CorpusFaults, figure: Item, claims: list[Item]) -> None:
    """Note a contested population that no two claims differ about, and a claim that holds one where nothing is contested."""
    held = {claim.text("population") for claim in claims} - {None}
    if figure.text("population") == "contested":
        if len(held) < 2:
            wrong = "is contested, though no two claims hold different populations"
            faults.add((*figure.path, "population"), wrong, "another population, or claims that say which each holds")
        return
    for claim in claims:
        if claim.text("population") is not None:
            wrong = f"is {claim.text('population')}, though the population of {figure.text('id')} is not contested"
            faults.add((*claim.path, "population"), wrong, "no population, or population: contested in the figure")
