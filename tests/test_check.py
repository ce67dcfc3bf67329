"""What is wrong in a coded corpus or a gazetteer is said at once, with file and line, and what is right is left alone."""

import json
import re
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import main
from api.domain.codebook import CODEBOOK
from seeds.corpus.check import check, faults, without_text
from seeds.corpus.faults import Fault
from seeds.corpus.files import SEEDS, read
from seeds.corpus.gazetteer_check import faults_of_gazetteer
from seeds.corpus.schema_check import SCHEMAS
from tests.small_corpus import FILES, GAZETTEER_FILES, ONE, TWO, span, write_corpus
from tests.sweep import for_each

OP1027 = SEEDS / "op1027"
TEXTS = SEEDS.parent.parent / "shared" / "corpus"
needs_texts = pytest.mark.skipif(
    not TEXTS.exists(), reason="the texts are not kept in the repository, and not beside it"
)

GROUPS, EVENTS = "groups.yaml", "events.yaml"
PLACES, ADDITIONS = "places.csv", "additions.csv"
DOC1, DOC2 = "documents/one.yaml", "documents/two.yaml"
SCENE = span(ONE, "Markets stayed noisy all the same.")
LETTERS_OF_SCENE = span(ONE, "Markets stayed noisy all the same")


@dataclass(frozen=True)
class Broken:
    """One change to one file, and what must then be said about which line.

    `old` stands once in the file, or is "@2 words" for the second time that the words stand there. The line at fault is
    the changed one, or the one that holds `at`, which may begin with another file's name: "events.yaml: id: x".
    It stands in the corpus, or in the gazetteer.
    """

    file: str
    old: str
    new: str
    said: str
    at: str | None = None

    def __str__(self) -> str:
        return f"{self.file}: {self.new.strip() or 'without ' + self.old.strip()}"


HILL_GUARD = "      - {group: hill-guard, role: attacker, certainty: single_source}\n"
RIVER_PACT = f"  - {{group: river-pact, name: River Pact, span: {span(ONE, 'River Pact')}}}\n"
CAMPAIGN = span(TWO, TWO.split(".")[0])
WITHOUT_ITS_MEN = span(TWO, "in the whole campaign around 40 have died")
MENTION = "  - {group: hill-guard, name: Hill Guard, span: [16, 26]}\n"
NOTHING = f"nothing:\n  - {{span: {SCENE}, why: scene}}"
STONE_BRIDGE = "{location: stone-bridge-market, spans"
SUMMARY = "    summary: Very many go, unhurt.\n"
REASON = "        reason: The count may be off by one.\n"
COPIED = "took a police post and a base of the Shire."
COPIED_COMMENT = "# took a police post\n# and a base of the Shire\n"
POST = FILES[EVENTS][FILES[EVENTS].index("  - id: lashio-post") : FILES[EVENTS].index("  - id: hsipaw")]
SHIRE = "      - {group: shire, role: target, certainty: single_source}\n"
CUT = span(ONE, "Markets stayed noisy all the sa")

