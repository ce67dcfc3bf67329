"""Names and words are compared without case, accents and apostrophes, and both engines find what was indexed."""

# ruff: noqa: RUF001  # Characters that look alike are what these tests are about.
from __future__ import annotations

import re
import unicodedata
from copy import deepcopy
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.domain.names import _stem, folded, slug, spaced_stems, stems, words
from tests.conftest import load_into
from tests.databases import Databases
from tests.edited_seeds import EditedSeeds
from tests.made import Made, made_event
from tests.stored import served
from tests.sweep import for_each

# Text as it comes in names: Latin with accents, Burmese, punctuation of several scripts, odd letters, and anything.
LETTERS = st.sampled_from("aAbßÉéÑñıİŁøœﬁ١5²ကခမြန်မာဦဦ့ေႏၵ့ЖжΣςσ한中a\u0301e\u0308")
MARKS = st.sampled_from(" '’ʼ`´‘-–—_./,;:()[]\"“”«»…!?&+၊။\u00a0\u200b\t\n\x00\x7f")
TEXT = st.text(st.one_of(LETTERS, MARKS, st.characters(codec="utf-8")), max_size=40)

IOTA_BELOW = "\u0345"
# Examples are small; a machine that is busy with something else is no fault of theirs.
unhurried = settings(deadline=None)
ACCENTED = {"é": "e", "Ñ": "n", "ü": "u", "Å": "a", "ç": "c"}


@unhurried
@given(TEXT)
@example("ဥ-ီ")
@example("ဥ'ီ")
@example("ŉ")
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@unhurried
@given(TEXT)
@example("ဥ'ီ")
@example("ဥ＇ီ")
def test_words_are_the_same_when_cut_again(text: str) -> None:
    assert words(" ".join(words(text))) == words(text)
    assert words(spaced_stems(text)) == stems(text)


@unhurried
@given(TEXT)
def test_a_slug_is_its_own_slug_and_takes_no_other_characters(text: str) -> None:
    assert slug(slug(text)) == slug(text)
    assert re.fullmatch("([a-z0-9]+(-[a-z0-9]+)*)?", slug(text))


@unhurried
@given(TEXT)
def test_case_makes_no_difference(text: str) -> None:
    for name in (text.upper(), text.lower(), text.title()):
        # Some capitals have no way back: the dotless i of Turkish is an i among capitals, and the iota that Greek
        # writes below a letter stands beside it.
        if name.casefold() == text.casefold() and IOTA_BELOW not in unicodedata.normalize("NFKD", text):
            assert folded(name) == folded(text)
            assert words(name) == words(text)


@unhurried
@given(st.text(st.sampled_from("abc xyz" + "".join(ACCENTED)), max_size=20))
def test_accents_make_no_difference(text: str) -> None:
    bare = "".join(ACCENTED.get(letter, letter) for letter in text)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        written = unicodedata.normalize(form, text)
        assert folded(written) == folded(bare)
        assert words(written) == words(bare)
        assert slug(written) == slug(bare)


@unhurried
@given(st.text(st.sampled_from("abc'’ʼʻ‘`´"), max_size=20))
def test_apostrophes_join(text: str) -> None:
    bare = "".join(letter for letter in text if letter.isalpha() and letter.isascii())
    assert folded(text) == bare
    assert words(text) == ([bare] if bare else [])


@unhurried
@given(st.lists(st.text("abcမြန်", min_size=1, max_size=6), max_size=5), st.sampled_from(list(' -–/.,;:()"…၊။\t\n\x00')))
def test_every_other_punctuation_parts(parts: list[str], mark: str) -> None:
    assert words(mark.join(parts)) == [word for part in parts for word in words(part)]
    assert folded(mark.join(parts)) == folded("".join(parts))


@unhurried
@given(TEXT)
def test_no_word_holds_what_parts_words(text: str) -> None:
    for word in words(text):
        assert word
        # FTS5 cuts at every ASCII character that is neither letter nor digit, and PostgreSQL takes words as they are.
        assert re.fullmatch(r"[a-z0-9\u0080-\U0010ffff]+", word)
        assert not re.search(r"\s", word)


