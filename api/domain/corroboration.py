"""Counts on how many independent roots a figure rests: ten papers that relay one resident are one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

# What a document has for an outlet that nobody knows; such documents are outlets of their own.
UNNAMED_OUTLET = "Unnamed outlet"


class Attribution(NamedTuple):
    """Who says a claim: the document, the first link of the chain (null where it names nobody), the outlet, and whether there
    is a number."""

    document: str
    first: str | None
    outlet: str
    has_number: bool


def roots(claims: Collection[Attribution]) -> int:
    """On how many roots the claims of a figure rest.

    The root of a claim is the first link of its chain, else the outlet. A document's own voice is no root beside somebody
    whom it names, nor a claim without a number beside one that has one. Method: docs/totals.md, Who says so.
    """
    told = [claim for claim in claims if claim.has_number] or claims
    naming = {claim.document for claim in told if claim.first is not None}
    own = {claim.outlet for claim in told if claim.first is None and claim.document not in naming}
    return len(own | {claim.first for claim in told if claim.first is not None})


def named_outlet(outlet: str) -> str | None:
    """The name of an outlet; null where nobody knows it."""
    return None if outlet == UNNAMED_OUTLET else outlet


def corroboration(claims: Collection[Mapping[str, Any]], outlets: Mapping[str, str]) -> dict[str, int]:
    """How many claims, documents and roots a figure rests on, by the outlets of its documents."""
    documents = [claim["document_id"] for claim in claims]
    said = [
        Attribution(
            document,
            claim["chain"][0] if claim["chain"] else None,
            # A document whose outlet nobody knows is its own.
            named_outlet(outlets.get(document, UNNAMED_OUTLET)) or document,
            any(claim[bound] is not None for bound in ("low", "best", "high")),
        )
        for document, claim in zip(documents, claims, strict=True)
    ]
    return {"claims": len(claims), "documents": len(set(documents)), "roots": roots(said)}