BROKEN = [
    # What the schemas refuse.
    Broken(GROUPS, "acronym: HG", "acronim: HG", "perhaps acronym"),
    Broken(EVENTS, SUMMARY, "", "the key summary is missing; one to three sentences", at="- id: hsipaw-flight"),
    Broken(EVENTS, "outcome: captured", "outcome: capture", "perhaps captured"),
    Broken(EVENTS, "end: 2031-05-05", "end: 2031-05-32", "day of the calendar"),
    Broken(EVENTS, "location: mmr015014\n", "location: null\n", "is empty (null); the id of a place"),
    Broken("dataset.yaml", '"1.0"', "1.0", "in quotes where it looks like a number"),
    Broken(DOC1, "claimant: a merchant", "claimant: a merchant, there", "without comma"),
    Broken(DOC1, "chain: [a merchant]", 'chain: ["a merchant; me"]', "without comma or semicolon"),
    Broken(DOC2, STONE_BRIDGE, "{event: hsipaw-flight-2031, location: mmr, spans", "exactly one of them"),
    Broken(EVENTS, REASON, "", "stands without reason", at="low: 20"),
    Broken(DOC1, "sha256: ", "sha256: 00", "64 hexadecimal digits"),
    # What cannot be read.
    Broken(EVENTS, "kind: aggregate", "kind: aggregate\n    kind: episode", "stands twice", at="@2 kind: episode"),
    Broken(GROUPS, "acronym: HG", "acronym: &hg HG\n    country: *hg", "an anchor", at="acronym: &hg HG"),
    Broken(GROUPS, "acronym: HG", "acronym: !!binary HG", "a plain value without a tag"),
    Broken(GROUPS, "country: MMR", "country: [MMR", "not YAML", at="description: An invented group."),
    # Ids and references.
    Broken(EVENTS, "id: hsipaw-flight-2031", "id: lashio-campaign-2031", "stands twice"),
    Broken(EVENTS, "id: post-captured", "id: campaign-killed", "stands twice"),
    Broken(GROUPS, "id: river-pact", "id: hill-guard", "stands twice (first at groups.yaml:2)"),
    Broken(EVENTS, "{group: hill-guard, role", "{group: hil-guard, role", "perhaps hill-guard"),
    Broken(EVENTS, "location: mmr015014\n", "location: mmr015o14\n", "there is no place mmr015o14; perhaps"),
    Broken(EVENTS, "location: mmr015014701", "location: lashio", "there is no place lashio"),
    Broken(EVENTS, "part_of: lashio-campaign-2031", "part_of: lashio-2031", "there is no event lashio-2031"),
    Broken(EVENTS, "part_of: lashio-campaign-2031", "part_of: qqq", "the id of an event"),
    Broken(EVENTS, "part_of: campaign-killed", "part_of: campaign-dead", "perhaps campaign-killed"),
    Broken(DOC2, "event: hsipaw-flight-2031", "event: hsipaw-fight-2031", "perhaps hsipaw-flight-2031"),
    Broken(DOC2, "figure: campaign-killed", "figure: campain-killed", "perhaps campaign-killed"),
    Broken(DOC2, "claimant: hill-guard", "claimant: hill-gard", "perhaps hill-guard"),
    Broken(DOC2, "chain: [hill-guard]", "chain: [the_guard]", "there is no group the_guard"),
    Broken(DOC1, "from: hill-guard", "from: hill-guards", "perhaps hill-guard"),
    Broken(DOC1, "{group: hill-guard, name", "{group: hill-guards, name", "perhaps hill-guard"),
    Broken(DOC2, STONE_BRIDGE, "{location: stone-bridge, spans", "perhaps stone-bridge-market"),
    Broken(DOC2, STONE_BRIDGE, "{document: one, spans", "this document: two"),
    Broken(DOC1, "id: one\n", "id: uno\n", "the file is called one"),
    # Events and documents.
    Broken(EVENTS, "end: 2031-05-05", "end: 2031-05-04", "start not after end"),
    Broken(EVENTS, "@2 location: mmr015014", "start: 2031-06-01\n        location: mmr015014", "start not after end"),
    Broken(EVENTS, "subtype: forced_flight", "subtype: grenade", "one of evacuation"),
    Broken(EVENTS, "@5 part_of: null", "part_of: lashio-post-taken-2031-05-05", "is an incident"),
    Broken(EVENTS, "@1 part_of: null", "part_of: lashio-campaign-2031", "the event holds itself"),
    Broken(EVENTS, HILL_GUARD, HILL_GUARD * 2, "hill-guard is attacker twice", at="@2 group: hill-guard"),
    Broken(DOC1, "to: river-pact", "to: hill-guard", "to itself"),
    Broken(DOC1, "valid_from: null", "valid_from: 2031-02-01\n    valid_to: 2031-01-01", "stands", at="valid_to: null"),
    Broken(DOC1, MENTION, MENTION * 2, "Hill Guard is listed twice for hill-guard", at="@2 name: Hill Guard"),
    Broken(
        DOC2, "event: hsipaw-flight", "event: lashio-campaign", "no document reports it", at="events.yaml: id: hsipaw-f"
    ),
    Broken(DOC1, "span: [16, 26]", "span: [26, 16]", "holds nothing"),
    Broken(DOC1, f"span: {SCENE}", "span: [0, 900]", "passes the end"),
    # Figures and claims.
    Broken(EVENTS, "@1 population: civilians", "population: null", "displaced counts people"),
    Broken(EVENTS, "sex: null", "sex: male", "sex: null, or another measure"),
    Broken(EVENTS, "age: null", "age: adult", "age: null, or another measure"),
    Broken(EVENTS, "@1 cause: unknown", "cause: null", "though killed counts people"),
    Broken(EVENTS, "@1 cause: null", "cause: small_arms", "cause: null, or another measure"),
    Broken(EVENTS, "@0 population: state_forces", "population: contested", "no two claims hold different populations"),
    Broken(
        DOC1, "number: 12\n", "number: 12\n    population: civilians\n", "is not contested", at="population: civilians"
    ),
    Broken(EVENTS, "object: police_station", "object: null", "counts things of a named object"),
    Broken(EVENTS, "@4 term: null", "term: evacuated", "term: null"),
    Broken(EVENTS, "unit: thing", "unit: person", "is person, though seized counts things"),
    Broken(EVENTS, "@1 measure: killed", "measure: injured", "has the measure killed", at="part_of: campaign-killed"),
    Broken(EVENTS, "@2 part_of: null", "part_of: post-captured", "the measure killed"),
    Broken(EVENTS, "@3 part_of: null", "part_of: post-killed", "itself part of campaign-killed"),
    Broken(EVENTS, "@3 part_of: null", "part_of: post-captured", "names the figure itself"),
    Broken(EVENTS, "nesting: certain", "nesting: null", "though part_of is set"),
    Broken(EVENTS, "@1 nesting: null", "nesting: possible", "though part_of is null"),
    Broken(DOC1, "number: 12", "number: 45", "is at most 44", at="events.yaml: part_of: campaign-killed"),
    Broken(EVENTS, "best: 21", "best: 23", "in rising order", at="high: 22"),
    Broken(EVENTS, "open_ended: false", "open_ended: true", "though high is 22"),
    Broken(EVENTS, "low: 20", "low: null", "its preferred claim says at least 21"),
    Broken(DOC2, "qualifier: exact", "qualifier: several", "takes no number", at="number: 14"),
    Broken(DOC1, "number: 21", "number: null", "needs a number"),
    Broken(DOC2, "claimant: hill-guard", "claimant: null", "who says so"),
    Broken(DOC2, "preferred: false", "preferred: true", "post-killed has a preferred claim already"),
    Broken(
        DOC1, "@1 preferred: true", "preferred: false", "no claim of it is preferred", at="events.yaml: id: post-killed"
    ),
    Broken(DOC2, "figure: hsipaw-cas", "figure: campaign-", "no document claims it", at="events.yaml: id: hsipaw-cas"),
    # Who says so, how surely, and of which days.
    Broken(
        EVENTS, HILL_GUARD, HILL_GUARD.replace("single_source", "stated"), "all accounts of the event are a merchant's"
    ),
    Broken(
        EVENTS,
        "groups: []",
        "groups: [{group: hill-guard, role: affected, certainty: single_source}]",
        "no report of the event names who says so",
    ),
    Broken(
        EVENTS,
        HILL_GUARD,
        "      - {group: hill-guard, role: claimant, certainty: stated}\n",
        "no report of the event has the claimant hill-guard",
    ),
    Broken(
        GROUPS, "kind: alliance", "kind: organisation", "nothing that it could claim", at="events.yaml: role: claimant"
    ),
    Broken(
        EVENTS, "@1 end: 2031-05-06", "end: 2031-05-05", "the last days of lashio-campaign-2031", at="id: post-killed"
    ),
    Broken(
        EVENTS,
        'Lashio, a merchant says"',
        'Lashio"',
        "tells as a fact what is the word of a merchant",
    ),
    Broken(DOC1, "@1 verification: unverified", "verification: corroborated", "has one speaker on lashio-post-taken"),
    # Who can have which part.
    Broken(EVENTS, HILL_GUARD, HILL_GUARD.replace("attacker", "target"), "is target, and the type is battles"),
    Broken(
        EVENTS,
        POST,
        POST.replace("type: battles", "type: explosions_remote_violence"),
        "shire-army is defender, and the type is explosions_remote_violence",
        at="group: shire-army",
    ),
    Broken(
        GROUPS,
        "kind: armed_group",
        "kind: population",
        "hill-guard is attacker, and of the kind population",
        at="events.yaml: {group: hill-guard",
    ),
    Broken(EVENTS, SHIRE, "", "have no shire, of whose arms a report tells: Shire", at="@2 groups:"),
    # Where it was.
    Broken(EVENTS, "precision: township", "precision: exact", "is exact, and mmr015014 is of the level township"),
    Broken(
        EVENTS,
        "location: mmr015001701\n    location_precision: exact",
        "location: mmr\n    location_precision: country",
        "name mmr015001701 alone, and the event is put at mmr",
        at="documents/one.yaml: names: [Lashio, HG]",
    ),
    Broken(DOC1, "chain: [a merchant]", "chain: []", "begins with nobody, and the claimant is a merchant"),
    Broken(DOC1, RIVER_PACT, "", "relates to river-pact, of which the document has no mention", at="to: river-pact"),
    # What the texts do not say, and what is only theirs to say.
    Broken(EVENTS, "subtype: non_state_actor_overtakes_territory", "subtype: armed_clash", "for which no word stands"),
    Broken(
        DOC2,
        f"spans: [{CAMPAIGN}]\n    names: [River Pact]",
        f"spans: [{WITHOUT_ITS_MEN}]\n    names: []",
        "no account of river-pact says that it did it",
        at="events.yaml: role: claimant",
    ),
    Broken(EVENTS, "reason: Monday before the day of publication.", "reason: null", "prints the date 2031-05-05"),
    Broken(DOC1, f"span: {SCENE}", f"span: {CUT}", f"{CUT} cuts a word"),
    Broken(DOC1, "length: ", "length: 1", "the text that was coded"),
    Broken(DOC1, "span: [16, 26]", "span: [15, 26]", "[15, 26] does not hold Hill Guard"),
    Broken(DOC1, "names: [Lashio, HG]", "names: [Lashio, The Pact]", "The Pact does not stand in the report's spans"),
    Broken(DOC1, "names: [Lashio, HG]", "names: [Monday]", "is known as Monday; names: [Hill Guard]"),
    Broken(DOC2, "names: [Hsipaw]", "names: []", "though Hsipaw stands in the report's spans"),
    Broken(DOC1, 'printed: "12"', 'printed: "2"', "2 does not stand in the claim's spans"),
    Broken(DOC1, "number: 21", "number: 22", "number: 21, or the word or digits for 22", at="printed: twenty-one"),
    Broken(
        DOC2, "qualifier: tens_of_thousands", "qualifier: thousands", '"thousands" as printed', at="printed: Tens of"
    ),
    Broken(DOC1, NOTHING, "nothing: []", f"nothing accounts for {LETTERS_OF_SCENE}"),
    Broken(EVENTS, "Several fights of one spring.", COPIED, 'from "took a police…" on are those of one'),
    Broken(GROUPS, "groups:\n", f"{COPIED_COMMENT}groups:\n", "are those of one; own words"),
]

