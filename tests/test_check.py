"""What is wrong in a coded corpus is said at once, each with its file and line, and what is right is left alone."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from small_corpus import FILES, ONE, span, write_corpus

from api.codebook import CODEBOOK
from seeds.check import faults
from seeds.coded import read
from seeds.shape import SCHEMAS

REPOSITORY = Path(__file__).parent.parent
OP1027 = REPOSITORY / "seeds" / "op1027"
TEXTS = REPOSITORY.parent / "shared" / "corpus"
needs_op1027 = pytest.mark.skipif(not (OP1027 / "events.yaml").exists(), reason="seeds/op1027 is not coded yet")
needs_texts = pytest.mark.skipif(
    not TEXTS.exists(), reason="the texts are not kept in the repository, and not beside it"
)

GROUPS, PLACES, EVENTS = "groups.yaml", "places.yaml", "events.yaml"
DOC1, DOC2 = "documents/one.yaml", "documents/two.yaml"
SCENE = span(ONE, "Markets stayed noisy all the same.")
LETTERS_OF_SCENE = span(ONE, "Markets stayed noisy all the same")


@dataclass(frozen=True)
class Broken:
    """One change to one file, and what must then be said about which line.

    `old` stands once in the file, or is "@2 words" for the second time that the words stand there. The line at fault is
    the changed one, or the one that holds `at`, which may begin with another file's name: "events.yaml: id: x".
    """

    file: str
    old: str
    new: str
    said: str
    at: str | None = None

    def __str__(self) -> str:
        return f"{self.file}: {self.new.strip() or 'without ' + self.old.strip()}"


HILL_GUARD = "      - {group: hill-guard, role: attacker, certainty: stated}\n"
MENTION = "  - {group: hill-guard, name: Hill Guard, span: [16, 26]}\n"
NOTHING = f"nothing:\n  - {{span: {SCENE}, why: scene}}"
STONE_BRIDGE = "{location: stone-bridge-market, spans"
SUMMARY = "    summary: Very many go, unhurt.\n"
REASON = "        reason: The count may be off by one.\n"
COPIED = "took a police post in Lashio on Monday."
COPIED_COMMENT = "# took a police post\n# in Lashio on Monday, a local\n"

BROKEN = [
    # What the schemas refuse.
    Broken(GROUPS, "acronym: HG", "acronim: HG", "perhaps acronym"),
    Broken(EVENTS, SUMMARY, "", "the key summary is missing; one to three sentences", at="- id: hsipaw-flight"),
    Broken(EVENTS, "outcome: captured", "outcome: capture", "perhaps captured"),
    Broken(EVENTS, "end: 2031-05-05", "end: 2031-05-32", "day of the calendar"),
    Broken(EVENTS, "location: mmr015014\n", "location: null\n", "is empty (null); the id of a place"),
    Broken("dataset.yaml", '"1.0"', "1.0", "in quotes where it looks like a number"),
    Broken(PLACES, "latitude: 22.95", "latitude: 92.95", "from -90 to 90"),
    Broken(DOC1, "claimant: a merchant", "claimant: a merchant, there", "without comma"),
    Broken(DOC1, "chain: [a merchant]", 'chain: ["a merchant; me"]', "without comma or semicolon"),
    Broken(DOC2, STONE_BRIDGE, "{event: hsipaw-flight-2031, location: mmr, spans", "exactly one of them"),
    Broken(EVENTS, REASON, "", "stands without reason", at="low: 20"),
    Broken(DOC1, "sha256: ", "sha256: 00", "64 hexadecimal digits"),
    # What cannot be read.
    Broken(EVENTS, "kind: aggregate", "kind: aggregate\n    kind: episode", "stands twice", at="@2 kind: episode"),
    Broken(GROUPS, "acronym: HG", "acronym: &hg HG\n    country: *hg", "an anchor", at="acronym: &hg HG"),
    Broken(GROUPS, "acronym: HG", "acronym: !!binary HG", "a plain value without a tag"),
    Broken(PLACES, "level: site", "level: [site", "not YAML", at="parent: mmr015001701"),
    # Ids and references.
    Broken(EVENTS, "id: hsipaw-flight-2031", "id: lashio-campaign-2031", "stands twice"),
    Broken(EVENTS, "id: post-captured", "id: campaign-killed", "stands twice"),
    Broken(GROUPS, "id: river-pact", "id: hill-guard", "stands twice (first at groups.yaml:2)"),
    Broken(EVENTS, "{group: hill-guard, role", "{group: hil-guard, role", "perhaps hill-guard"),
    Broken(EVENTS, "location: mmr015014\n", "location: mmr015o14\n", "there is no place mmr015o14; perhaps"),
    Broken(EVENTS, "location: mmr015014701", "location: lashio", "there is no place lashio"),
    Broken(EVENTS, "part_of: lashio-campaign-2031", "part_of: lashio-2031", "there is no event lashio-2031"),
    Broken(EVENTS, "part_of: campaign-killed", "part_of: campaign-dead", "perhaps campaign-killed"),
    Broken(PLACES, "parent: mmr015001701", "parent: lashio-town", "there is no place lashio-town"),
    Broken(DOC2, "event: hsipaw-flight-2031", "event: hsipaw-fight-2031", "perhaps hsipaw-flight-2031"),
    Broken(DOC2, "figure: campaign-killed", "figure: campain-killed", "perhaps campaign-killed"),
    Broken(DOC2, "claimant: hill-guard", "claimant: hill-gard", "perhaps hill-guard"),
    Broken(DOC2, "chain: [hill-guard]", "chain: [the_guard]", "there is no group the_guard"),
    Broken(DOC1, "from: hill-guard", "from: hill-guards", "perhaps hill-guard"),
    Broken(DOC1, "{group: hill-guard, name", "{group: hill-guards, name", "perhaps hill-guard"),
    Broken(DOC2, STONE_BRIDGE, "{location: stone-bridge, spans", "perhaps stone-bridge-market"),
    Broken(DOC2, STONE_BRIDGE, "{document: one, spans", "this document: two"),
    Broken(DOC1, "id: one\n", "id: uno\n", "the file is called one"),
    # Events, places, documents.
    Broken(EVENTS, "end: 2031-05-05", "end: 2031-05-04", "start not after end"),
    Broken(EVENTS, "@2 location: mmr015014", "start: 2031-06-01\n        location: mmr015014", "start not after end"),
    Broken(EVENTS, "subtype: forced_flight", "subtype: grenade", "one of evacuation"),
    Broken(EVENTS, "@5 part_of: null", "part_of: lashio-post-taken-2031-05-05", "is an incident"),
    Broken(EVENTS, "@1 part_of: null", "part_of: lashio-campaign-2031", "the event holds itself"),
    Broken(EVENTS, HILL_GUARD, HILL_GUARD * 2, "hill-guard is attacker twice", at="@2 group: hill-guard"),
    Broken(DOC1, "to: river-pact", "to: hill-guard", "to itself"),
    Broken(DOC1, "valid_from: null", "valid_from: 2031-02-01\n    valid_to: 2031-01-01", "stands", at="valid_to: null"),
    Broken(DOC1, MENTION, MENTION * 2, "Hill Guard is listed twice for hill-guard", at="@2 name: Hill Guard"),
    Broken(PLACES, "level: site", "level: township", "a parent above township", at="parent: mmr015001701"),
    Broken(PLACES, "parent: mmr015001701", "parent: null", "though the level is site"),
    Broken(PLACES, "id: stone-bridge-market", "id: mmr015001701", "the gazetteer holds mmr015001701 already"),
    Broken(
        DOC2, "event: hsipaw-flight", "event: lashio-campaign", "no document reports it", at="events.yaml: id: hsipaw-f"
    ),
    Broken(DOC1, "span: [16, 26]", "span: [26, 16]", "holds nothing"),
    Broken(DOC1, f"span: {SCENE}", "span: [0, 900]", "passes the end"),
    # Figures and claims.
    Broken(EVENTS, "@1 population: civilians", "population: null", "displaced counts people"),
    Broken(EVENTS, "sex: null", "sex: male", "sex: null, or another measure"),
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
    Broken(DOC2, "qualifier: exact", "qualifier: several", "takes no number", at="number: 14"),
    Broken(DOC1, "number: 21", "number: null", "needs a number"),
    Broken(DOC2, "claimant: hill-guard", "claimant: null", "who says so"),
    Broken(DOC2, "preferred: false", "preferred: true", "post-killed has a preferred claim already"),
    Broken(
        DOC1, "@1 preferred: true", "preferred: false", "no claim of it is preferred", at="events.yaml: id: post-killed"
    ),
    Broken(DOC2, "figure: hsipaw-cas", "figure: campaign-", "no document claims it", at="events.yaml: id: hsipaw-cas"),
    # What the texts do not say, and what is only theirs to say.
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


def test_a_right_corpus_has_no_faults(tmp_path: Path) -> None:
    coded, texts = write_corpus(tmp_path)
    assert faults(coded) == []
    assert faults(coded, texts) == []


@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_each_fault_is_found_with_its_file_and_line(broken: Broken, tmp_path: Path) -> None:
    coded, texts = write_corpus(tmp_path)
    content = FILES[broken.file]
    start, end = place_in(content, broken.old)
    (coded / broken.file).write_text(content[:start] + broken.new + content[end:], encoding="utf-8", newline="")
    file, line = broken.file, content[:start].count("\n") + 1
    if broken.at is not None:
        file, marker = broken.at.split(": ", 1) if ".yaml: " in broken.at else (file, broken.at)
        line = line_of((coded / file).read_text(encoding="utf-8"), marker)
    found = [str(fault) for fault in faults(coded, texts)]
    here = [fault for fault in found if fault.startswith(f"{file}:{line}: ")]
    assert any(broken.said in fault for fault in here), "\n".join(found)


def test_all_faults_are_reported_at_once_in_order(tmp_path: Path) -> None:
    coded, texts = write_corpus(tmp_path)
    for file, old, new in ((GROUPS, "acronym: HG", "acronim: HG"), (DOC2, "event: hsipaw", "event: x")):
        (coded / file).write_text(FILES[file].replace(old, new), encoding="utf-8", newline="")
    (coded / PLACES).unlink()
    found = faults(coded, texts)
    assert found == sorted(found, key=lambda fault: (fault.file, fault.line))
    assert {fault.file for fault in found} == {GROUPS, PLACES, EVENTS, DOC2}


def test_a_misspelt_file_name_and_a_missing_text_are_faults(tmp_path: Path) -> None:
    coded, texts = write_corpus(tmp_path)
    (coded / DOC1).rename(coded / "documents" / "one.yml")
    (texts / "two.txt").unlink()
    said = "\n".join(map(str, faults(coded, texts)))
    assert "documents/one.yml:1: the file: nothing reads a file of this name" in said
    assert f"{DOC2}:1: id: its text two.txt cannot be opened" in said


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    "content", [b"", b"- 1\n- [2]", b"12", b"\xff", b"events: {a: b}", b"groups:\nplaces:\nevents:\n- 3"]
)
def test_content_of_no_sense_is_a_fault_and_no_failure(file: str, content: bytes, tmp_path: Path) -> None:
    coded, texts = write_corpus(tmp_path)
    (coded / file).write_bytes(content)
    assert any(fault.file == file for fault in faults(coded, texts))


def test_every_item_has_its_file_and_line(tmp_path: Path) -> None:
    coded, _ = write_corpus(tmp_path)
    corpus = read(coded)
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
    # A coder writes measures and qualifiers; families, statuses and changes follow from them.
    assert CODEBOOK.keys() - listed == {"family", "status", "change_action"}


@needs_op1027
def test_the_coded_corpus_has_no_faults() -> None:
    assert [str(fault) for fault in faults(OP1027)] == []


@needs_op1027
@needs_texts
def test_the_coded_corpus_says_what_its_texts_say() -> None:
    assert [str(fault) for fault in faults(OP1027, TEXTS)] == []


@needs_op1027
def test_every_coded_file_names_its_schema_for_editors() -> None:
    for file in read(OP1027).files:
        first = (OP1027 / file.name).read_text(encoding="utf-8").split("\n")[0]
        up = "../" * (file.name.count("/") + 1)
        assert first == f"# yaml-language-server: $schema={up}schema/{file.kind}.schema.json", file.name
