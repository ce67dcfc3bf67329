"""Whether the coded records say more than their speakers: who claims, how certain a part is, which days a toll has, which means.

The rules look at records that do not agree with each other, and, when the texts are at hand, at words that an event's
own spans would have to hold. They find kinds of error that were once made, and judge no reading.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from api.domain.codebook import MEASURES
from seeds.corpus.faults import CorpusFaults
from seeds.corpus.files import DOCUMENTS, CodedCorpus, Item

# Families whose numbers are the toll of the fighting; a place taken has its own day, and people cut off have theirs.
_TOLLS = frozenset({"casualty", "damage", "displacement", "force"})
# Kinds of group that do no deed in a fight, and so claim none.
_CLAIM_NOTHING = frozenset({"organisation", "population"})
# Words by which somebody says "we did it", or that a place is theirs.
_OWN_DEED = re.compile(
    r"\b(?:we|us|our|ours|claim\w*|responsib\w*|its (?:own )?(?:troops|forces|fighters|men|soldiers|units))\b",
    re.IGNORECASE,
)
# Words of which an English text has at least one where it tells of a subtype's means. Subtypes that name no means are not here.
_MEANS: Mapping[str, str] = {
    "government_regains_territory": r"recaptur\w*|retook|retak\w*|regain\w*|won back|took back",
    "non_state_actor_overtakes_territory": r"seiz\w*|took|take|taken|taking|captur\w*|conquer\w*|overr[au]n\w*|lost|fell|control",
    "armed_clash": r"clash\w*|fight|fighting|fought|battl\w*|attack\w*|offensive\w*|assault\w*|ambush\w*",
    "chemical_weapon": r"chemical\w*|gas|poison\w*",
    "air_drone_strike": r"air|aerial|aircraft|airstrike\w*|helicopters?|jets?|planes?|drones?",
    "suicide_bomb": r"suicide",
    "shelling_artillery_missile_attack": r"shell\w*|artillery|mortar\w*|missile\w*|rocket\w*|howitzer\w*",
    "remote_explosive_landmine_ied": r"mines?|landmine\w*|bomb\w*|explosive\w*|ied\w*",
    "grenade": r"grenade\w*",
    "sexual_violence": r"rap\w*|sexual\w*",
    "attack": r"kill\w*|shot|shoot\w*|beat\w*|tortur\w*|attack\w*|wound\w*|stab\w*|massacr\w*",
    "abduction_forced_disappearance": r"abduct\w*|kidnap\w*|disappear\w*|carried off|taken",
    "agreement": r"surrender\w*|ceasefire\w*|truce\w*|agree\w*|talks|exchang\w*",
    "arrests": r"arrest\w*|detain\w*|detention\w*",
    "looting_property_destruction": r"loot\w*|burn\w*|torch\w*|destroy\w*|rob\w*|seiz\w*",
    "evacuation": r"evacuat\w*",
    "forced_flight": r"flee\w*|fled|flight|left|leav\w*|running away|escap\w*",
    "relocation": r"relocat\w*|resettl\w*",
    "return": r"return\w*|came back|come back",
}
_ENGLISH = "en"


def check_attribution(faults: CorpusFaults, corpus: Path | None) -> None:
    """Note every fault of these rules; those about words only where there is a folder of the texts."""
    coded = faults.coded
    reports = _reports(coded)
    events = {identity: event for event in coded.items("events") if (identity := event.text("id")) is not None}
    kinds = {group.text("id"): group.text("group_kind") for group in coded.items("groups")}
    for identity, event in events.items():
        said = reports.get(identity, [])
        _check_certainty(faults, event, said)
        _check_claimants(faults, event, said, kinds)
        _check_days(faults, event, events.get(event.text("part_of") or ""))
    for document in coded.items(DOCUMENTS):
        _check_chains(faults, document)
        _check_relations(faults, document)
    if corpus is not None:
        texts = _texts(coded, corpus)
        for identity, event in events.items():
            _check_means(faults, event, reports.get(identity, []), texts)
            _check_deeds(faults, event, reports.get(identity, []), texts)


def _reports(coded: CodedCorpus) -> dict[str, list[Item]]:
    """The reports of each event, by its id."""
    found: dict[str, list[Item]] = defaultdict(list)
    for document in coded.items(DOCUMENTS):
        for report in document.items("reports"):
            found[report.text("event") or ""].append(report)
    return found


def _check_certainty(faults: CorpusFaults, event: Item, reports: list[Item]) -> None:
    """Note parts that are stated though one speaker says all, and parts that rest on a speaker where there is none."""
    speakers = {report.text("claimant") for report in reports}
    for part in event.items("groups"):
        certainty, path = part.text("certainty"), (*part.path, "certainty")
        if certainty == "stated" and part.text("role") != "claimant" and len(speakers) == 1 and None not in speakers:
            wrong = f"is stated, and all accounts of the event are {next(iter(speakers))}'s"
            faults.add(path, wrong, "single_source, or inferred where nobody says so")
        if certainty == "single_source" and speakers == {None}:
            wrong = "is single_source, and no report of the event names who says so"
            faults.add(path, wrong, "stated, or inferred where nobody says so")


def _check_claimants(
    faults: CorpusFaults, event: Item, reports: list[Item], kinds: Mapping[str | None, str | None]
) -> None:
    """Note claimants that cannot have done it, and those of whom no report says that they speak."""
    speakers = {report.text("claimant") for report in reports}
    for part in _claimants(event):
        group, path = part.text("group"), (*part.path, "role")
        if kinds.get(group) in _CLAIM_NOTHING:
            wrong = f"{group} is of the kind {kinds[group]}, which does nothing that it could claim"
            faults.add(path, wrong, "no part in the event; who tells of it is the claimant of the report")
        elif group not in speakers:
            faults.add(path, f"no report of the event has the claimant {group}", "such a report, or another role")


def _claimants(event: Item) -> Iterator[Item]:
    """The participations of an event in the role of claimant."""
    return (part for part in event.items("groups") if part.text("role") == "claimant")


def _check_days(faults: CorpusFaults, event: Item, episode: Item | None) -> None:
    """Note tolls that have the last days of an episode because the taking of a place has them."""
    if episode is None or event.text("kind") != "incident" or event.text("end") != episode.text("end"):
        return
    start, began = event.text("start"), episode.text("start")
    if start is None or began is None or start <= began:
        return
    for figure in event.items("figures"):
        measure = MEASURES.get(figure.text("measure") or "")
        if measure is not None and measure.family in _TOLLS and figure.text("start") is None:
            wrong = f"has the last days of {episode.text('id')}, from {start} on, though that began on {began}"
            right = "a figure of the episode; or days of its own, with the reason, where the text gives them"
            faults.add(figure.path, wrong, right)


def _check_chains(faults: CorpusFaults, document: Item) -> None:
    """Note chains that do not begin with who says so: their first link is whose word it is."""
    for key in ("reports", "claims"):
        for said in document.items(key):
            claimant = said.text("claimant")
            first = next((link for _, link in said.texts("chain")), None)
            if first != claimant:
                wrong = f"begins with {first or 'nobody'}, and the claimant is {claimant or 'null'}"
                faults.add((*said.path, "chain"), wrong, "the claimant first, or [] where the document speaks itself")


def _check_relations(faults: CorpusFaults, document: Item) -> None:
    """Note relations to a group that the document names nowhere."""
    named = {mention.text("group") for mention in document.items("mentions")}
    for relation in document.items("relations"):
        group = relation.text("to")
        if group is not None and group not in named:
            wrong = f"relates to {group}, of which the document has no mention"
            faults.add((*relation.path, "to"), wrong, "a mention of its name, or no such relation")


def _texts(coded: CodedCorpus, corpus: Path) -> dict[str | int, str]:
    """The English texts by the number of their document. What cannot be read is said elsewhere."""
    found: dict[str | int, str] = {}
    for document in coded.items(DOCUMENTS):
        file, _ = coded.within(document.path)
        if document.text("language") == _ENGLISH:
            with suppress(OSError, UnicodeDecodeError):
                found[document.path[1]] = (corpus / f"{Path(file.name).stem}.txt").read_text(encoding="utf-8")
    return found


def _words_of(reports: list[Item], texts: Mapping[str | int, str]) -> str | None:
    """What the spans of these reports hold; null where one of their texts is not at hand."""
    if any(report.path[1] not in texts for report in reports):
        return None
    return " ".join(texts[report.path[1]][start:end] for report in reports for _, start, end in report.spans())


def _check_means(faults: CorpusFaults, event: Item, reports: list[Item], texts: Mapping[str | int, str]) -> None:
    """Note a subtype whose means no span of the event's reports has a word for."""
    subtype = event.text("subtype") or ""
    said = _words_of(reports, texts)
    if subtype in _MEANS and said and re.search(rf"\b(?:{_MEANS[subtype]})\b", said, re.IGNORECASE) is None:
        wrong = f"is {subtype}, for which no word stands in the spans of the event's reports"
        faults.add((*event.path, "subtype"), wrong, "a subtype that is told, or null")


def _check_deeds(faults: CorpusFaults, event: Item, reports: list[Item], texts: Mapping[str | int, str]) -> None:
    """Note claimants whose accounts have no word for a deed of their own."""
    for part in _claimants(event):
        own = [report for report in reports if report.text("claimant") == part.text("group")]
        said = _words_of(own, texts)
        if said and _OWN_DEED.search(said) is None:
            wrong = f"no account of {part.text('group')} says that it did it, or that the place is its own"
            faults.add(
                (*part.path, "role"), wrong, "no part in the event; who tells of it is the claimant of the report"
            )