HEADER = "id,name,native_name,level,parent,"
STONE_BRIDGE_ROW = "stone-bridge-market,Stone Bridge,,site,mmr015001701,,MMR,22.95,97.74,2,"
BASIS = '"the point of its town, rounded"'

BROKEN_GAZETTEER = [
    # What cannot be read.
    Broken(PLACES, "aliases\n", "alias\n", "lacks aliases and has 'alias'"),
    Broken(PLACES, HEADER, "name,id,native_name,level,parent,", "a column twice or in another order"),
    Broken(PLACES, "aliases\n", "aliases,notes\n", "has 'notes'"),
    Broken(ADDITIONS, "id,name", "\ufeffid,name", "save the file as UTF-8 without one"),
    Broken(ADDITIONS, BASIS, "the point of its town, rounded", "has 13 cells, and there are 12 columns"),
    Broken(PLACES, "a town's point,\n", "a town's point\n", "has 11 cells"),
    Broken(PLACES, '"Lashio Town; La Hsio"', '"Lashio Town"; La Hsio', "not CSV"),
    Broken("dataset.yaml", '"1.0"', "1.0", "in quotes where it looks like a number"),
    # Ids.
    Broken(PLACES, "shan-state,Shan", ",Shan", "the row: id: is empty"),
    Broken(PLACES, "shan-state,Shan", "Shan,Shan", "is Shan; lowercase letters"),
    Broken(ADDITIONS, "stone-bridge-market,", "shan-state,", "stands twice (first at places.csv:3)"),
    Broken(PLACES, "mmr015014701,", "mmr015001701,", "stands twice (first at places.csv:8)"),
    Broken(PLACES, "mmr015014701,", "mmr015014702,", "and the P-code is MMR015014701; mmr015014701"),
    Broken(PLACES, "@1 mmr,Myanmar,,country,,MMR", "myanmar,Myanmar,,country,,", "and the country is MMR; mmr"),
    Broken(PLACES, "Shan (North)", "", "name: is empty"),
    Broken(PLACES, "Shan (North)", "Shan (North) ", "white space at an end"),
    # Levels and parents.
    Broken(PLACES, "state_or_region,", "state-or-region,", "perhaps state_or_region"),
    Broken(PLACES, ",town,mmr015014,", ",,mmr015014,", "level: is empty; one of country"),
    Broken(PLACES, ",town,mmr015014,", ",town,mmr015o14,", "there is no place mmr015o14; perhaps mmr015014"),
    Broken(ADDITIONS, "site,mmr015001701,", "site,,", "is empty, though the level is site"),
    Broken(ADDITIONS, "site,mmr015001701,", "township,mmr015001701,", "a parent above township"),
    Broken(PLACES, "area,mmr,", "area,shan-state,", "is of the level area, and this place of the level area"),
    # Countries and points.
    Broken(ADDITIONS, ",MMR,22.95", ",MM,22.95", "country: is MM; three capital letters"),
    Broken(ADDITIONS, ",MMR,22.95", ",,22.95", "country: is empty"),
    Broken(ADDITIONS, "22.95,97.74", "92.95,97.74", "degrees from -90 to 90"),
    Broken(ADDITIONS, "22.95,97.74", "22.95,-181", "degrees from -180 to 180"),
    Broken(ADDITIONS, "22.95,97.74", "nan,97.74", "latitude: is nan"),
    Broken(ADDITIONS, "22.95,97.74", "22.95,", "longitude: is empty, though the latitude is 22.95"),
    Broken(ADDITIONS, "97.74,2,", "97.74,-2,", "kilometres, not negative"),
    Broken(ADDITIONS, "97.74,2,", "97.74,two,", "kilometres, not negative"),
    Broken(ADDITIONS, BASIS, "", "how the position is known"),
]


