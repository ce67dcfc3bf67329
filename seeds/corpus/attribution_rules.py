"""Checks that coded records say no more than their speakers: who claims, how sure it is that a group takes part, which days a
toll has, which means, and what a title passes on as fact.

The rules look at records that do not agree with each other, and, when the texts are at hand, at words that an event's
own spans would have to hold. They find kinds of error that were once made, and judge no reading.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from api.domain.codebook import MEASURES
from api.domain.months import SHORT_MONTHS
from seeds.corpus.faults import CorpusFaults
from seeds.corpus.files import DOCUMENTS, Item
from seeds.corpus.source_texts import reports_by_event, texts_of, words_of
from seeds.corpus.yaml_lines import Plain

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
# Words by which a title passes on what somebody says.
_SAYING = re.compile(r"\b(?:says?|said|saying|claim\w*|reports?|reported|accord\w*|lists|names)\b", re.IGNORECASE)


def check_attribution(faults: CorpusFaults, corpus: Path | None) -> None:
    """Note every fault of these rules; those about words only where there is a folder of the texts."""
    coded = faults.coded
    reports = reports_by_event(coded)
    events = {identity: event for event in coded.items("events") if (identity := event.text("id")) is not None}
    kinds = {group.text("id"): group.text("group_kind") for group in coded.items("groups")}
    for identity, event in events.items():
        said = reports.get(identity, [])
        _check_certainty(faults, event, said)
        _check_title(faults, event, said)
        _check_claimants(faults, event, said, kinds)
        _check_days(faults, event, events.get(event.text("part_of") or ""))
    for document in coded.items(DOCUMENTS):
        _check_chains(faults, document)
        _check_corroboration(faults, document)
        _check_relations(faults, document)
    if corpus is not None:
        texts = texts_of(coded, corpus)
        for identity, event in events.items():
            _check_means(faults, event, reports.get(identity, []), texts)
            _check_deeds(faults, event, reports.get(identity, []), texts)
            _check_day(faults, event, reports.get(identity, []), texts)


def _check_certainty(faults: CorpusFaults, event: Item, reports: list[Item]) -> None:
    """Note groups whose part in an event is `stated` though no document says so itself, nor both sides, and `single_source` where
    there is no speaker.
    """
    speakers = {report.text("claimant") for report in reports}
    is_told = _is_told(event, speakers)
    for participation in event.items("groups"):
        certainty, path = participation.text("certainty"), (*participation.path, "certainty")
        if certainty == "stated" and participation.text("role") != "claimant" and not is_told:
            wrong = f"is stated, and all accounts of the event are {_listed(speakers)}'s"
            faults.add(path, wrong, "single_source, or inferred where nobody says so")
        if certainty == "single_source" and speakers == {None}:
            wrong = "is single_source, and no report of the event names who says so"
            faults.add(path, wrong, "stated, or inferred where nobody says so")


def _is_told(event: Item, speakers: set[str | None]) -> bool:
    """Whether a document tells of the event in its own voice, or parties on both sides do; true where nobody does."""
    sides: dict[str, set[str | None]] = defaultdict(set)
    for participation in event.items("groups"):
        sides["attacker" if participation.text("role") == "attacker" else "other"].add(participation.text("group"))
    return not speakers or None in speakers or all(sides[side] & speakers for side in ("attacker", "other"))


def _listed(speakers: set[str | None]) -> str:
    """Speakers as words of a sentence."""
    return " and ".join(sorted(speaker for speaker in speakers if speaker is not None))


def _check_title(faults: CorpusFaults, event: Item, reports: list[Item]) -> None:
    """Note titles that tell as a fact what only speakers say."""
    speakers, title = {report.text("claimant") for report in reports}, event.text("title")
    if title is not None and not _is_told(event, speakers) and _SAYING.search(title) is None:
        wrong = f"tells as a fact what is the word of {_listed(speakers)}"
        faults.add((*event.path, "title"), wrong, "a word that says so: says, said, reported")


def _check_claimants(
    faults: CorpusFaults, event: Item, reports: list[Item], kinds: Mapping[str | None, str | None]
) -> None:
    """Note claimants that cannot have done it, and those of whom no report says that they speak."""
    speakers = {report.text("claimant") for report in reports}
    for participation in _claimants(event):
        group, path = participation.text("group"), (*participation.path, "role")
        if kinds.get(group) in _CLAIM_NOTHING:
            wrong = f"{group} is of the kind {kinds[group]}, which does nothing that it could claim"
            faults.add(path, wrong, "no part in the event; who tells of it is the claimant of the report")
        elif group not in speakers:
            faults.add(path, f"no report of the event has the claimant {group}", "such a report, or another role")


def _claimants(event: Item) -> Iterator[Item]:
    """The participations of an event in the role of claimant."""
    return (participation for participation in event.items("groups") if participation.text("role") == "claimant")


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


def _check_corroboration(faults: CorpusFaults, document: Item) -> None:
    """Note what the document tells of one speaker and calls corroborated, and what it tells of two and calls unverified."""
    numbers: dict[tuple[str | None, Plain], set[str]] = defaultdict(set)
    speakers: dict[str | None, set[str]] = defaultdict(set)
    accounts = [*document.items("reports"), *document.items("claims")]
    for said in accounts:
        about, claimant = said.text("event") or said.text("figure"), said.text("claimant")
        if claimant is not None:
            speakers[about].add(claimant)
        if claimant is not None and (number := said.record.get("number")) is not None:
            numbers[about, number].add(claimant)
    for said in accounts:
        about, verification = said.text("event") or said.text("figure"), said.text("verification")
        same = numbers[about, said.record.get("number")]
        path = (*said.path, "verification")
        if verification == "corroborated" and len(speakers[about]) < 2:
            faults.add(path, f"is corroborated, and the document has one speaker on {about}", "unverified")
        if verification == "unverified" and said.text("claimant") in same and len(same) > 1:
            faults.add(path, f"is unverified, and {_listed({*same})} say the same", "corroborated")


def _check_relations(faults: CorpusFaults, document: Item) -> None:
    """Note relations to a group that the document names nowhere."""
    named = {mention.text("group") for mention in document.items("mentions")}
    for relation in document.items("relations"):
        group = relation.text("to")
        if group is not None and group not in named:
            wrong = f"relates to {group}, of which the document has no mention"
            faults.add((*relation.path, "to"), wrong, "a mention of its name, or no such relation")


def _check_means(faults: CorpusFaults, event: Item, reports: list[Item], texts: Mapping[str | int, str]) -> None:
    """Note a subtype whose means no span of the event's reports has a word for."""
    subtype = event.text("subtype") or ""
    said = words_of(reports, texts)
    if subtype in _MEANS and said and re.search(rf"\b(?:{_MEANS[subtype]})\b", said, re.IGNORECASE) is None:
        wrong = f"is {subtype}, for which no word stands in the spans of the event's reports"
        faults.add((*event.path, "subtype"), wrong, "a subtype that is told, or null")


