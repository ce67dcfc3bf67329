"""Counts on how many independent roots a figure rests: ten papers that relay one resident are one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

# What a document has for an outlet that nobody knows; such documents are outlets of their own.
UNNAMED_OUTLET = "Unnamed outlet"


def corroboration(claims: Collection[Mapping[str, Any]], outlets: Mapping[str, str]) -> dict[str, int]:
    """How many claims, documents and roots a figure rests on.

    The root of a claim is the first link of its chain, else the outlet of its document, by `outlets`, else the document.
    A document's own voice is no root beside somebody whom it names, nor a claim without a number beside one that has one.
    Method: docs/totals.md, Who says so.
    """
    told = [claim for claim in claims if _has_number(claim)] or claims
    naming = {claim["document_id"] for claim in told if claim["chain"]}
    roots = {claim["chain"][0] for claim in told if claim["chain"]}
    for document in {claim["document_id"] for claim in told} - naming:
        outlet = outlets.get(document, UNNAMED_OUTLET)
        roots.add(document if outlet == UNNAMED_OUTLET else outlet)
    return {
        "claims": len(claims),
        "documents": len({claim["document_id"] for claim in claims}),
        "roots": len(roots),
    }


def _has_number(claim: Mapping[str, Any]) -> bool:
    return any(claim[bound] is not None for bound in ("low", "best", "high"))
