"""How the data come about, in the parts that the Standards for Casualty Recording and SDG indicator 16.1.2 ask for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standard:
    """A text that says what a methodology has to tell."""

    name: str
    publisher: str
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the methodology: sentences, the code lists that it rests on, and where to ask for more, as paths."""

    id: str
    title: str
    text: tuple[str, ...]
    code_lists: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


STANDARDS = (
    Standard(
        "Standards for Casualty Recording, 2016",
        "Every Casualty Counts",
        "https://everycasualty.org/knowledge-base/having-a-transparent-methodology/",
    ),
    Standard(
        "SDG indicator metadata 16.1.2, conflict-related deaths by sex, age and cause",
        "Office of the United Nations High Commissioner for Human Rights (OHCHR)",
        "https://unstats.un.org/sdgs/metadata/files/Metadata-16-01-02.pdf",
    ),
)

SECTIONS = (
    Section(
        "scope",
        "What is in it, and what is not",
        (
            (
                "Counted are people, and things, that a document says were harmed, taken, displaced or otherwise touched by armed"
                " conflict. The dead are documented direct deaths: nothing is estimated for what nobody reported, and indirect deaths are"
                " in only where a document counts them."
            ),
            (
                "Each dataset decides what it takes in and where it begins and ends; its description says so. Outside its declared period a"
                " dataset says nothing."
            ),
            "People are counted, and none is named for having been harmed. Where harm can be tied to no event, it is not coded.",
        ),
        ("event_kind", "event_type", "event_subtype", "family", "measure"),
        ("/v1/datasets",),
    ),
    Section(
        "sources",
        "Sources and collection",
        (
            (
                "The corpus is coded from news reports, every sentence of them. UCDP, ACLED, IDMC, the Aid Worker Security"
                " Database and Insecurity Insight are imported from the files that they publish, as they coded them, and nothing"
                " of them is corrected here."
            ),
            (
                "Each number keeps who said it, everybody who passed it on, and the document. Of the corpus it also keeps the"
                " characters of the text, and a hash by which the text is known."
            ),
            "What one source alone says stays told apart: totals by source are what that source says and nothing else.",
        ),
        ("published_on_basis", "certainty"),
        ("/v1/documents", "/v1/datasets"),
    ),
    Section(
        "definitions",
        "Definitions",
        (
            (
                "The codebook defines every code in a sentence and says what UCDP, ACLED, IDMC, HXL and SDG indicator 16.1.2 call it,"
                " where they mean the same."
            ),
            (
                "Status (population), sex, age and cause have the categories that SDG indicator 16.1.2 asks for, and what no text says"
                " is unspecified or unknown. One request gives its table: killed by population, sex, age and cause."
            ),
        ),
        ("population", "sex", "age", "cause", "term", "object", "unit", "role", "group_kind"),
        ("/v1/codebook", "/v1/casualties/totals?measure=killed&group_by=population,sex,age,cause"),
    ),
    Section(
        "verification",
        "Evaluation, verification and corroboration",
        (
            (
                "Nothing is verified on the ground. How far each document says that a number was checked is kept with each claim; where a"
                " publisher says nothing of it, it is not stated."
            ),
            (
                "A figure says on how many claims, documents and independent roots it rests. Ten papers that relay one resident are one"
                " root."
            ),
            (
                "Where sources differ, one claim is preferred and the others stand beside it. Where they disagree whether the dead were"
                " civilians or fighters, the figure is contested and each claim says which it holds."
            ),
        ),
        ("verification",),
        ("/v1/figures/totals?group_by=verification", "/v1/figures?roots_min=2"),
    ),
    Section(
        "computation",
        "How numbers come about",
        (
            (
                "The words around a number decide its low, best and high. What has no number stays without: null is unknown, and zero is"
                " only what somebody said."
            ),
            (
                "A total counts nobody twice: what a figure adds is what its parts do not already account for. Different measures, units,"
                " objects and datasets are never added, and no missing value is filled in."
            ),
            "Low is 0 for what may lie outside a row's period, and what may lie in it besides is told apart.",
        ),
        ("qualifier", "status", "nesting"),
        ("/v1/codebook/qualifier",),
    ),
    Section(
        "quality",
        "Quality control",
        (
            (
                "The corpus was coded twice by machine, from one brief, each coding without sight of the other; they were compared and settled,"
                " and every difference is written down with its settlement. What was added after audits was coded once, as `coding_status`"
                " says. No subject expert has reviewed it. A program holds it to the texts: numbers, spans, names, and that no sentence is"
                " left out."
            ),
            (
                "A row that cannot be read is set aside and told, with its line and reason; where many are, nothing of the file is"
                " taken. Each load tells what it created, updated and withdrew."
            ),
        ),
        ("coding_status",),
    ),
    Section(
        "gaps",
        "Gaps and limits",
        (
            (
                "News tell more of what happens near cities, lines of communication and journalists. An empty answer is no peace, and a"
                " change in numbers may be one in reporting."
            ),
            "Parties to a fight speak in their own interest. Ask by claimant or verification before you rest on a number.",
            "Datasets overlap: the same dead may stand in several. Events that may be the same are shown side by side, and nothing is merged.",
            (
                "For each dataset, `gaps` counts what is not known: figures without a number, casualties without sex, age or cause,"
                " figures of one root, and what is placed no better than in its state or region."
            ),
        ),
        ("date_precision", "location_precision", "location_level"),
    ),
    Section(
        "corrections",
        "Corrections",
        (
            (
                "Whoever finds an error tells `contact`, or where there is none whoever runs the service, with the id of the record, what is"
                " wrong and what shows it."
            ),
            (
                "In the corpus the two codings are settled on the text alone, and why is written down. In an imported dataset its publisher decides:"
                " the error is passed on to it, and the correction comes with its next release."
            ),
            (
                "A corrected record keeps its id, and its `updated_at` moves. A withdrawn one answers 410 with when, why and what"
                " replaces it, and its id is never given to another record; a later release may bring it again. Each change is kept, field by field, from what to what."
            ),
            "A claim stays what was said, though it was wrong: what changes is which one is preferred, or how it was read.",
        ),
        ("change_action",),
        ("/v1/events?sort=-updated_at", "/problems/withdrawn"),
    ),
)