NONSENSE = [b"", b"- 1\n- [2]", b"12", b"\xff", b"\x00", b"events: {a: b}", b'id,"', b"groups:\nevents:\n- 3"]


def place_in(content: str, wanted: str) -> tuple[int, int]:
    """Where the wanted words start and end in a file."""
    found = re.fullmatch(r"@(\d+) (.*)", wanted, re.DOTALL)
    which, words = (int(found[1]), found[2]) if found else (1, wanted)
    starts = [match.start() for match in re.finditer(re.escape(words), content)]
    assert found or len(starts) == 1, f"{words!r} stands {len(starts)} times"
    return starts[which - 1], starts[which - 1] + len(words)


def line_of(content: str, wanted: str) -> int:
    """The line on which the wanted words start."""
    return content[: place_in(content, wanted)[0]].count("\n") + 1


def break_file(broken: Broken, folder: Path) -> tuple[str, int]:
    """The file and line that must be found at fault once the file in this folder is changed, which is done here."""
    content = (folder / broken.file).read_text(encoding="utf-8")
    start, end = place_in(content, broken.old)
    (folder / broken.file).write_text(content[:start] + broken.new + content[end:], encoding="utf-8", newline="")
    if broken.at is None:
        return broken.file, content[:start].count("\n") + 1
    file, marker = broken.at.split(": ", 1) if ".yaml: " in broken.at else (broken.file, broken.at)
    return file, line_of((folder / file).read_text(encoding="utf-8"), marker)


