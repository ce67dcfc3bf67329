"""Who says so: the documents, the claimants, and how well it is verified. Knows no text of any document."""

from __future__ import annotations

from api.declare.filter import Filter, Subject
from api.declare.usual_filters import among, codes, named
from api.declare.values import Parameter, Several, Word

DOCUMENT = Filter(
    Parameter("document", Several(Word()), "Supported by these documents, by id.", "004_84814d1eef1d8517"),
    Subject.SAID,
    among("document_id"),
    named("document"),
)
CLAIMANT = Filter(
    Parameter(
        "claimant",
        Several(Word()),
        "On the word of these: groups by id, acronym, name or alias, or the words that a record has.",
        "national-unity-government",
    ),
    Subject.SAID,
    among("claimant"),
    named("claimant"),
)
VERIFICATION = codes("verification", "How well it is verified.", "unverified", Subject.SAID)

SAYING: tuple[Filter, ...] = (DOCUMENT, CLAIMANT, VERIFICATION)
