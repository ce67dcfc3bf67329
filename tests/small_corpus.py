"""A coded corpus of two invented reports and a gazetteer, small enough to read and right in everything; tests break them."""

import hashlib
from pathlib import Path

ONE = (
    "Fighters of the Hill Guard (HG) took a police post and a base of the Shire in Lashio on Monday, a local merchant said. "
    "At least 12 policemen were killed and twenty-one were captured.\n\n"
    "The Hill Guard belongs to the River Pact. Markets stayed noisy all the same."
)
TWO = (
    "The River Pact said that its men overran the police post in Lashio and killed 14 policemen; in the whole campaign "
    "around 40 have died.\n\n"
    "Tens of thousands left Hsipaw. No civilians were hurt there, the Hill Guard said. It also robbed a Lashio "
    "market at Stone Bridge. Bad weather kept reporters away."
)


def span(text: str, phrase: str) -> str:
    """Where a phrase that stands once in a text stands: [start, end]."""
    assert text.count(phrase) == 1, phrase
    return f"[{text.index(phrase)}, {text.index(phrase) + len(phrase)}]"


def _facts_of(name: str, text: str) -> str:
    return f"""\
id: {name}
outlet: The Invented Courier
outlet_basis: stated
agencies: []
title: What happened in and around Lashio
published_on: 2031-05-06
published_on_basis: inferred
published_on_reason: The day after the Monday of which it speaks.
language: en
sha256: {hashlib.sha256(text.encode()).hexdigest()}
length: {len(text)}
url: null
archive_url: null
archived_on: null
"""