def said_at(file: str, line: int, found: list[Fault]) -> str:
    """What is said about a line."""
    return "\n".join(str(fault) for fault in found if (fault.file, fault.line) == (file, line))


def test_a_right_corpus_and_a_right_gazetteer_have_no_faults(tmp_path: Path) -> None:
    coded, texts, gazetteer = write_corpus(tmp_path)
    assert faults(coded, gazetteer=gazetteer) == []
    assert faults(coded, texts, gazetteer) == []
    assert faults_of_gazetteer(gazetteer) == []


@for_each("broken", BROKEN, ids=str)
def test_each_fault_is_found_with_its_file_and_line(broken: Broken, tmp_path: Path) -> None:
    coded, texts, gazetteer = write_corpus(tmp_path)
    file, line = break_file(broken, coded)
    found = faults(coded, texts, gazetteer)
    assert broken.said in said_at(file, line, found), "\n".join(map(str, found))


@for_each("broken", BROKEN_GAZETTEER, ids=str)
def test_each_fault_of_a_gazetteer_is_found_with_its_file_and_line(broken: Broken, tmp_path: Path) -> None:
    _, _, gazetteer = write_corpus(tmp_path)
    file, line = break_file(broken, gazetteer)
    found = faults_of_gazetteer(gazetteer)
    assert broken.said in said_at(file, line, found), "\n".join(map(str, found))