def _check_deeds(faults: CorpusFaults, event: Item, reports: list[Item], texts: Mapping[str | int, str]) -> None:
    """Note claimants whose accounts have no word for a deed of their own."""
    for participation in _claimants(event):
        own = [report for report in reports if report.text("claimant") == participation.text("group")]
        said = words_of(own, texts)
        if said and _OWN_DEED.search(said) is None:
            wrong = f"no account of {participation.text('group')} says that it did it, or that the place is its own"
            faults.add(
                (*participation.path, "role"),
                wrong,
                "no part in the event; who tells of it is the claimant of the report",
            )


def _check_day(faults: CorpusFaults, event: Item, reports: list[Item], texts: Mapping[str | int, str]) -> None:
    """Note a single day that has no reason, though no span of the event's reports prints its date."""
    said, day = words_of(reports, texts), event.text("start") or ""
    if not said or event.text("date_precision") != "day" or event.record.get("date_reason") is not None:
        return
    try:
        start = date.fromisoformat(day)
    except ValueError:
        return
    month = rf"{SHORT_MONTHS[start.month - 1]}[a-z]*\.?"
    printed = rf"\b(?:{month} {start.day}(?!\d)|{start.day}(?:st|nd|rd|th)?(?: of)? {month})"
    if re.search(printed, said, re.IGNORECASE) is None:
        wrong = f"is null, and no span of the event's reports prints the date {start}"
        faults.add((*event.path, "date_reason"), wrong, "from which words the day follows")