FILES = {
    "dataset.yaml": """\
# yaml-language-server: $schema=../schema/dataset.schema.json
id: small
title: Two invented reports
publisher: Nobody
licence: CC-BY-4.0
licence_url: https://creativecommons.org/licenses/by/4.0/
citation: Invented for tests.
release: "1.0"
first_date: 2031-05-01
last_date: 2031-05-06
description: Nothing in it ever happened.
""",
    "groups.yaml": """\
groups:
  - id: hill-guard
    name: Hill Guard
    acronym: HG
    group_kind: armed_group
    country: MMR
    description: An invented group.
    aliases: []
    codes: [{scheme: ucdp_name, name: HG}]
  - id: river-pact
    name: River Pact
    acronym: null
    group_kind: alliance
    country: null
    description: An invented alliance.
    aliases: [The Pact]
    codes: []
  - id: shire
    name: Shire
    acronym: null
    group_kind: government
    country: null
    description: Invented rulers.
    aliases: []
    codes: []
  - id: shire-army
    name: Army of the Shire
    acronym: null
    group_kind: force
    country: null
    description: What the rulers fight with.
    aliases: []
    codes: []
""",
    "events.yaml": """\
events:
  - id: lashio-campaign-2031
    kind: episode
    type: battles
    subtype: null
    title: "Campaign around Lashio, the River Pact says"
    summary: Several fights of one spring.
    start: 2031-05-01
    end: 2031-05-06
    date_precision: days
    date_reason: null
    location: mmr015
    location_precision: state_or_region
    part_of: null
    outcome: ongoing
    coding_status: coded
    groups:
      - {group: river-pact, role: attacker, certainty: single_source}
      - {group: river-pact, role: claimant, certainty: stated}
    figures:
      - id: campaign-killed
        measure: killed
        population: state_forces
        object: null
        sex: unspecified
        age: unspecified
        cause: unknown
        term: null
        unit: person
        part_of: null
        nesting: null
  - id: lashio-post-taken-2031-05-05
    kind: incident
    type: battles
    subtype: non_state_actor_overtakes_territory
    title: "Police lost a post at Lashio, a merchant says"
    summary: The Hill Guard takes a post from the police.
    start: 2031-05-05
    end: 2031-05-05
    date_precision: day
    date_reason: Monday before the day of publication.
    location: mmr015001701
    location_precision: exact
    part_of: lashio-campaign-2031
    outcome: captured
    coding_status: coded
    groups:
      - {group: hill-guard, role: attacker, certainty: single_source}
      - {group: shire-army, role: defender, certainty: inferred}
      - {group: shire, role: target, certainty: single_source}
    figures:
      - id: post-killed
        measure: killed
        population: state_forces
        object: null
        sex: unspecified
        age: unspecified
        cause: unknown
        term: null
        unit: person
        part_of: campaign-killed
        nesting: certain
      - id: post-captured
        measure: captured
        population: state_forces
        object: null
        sex: unspecified
        age: unspecified
        cause: unknown
        term: null
        unit: person
        part_of: null
        nesting: null
        low: 20
        best: 21
        high: 22
        open_ended: false
        reason: The count may be off by one.
      - id: post-seized
        measure: seized
        population: null
        object: police_station
        sex: null
        age: null
        cause: null
        term: null
        unit: thing
        part_of: null
        nesting: null
  - id: hsipaw-flight-2031
    kind: aggregate
    type: displacement
    subtype: forced_flight
    title: People leave Hsipaw
    summary: Very many go, unhurt.
    start: 2031-05-01
    end: 2031-05-06
    date_precision: week
    date_reason: null
    location: mmr015014
    location_precision: township
    part_of: null
    outcome: null
    coding_status: coded
    groups: []
    figures:
      - id: hsipaw-displaced
        measure: displaced
        population: civilians
        object: null
        sex: unspecified
        age: unspecified
        cause: null
        term: forced_to_flee
        unit: person
        part_of: null
        nesting: null
      - id: hsipaw-casualties
        measure: casualties
        population: civilians
        object: null
        sex: unspecified
        age: unspecified
        cause: unknown
        term: null
        unit: person
        part_of: null
        nesting: null
        location: mmr015014701
        location_precision: exact
""",
    "documents/one.yaml": f"""\
{_facts_of("one", ONE)}reports:
  - event: lashio-post-taken-2031-05-05
    spans: [{span(ONE, ONE.split(". ")[0])}]
    names: [Lashio, HG]
    claimant: a merchant
    chain: [a merchant]
    verification: unverified
claims:
  - figure: post-killed
    spans: [{span(ONE, "At least 12 policemen were killed")}]
    printed: "12"
    number: 12
    qualifier: at_least
    claimant: null
    chain: []
    verification: unverified
    preferred: true
  - figure: post-captured
    spans: [{span(ONE, "and twenty-one were captured")}]
    printed: twenty-one
    number: 21
    qualifier: exact
    claimant: null
    chain: []
    verification: unverified
    preferred: true
  - figure: post-seized
    spans: [{span(ONE, "took a police post")}]
    printed: a
    number: 1
    qualifier: exact
    claimant: null
    chain: []
    verification: unverified
    preferred: true
relations:
  - from: hill-guard
    type: member_of
    to: river-pact
    valid_from: null
    valid_to: null
    spans: [{span(ONE, "The Hill Guard belongs to the River Pact.")}]
mentions:
  - {{group: hill-guard, name: Hill Guard, span: [16, 26]}}
  - {{group: river-pact, name: River Pact, span: {span(ONE, "River Pact")}}}
  - {{group: shire, name: Shire, span: {span(ONE, "Shire")}}}
  - {{location: mmr015001701, name: Lashio, span: {span(ONE, "Lashio")}}}
facts: []
nothing:
  - {{span: {span(ONE, "Markets stayed noisy all the same.")}, why: scene}}
""",
    "documents/two.yaml": f"""\
{_facts_of("two", TWO)}reports:
  - event: lashio-campaign-2031
    spans: [{span(TWO, TWO.split(".")[0])}]
    names: [River Pact]
    claimant: river-pact
    chain: [river-pact]
    verification: unverified
  - event: hsipaw-flight-2031
    spans: [{span(TWO, "Tens of thousands left Hsipaw.")}]
    names: [Hsipaw]
    claimant: null
    chain: []
    verification: unverified
claims:
  - figure: post-killed
    spans: [{span(TWO, TWO.split(";")[0])}]
    printed: "14"
    number: 14
    qualifier: exact
    claimant: river-pact
    chain: [river-pact]
    verification: unverified
    preferred: false
  - figure: campaign-killed
    spans: [{span(TWO, "around 40 have died")}]
    printed: "40"
    number: 40
    qualifier: around
    claimant: river-pact
    chain: [river-pact]
    verification: unverified
    preferred: true
  - figure: hsipaw-displaced
    spans: [{span(TWO, "Tens of thousands left Hsipaw.")}]
    printed: Tens of thousands
    number: null
    qualifier: tens_of_thousands
    claimant: null
    chain: []
    verification: unverified
    preferred: true
  - figure: hsipaw-casualties
    spans: [{span(TWO, "No civilians were hurt there, the Hill Guard said.")}]
    printed: "No"
    number: 0
    qualifier: none_reported
    claimant: hill-guard
    chain: [hill-guard]
    verification: unverified
    preferred: true
relations: []
mentions:
  - {{location: stone-bridge-market, name: Stone Bridge, span: {span(TWO, "Stone Bridge")}}}
facts:
  - {{location: stone-bridge-market, spans: [{span(TWO, "It also robbed a Lashio market at Stone Bridge.")}]}}
nothing:
  - {{span: {span(TWO, "Bad weather kept reporters away.")}, why: background}}
""",
}