def test_what_cannot_be_read_is_no_fault_of_the_rows_that_name_it(tmp_path: Path) -> None:
    _, _, gazetteer = write_corpus(tmp_path)
    break_file(Broken(PLACES, "shan-state,Shan,", "shan-state,", ""), gazetteer)
    assert [(fault.file, fault.line) for fault in faults_of_gazetteer(gazetteer)] == [(PLACES, 3)]


def test_a_file_that_is_not_yaml_is_told_before_what_follows_from_it(tmp_path: Path) -> None:
    coded, texts, gazetteer = write_corpus(tmp_path)
    broken = coded / EVENTS
    broken.write_text(broken.read_text(encoding="utf-8").replace("events:", "events: [", 1), encoding="utf-8")
    (fault,) = faults(coded, texts, gazetteer)
    assert fault.file == EVENTS and "not YAML" in str(fault)


def test_a_corpus_refers_to_the_gazetteer_that_ships_unless_told_otherwise(tmp_path: Path) -> None:
    coded, texts, gazetteer = write_corpus(tmp_path)
    assert {fault.wrong for fault in faults(coded, texts)} == {"there is no place stone-bridge-market"}
    (gazetteer / ADDITIONS).unlink()
    assert {fault.wrong for fault in faults(coded, texts, gazetteer)} == {"there is no place stone-bridge-market"}