@for_each(
    ("text", "name", "listed"),
    [
        ("Ta'ang National Liberation Army", "taangnationalliberationarmy", ["taang", "national", "liberation", "army"]),
        ("Ta’ang", "taang", ["taang"]),
        ("Operation 1027", "operation1027", ["operation", "1027"]),
        ("KIA/KIO", "kiakio", ["kia", "kio"]),
        ("Pang Hseng (Kyu Koke)", "panghsengkyukoke", ["pang", "hseng", "kyu", "koke"]),
        ("South-East Asia", "southeastasia", ["south", "east", "asia"]),
        ("Côte d’Ivoire", "cotedivoire", ["cote", "divoire"]),
        ("STRASSE Straße", "strassestrasse", ["strasse", "strasse"]),
        ("ကောလင်း", "ကောလင်း", ["ကောလင်း"]),
        ("ကောလင်း၊ ရှမ်း။", "ကောလင်းရှမ်း", ["ကောလင်း", "ရှမ်း"]),
        ("１０２７", "1027", ["1027"]),
        ("", "", []),
        ("…", "", []),
    ],
)
def test_names_come_to_what_they_are_compared_by(text: str, name: str, listed: list[str]) -> None:
    assert folded(text) == name
    assert words(text) == listed


def test_burmese_vowels_and_tones_are_letters_of_their_words() -> None:
    # Without its signs the one would be the other.
    assert folded("မာ") != folded("မ") != folded("မီ")
    assert words("မြန်မာ") == ["မြန်မာ"]


@for_each(
    ("text", "identity"),
    [
        ("Ta'ang National Liberation Army", "ta-ang-national-liberation-army"),
        ("Kawlin PDF", "kawlin-pdf"),
        ("  São Tomé  ", "sao-tome"),
        ("ကောလင်း", ""),
    ],
)
def test_a_slug_is_lowercase_with_hyphens(text: str, identity: str) -> None:
    assert slug(text) == identity


TITLES = {
    "plain": "Fighters hold Kawlin",
    "accents": "Général Müller’s column at Ñuble",
    "apostrophes": "The Ta'ang and Ka‘chin lines",
    "hyphens": "Hit-and-run: the 1027-day siege (part 2/3)",
    "burmese": "ကောလင်း၊ ရှမ်းပြည်နယ်။",
    "odd": "“Quoted” \\ back*slash & a:b AND NOT (c OR d) | e ! 'f'",
    "mixed": "ΣΊΣΥΦΟΣ Straße İstanbul ﬁre",
}


@pytest.fixture(scope="module")
def titled(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with an event for each of these titles."""
    address = databases.migrated()
    events = [made_event(f"other-{name}", title=title, figures=[], groups=[]) for name, title in TITLES.items()]
    gazetteer, corpus = EditedSeeds(tmp_path_factory.mktemp("seeds")).sources
    load_into(address, gazetteer, corpus, Made(made_events=deepcopy(events)))
    return address


def test_each_word_of_a_title_finds_it_on_every_engine(titled: str) -> None:
    with served(titled) as client:
        for name, title in TITLES.items():
            # Signs that would be operators are refused.
            whole = () if name == "odd" else (title, title.upper(), title.lower())
            for asked in (*words(title), *whole):
                if not words(asked):
                    continue
                response = client.get(f"/v1/events?dataset=other&q={quote(asked)}")
                assert response.status_code == 200, response.text
                found = [event["id"] for event in response.json["data"]]
                # One capital has no way back: İ in small letters is an i with a dot above it, which is an accent.
                assert f"other-{name}" in found, asked


def test_parts_of_words_do_not_find_them(titled: str) -> None:
    with served(titled) as client:
        for asked in ("Kawl", "awlin", "taan", "fight", "102", "ကော", "stras"):
            response = client.get(f"/v1/events?dataset=other&q={quote(asked)}")
            assert response.json["total"] == 0, asked


def test_what_has_no_word_in_it_is_refused(titled: str) -> None:
    with served(titled) as client:
        for asked in ("'", "…", "-", '"', "*", "(", "။"):
            response = client.get(f"/v1/events?q={quote(asked)}")
            assert response.status_code == 400, asked


def test_places_and_groups_are_found_by_any_writing_of_their_names(titled: str, tmp_path: Path) -> None:
    with served(titled) as client:
        for parameter, names in (
            (
                "group",
                (
                    "Ta'ang National Liberation Army",
                    "TAANG NATIONAL LIBERATION ARMY",
                    "ta’ang-national liberation army",
                    "tnla",
                ),
            ),
            ("location", ("Kawlin town", "KAWLIN TOWN", "kaw-lin town", "ｋａｗｌｉｎ town")),
        ):
            totals = {client.get(f"/v1/events?{parameter}={quote(name)}").json["total"] for name in names}
            assert len(totals) == 1 and totals != {0}, parameter


def test_what_is_too_long_for_a_word_is_not_kept() -> None:
    kept = _stem.cache_info().currsize
    assert stems("striking" * 100_000) == ["striking" * 100_000]
    assert _stem.cache_info().currsize == kept