_COLUMNS = "id,name,native_name,level,parent,pcode,country,latitude,longitude,uncertainty_km,position_basis,aliases"

GAZETTEER_FILES = {
    "dataset.yaml": """\
# yaml-language-server: $schema=../schema/dataset.schema.json
id: small-gazetteer
title: Eight places and an invented one
publisher: Nobody
licence: CC-BY-4.0
licence_url: https://creativecommons.org/licenses/by/4.0/
citation: Shortened for tests.
release: "1.0"
first_date: null
last_date: null
description: Points and codes are right, and that is all.
""",
    "places.csv": f"""\
{_COLUMNS}
mmr,Myanmar,,country,,MMR,MMR,19.25975,95.91934,1070,a point inside the area,
shan-state,Shan,,area,mmr,,MMR,21.50757,98.34702,296,mean of the points of its parts,Shan State
mmr015,Shan (North),,state_or_region,shan-state,MMR015,MMR,22.82079,98.00555,167,a point inside the area,Northern Shan
mmr015d001,Lashio,,district,mmr015,MMR015D001,MMR,22.76687,97.79972,114,a point inside the area,
mmr015001,Lashio,,township,mmr015d001,MMR015001,MMR,22.92765,97.82711,19,a point inside the area,
mmr015014,Hsipaw,,township,mmr015,MMR015014,MMR,22.40191,97.55452,36,a point inside the area,
mmr015001701,Lashio,,town,mmr015001,MMR015001701,MMR,22.95277,97.74747,2,a town's point,"Lashio Town; La Hsio"
mmr015014701,Hsipaw,,town,mmr015014,MMR015014701,MMR,22.61894,97.2981,2,a town's point,
""",
    "additions.csv": f"""\
{_COLUMNS}
south-east-asia,South-East Asia,,area,,,,,,,no point: wider than one country,
stone-bridge-market,Stone Bridge,,site,mmr015001701,,MMR,22.95,97.74,2,"the point of its town, rounded",
""",
}


def write_corpus(folder: Path) -> tuple[Path, Path, Path]:
    """The folders of the coded files, of the texts and of the gazetteer, all written under a folder."""
    coded, texts, gazetteer = (folder / name for name in ("coded", "texts", "gazetteer"))
    for inner, files in (
        (coded, FILES),
        (texts, {"one.txt": ONE, "two.txt": TWO}),
        (gazetteer, GAZETTEER_FILES),
    ):
        for name, content in files.items():
            (inner / name).parent.mkdir(parents=True, exist_ok=True)
            (inner / name).write_text(content, encoding="utf-8", newline="")
    return coded, texts, gazetteer