def test_what_is_checked_follows_from_what_is_in_the_folder(tmp_path: Path) -> None:
    coded, texts, gazetteer = write_corpus(tmp_path)
    assert check(tmp_path, texts) == []
    for folder, file in ((coded, GROUPS), (gazetteer, ADDITIONS)):
        (folder / file).write_text("", encoding="utf-8")
    assert {fault.file for fault in check(gazetteer)} == {ADDITIONS}
    assert GROUPS in {fault.file for fault in check(coded)}
    assert {f"coded/{GROUPS}", f"gazetteer/{ADDITIONS}"} <= {fault.file for fault in check(tmp_path)}
    # A folder among others is not passed over because a file of it is missing.
    (coded / EVENTS).unlink()
    assert f"coded/{EVENTS}" in {fault.file for fault in check(tmp_path)}


def test_a_folder_without_corpus_or_gazetteer_is_one_fault(tmp_path: Path) -> None:
    _, texts, _ = write_corpus(tmp_path)
    for path in (texts, tmp_path / "nowhere"):
        assert [fault.wrong for fault in check(path)] == [f"holds neither {EVENTS} nor {PLACES}"]


REPORT = f"reports:\n  - event: lashio-post-taken-2031-05-05\n    spans: [{span(ONE, ONE.split('. ')[0])}]\n"


def _told_by(speaker: str) -> str:
    """The first document's list of reports with one more, of the taken post."""
    said = f"    names: [HG]\n    claimant: {speaker}\n    chain: [{speaker}]\n    verification: unverified\n"
    return REPORT + said + REPORT.removeprefix("reports:\n")


@for_each(("speaker", "others"), [("a driver", "a driver and a merchant"), ("shire", "a merchant and shire")])
def test_a_part_is_stated_where_both_sides_tell_of_it_and_not_where_one_does(
    speaker: str, others: str, tmp_path: Path
) -> None:
    coded, texts, gazetteer = write_corpus(tmp_path)
    break_file(Broken(DOC1, REPORT, _told_by(speaker), ""), coded)
    at = break_file(Broken(EVENTS, HILL_GUARD, HILL_GUARD.replace("single_source", "stated"), ""), coded)
    assert f"all accounts of the event are {others}'s" in said_at(*at, faults(coded, texts, gazetteer))
    content = (coded / DOC1).read_text(encoding="utf-8").replace("a merchant", "hill-guard")
    (coded / DOC1).write_text(content, encoding="utf-8", newline="")
    assert (faults(coded, texts, gazetteer) == []) == (speaker == "shire")


def test_two_who_say_the_same_in_one_document_corroborate_it(tmp_path: Path) -> None:
    coded, texts, gazetteer = write_corpus(tmp_path)
    claim = re.search(r"  - figure: post-killed\n(?:    .*\n)+", FILES[DOC2])
    assert claim is not None
    break_file(Broken(DOC2, "claims:\n", "claims:\n" + claim[0].replace("river-pact", "hill-guard"), ""), coded)
    found = faults(coded, texts, gazetteer)
    assert [fault.wrong for fault in found] == ["is unverified, and hill-guard and river-pact say the same"] * 2
    content = (coded / DOC2).read_text(encoding="utf-8")
    (coded / DOC2).write_text(
        content.replace("unverified\n    preferred: false", "corroborated\n    preferred: false"), newline=""
    )
    assert faults(coded, texts, gazetteer) == []


@for_each("number", ["0", "null"])
def test_none_reported_may_have_the_number_zero_or_none(number: str, tmp_path: Path) -> None:
    coded, texts, gazetteer = write_corpus(tmp_path)
    break_file(Broken(DOC2, "number: 0", f"number: {number}", ""), coded)
    assert faults(coded, texts, gazetteer) == []


def test_all_faults_are_reported_at_once_in_order(tmp_path: Path) -> None:
    coded, texts, gazetteer = write_corpus(tmp_path)
    for file, old, new in ((GROUPS, "acronym: HG", "acronim: HG"), (DOC2, "event: hsipaw", "event: x")):
        (coded / file).write_text(FILES[file].replace(old, new), encoding="utf-8", newline="")
    (coded / "dataset.yaml").unlink()
    found = faults(coded, texts, gazetteer)
    assert found == sorted(found, key=lambda fault: (fault.file, fault.line))
    assert {fault.file for fault in found} == {"dataset.yaml", GROUPS, EVENTS, DOC2}


def test_a_misspelt_file_name_is_a_fault_and_a_missing_text_is_told(tmp_path: Path) -> None:
    coded, texts, gazetteer = write_corpus(tmp_path)
    (coded / DOC1).rename(coded / "documents" / "one.yml")
    (coded / "places.yaml").write_text("places: []\n", encoding="utf-8")
    (texts / "two.txt").unlink()
    said = "\n".join(map(str, faults(coded, texts, gazetteer)))
    assert "documents/one.yml:1: the file: nothing reads a file of this name" in said
    assert "places.yaml:1: the file: nothing reads a file of this name; one of dataset.yaml" in said
    assert "two.txt" not in said
    (coded / "documents" / "one.yml").rename(coded / DOC1)
    (coded / "places.yaml").unlink()
    # The texts of published reports are mostly not to be had; whose own is there, or is misnamed, sees it here.
    assert without_text(coded, texts) == [DOC2]
    assert without_text(tmp_path, texts) == [f"coded/{DOC2}"]
    shown = CliRunner().invoke(main, ["check", str(tmp_path), "--corpus", str(texts)])
    assert f"has none named for it: coded/{DOC2}" in shown.output
    assert shown.exit_code == 0, shown.output


@for_each(
    ("file", "content"),
    product([*(f"coded/{file}" for file in FILES), *(f"gazetteer/{file}" for file in GAZETTEER_FILES)], NONSENSE),
)
def test_content_of_no_sense_is_a_fault_and_no_failure(file: str, content: bytes, tmp_path: Path) -> None:
    _, texts, _ = write_corpus(tmp_path)
    (tmp_path / file).write_bytes(content)
    assert any(fault.file == file for fault in check(tmp_path, texts))


def test_every_item_has_its_file_and_line(tmp_path: Path) -> None:
    coded, _, gazetteer = write_corpus(tmp_path)
    corpus = read(coded, gazetteer)
    for _, figure in corpus.figures():
        line = line_of(FILES[EVENTS], f"- id: {figure.text('id')}")
        assert corpus.position((*figure.path, "id")) == (EVENTS, line)
    assert corpus.position(("documents", 1, "claims", 3, "printed")) == (DOC2, line_of(FILES[DOC2], 'printed: "No"'))
    assert corpus.position(("dataset", "release")) == ("dataset.yaml", line_of(FILES["dataset.yaml"], "release:"))


def test_the_schemas_list_the_codes_of_the_codebook() -> None:
    listed = set()
    for path in SCHEMAS.glob("*.schema.json"):
        definitions = json.loads(path.read_text(encoding="utf-8"))["$defs"]
        for name in definitions.keys() & CODEBOOK.keys():
            listed.add(name)
            assert definitions[name]["enum"] == list(CODEBOOK[name].values()), f"{path.name}: {name}"
        enums = [name for name, definition in definitions.items() if "enum" in definition]
        assert set(enums) <= CODEBOOK.keys(), path.name
    # A coder writes measures and qualifiers; families, statuses and changes follow from them. Levels are the gazetteer's.
    assert CODEBOOK.keys() - listed == {"family", "status", "change_action", "location_level"}


def test_the_coded_corpus_and_the_gazetteer_have_no_faults() -> None:
    assert [str(fault) for fault in check()] == []


@needs_texts
def test_the_coded_corpus_says_what_its_texts_say() -> None:
    assert [str(fault) for fault in check(OP1027, TEXTS)] == []


def test_every_coded_file_names_its_schema_for_editors() -> None:
    for file in read(OP1027).files:
        first = (OP1027 / file.name).read_text(encoding="utf-8").split("\n")[0]
        up = "../" * (file.name.count("/") + 1)
        assert first == f"# yaml-language-server: $schema={up}schema/{file.kind}.schema.json", file.name
