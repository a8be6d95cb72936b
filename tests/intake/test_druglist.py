"""Medication lists: every drug that is written is read, named as not considered, or refused."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.intake.clinical import parse_clinical
from epilepsy_pgx.intake.druglist import UnreadListError, drug_words, read_drugs, show_suggestion
from epilepsy_pgx.reference.rows import DrugName, OtherMedicine
from epilepsy_pgx.response.facts import exposure_of
from epilepsy_pgx.vocabulary import Exposure
from tests.drawing import examples

BOTH = ["carbamazepine", "valproate"]


def read(reference, text, column="current_drugs"):
    entry, problems = parse_clinical({column: text}, reference, file="s.tsv", line=2)
    listed = entry.current if column == "current_drugs" else entry.failed
    return listed, problems


@pytest.mark.parametrize(
    "text",
    [
        "carbamazepine|valproate",
        "carbamazepine, valproate",
        "carbamazepine,valproate,",
        "carbamazepine; valproate",
        "carbamazepine + valproate",
        "carbamazepine/valproate",
        "CBZ & VPA",
        "carbamazepine and valproate",
        "Carbamazepin und Valproat",
        "carbamazepina y valproato",
        "carbamazepine\nvalproate",
        "carbamazepine\u2028valproate",
        "carbamazepine，valproate",
        "carbamazepine、valproate",
        "CARBAMAZEPINE|Valproate.",
        "Tegretol retard 400; Depakine Chrono 500 mg 1-0-2",
        "CBZ 200mg 1-0-1, Valproat chrono",
        "carbamazepine 400 mg/day + valproate 20 mg/kg/d",
        "CBZ400|VPA500",
        "Tegretol (carbamazepine) 2x200mg|Natriumvalproat",
        "Tegretol-XR|valproate sodium",
        "carbamazepine[start=2026-01-01;dose=400,5 mg/day], valproate[level=80,5 mg/L]",
        "carba\u200bmazepine™|sodium valproate®",
        "ＣＢＺ|ＶＰＡ",
        "CBZ, and VPA",
        "CBZ u. VPA",
        "Finlepsin 200 morgens und abends; Dépakine 500 matin et soir",
        "Sirtal|Micropakine LP",
        "carbamazepina 200 mg mañana y noche, valproato sódico crono cada 12 horas",
        "CBZ 200 mg morgens und 400 mg abends, Valproinsäure",
        "CARBAMAZÉPINE + acide valproique",
    ],
)
def test_lists_as_people_write_them(reference, text):
    listed, problems = read(reference, text)
    assert not problems
    assert [d.drug for d in listed] == BOTH
    assert all(d.known for d in listed)


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "none|carbamazepine",
        "carbamazepine, none",
        "none[start=2026-01-01]",
        "keine",
        "nil",
        "-",
        "--",
        "n/a",
        "NA",
        "unknown",
        "?",
        "0",
        "nothing",
        "no carbamazepine",
        "ninguno",
        "carbamazepine stopped",
        "carbamazepine?",
        "carbamazepine valproate",
        "CBZ VPA",
        "carbamazepinevalproate",
        "carbamazepine since 2020",
        "carbamazepine 200, 400",
        "carbamazepine (bis 2020)",
        "carbamazepine - valproate",
        "carbamazepine||valproate",
        "carbamazepine|",
        "|",
        "[dose=3]",
        "carbamazepine[dose=3] twice[dose=4]",
        "400 mg",
        "carbamazepine[start=2020-01-01",
        "carbamazepine]",
        "drug-free",
        "carbamazepine\ue000",
        "none since 2020",
        "(none)",
        "none at present",
        "FALSE",
        "idem",
        "as above",
        "same",
        "#N/A",
        "allergic to carbamazepine",
        "carbamazepine\tvalproate",
        "ask mother about carbamazepine",
    ],
)
@pytest.mark.parametrize("column", ["current_drugs", "failed_drugs"])
def test_what_cannot_be_read_in_full_is_refused(reference, text, column):
    listed, problems = read(reference, text, column)
    assert listed is None
    assert [p.column for p in problems] == [column]


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("carbamazpine", "carbamazepine"),
        ("Tegretal retard 400", "carbamazepine"),
        ("oxcarbazepinee", "oxcarbazepine"),
        ("carbamazepinehydrate", "carbamazepine"),
        ("carbamaz.", "carbamazepine"),
        ("Oxcarb. 300 mg", "oxcarbazepine"),
        ("phen", None),
        ("Valproinsaeure", "valproate"),
        ("zzyzx", None),
        ("strontium", None),
        ("alendronate 50 µg", None),
    ],
)
def test_a_name_that_no_table_has_is_kept_and_named(reference, text, suggestion):
    (listed,), problems = read(reference, text)
    assert not problems
    assert not listed.known
    if suggestion:
        assert listed.suggestion.drug == suggestion
        shown = show_suggestion(listed.suggestion)
        assert shown == suggestion or shown.endswith(f"({suggestion})")
        entry, _ = parse_clinical({"current_drugs": text}, reference, file=".", line=1)
        assert exposure_of(suggestion, entry) is Exposure.TAKING_UNKNOWN


def test_every_name_of_the_table_is_read_with_every_form_salt_and_dose(reference):
    words = drug_words(reference)
    for row in reference.rows(DrugName):
        name, drug = row.name, row.drug
        # What else a product holds stands behind it.
        parts = [words.resolve(part)[0] for part in row.also]
        drugs = [drug, *(d for d in parts if d is None or d != drug)]
        for text in (name, name.upper(), f"{name} 400 mg 1-0-1", f" {name}.", f"{name} retard"):
            assert [d.drug for d in words.read(text)] == drugs, text
        assert [d.drug for d in words.read(f"{name}; zonisamide")] == [*drugs, "zonisamide"]


@pytest.mark.parametrize("mark", [*"\\*~.:·¦‖∣｜؛#%^<>{}?!_'°", "", "->", "<br>", " . ", " %2C "])
def test_no_mark_between_two_short_names_hides_them(reference, mark):
    listed, problems = read(reference, f"CBZ{mark}VPA")
    assert problems or [d.drug for d in listed] == BOTH


def test_no_name_of_another_medicine_reads_as_one_of_the_tables(reference):
    """The names are those of DrugBank's open vocabulary (CC0) that are listed elsewhere too."""
    words = drug_words(reference)
    names = (Path(__file__).parents[1] / "oracles/medicine_names.txt").read_text().split()
    names += [f"  {row.name.upper()} 20 mg" for row in reference.rows(OtherMedicine)]
    asked = [name for name in names if name not in words.names]
    assert len(asked) > 2000
    found = {name: words.resolve(name) for name in asked}
    # Spellings of a drug that the tables have are no other medicine.
    spelled = {"chlorazepate"}
    assert not {n: r for n, r in found.items() if r != (None, None)}.keys() - spelled


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("doravirina", "etravirine"),
        ("cabotegravirum", "raltegravir"),
        ("xenoconazole", "miconazole"),
        ("saperidone", "risperidone"),
        ("dexlamotrigine", "lamotrigine"),
        ("norcarbamazepine", "carbamazepine"),
    ],
)
def test_a_name_with_the_ending_of_another_is_no_misspelling(reference, name, like):
    """Names that no list has yet, made of the endings that names of a class share."""
    assert like in drug_words(reference).names
    (read,) = read_drugs(reference, name)
    assert (read.drug, read.suggestion) == (None, None)


@settings(max_examples=examples(200), deadline=None)
@given(data=st.data())
def test_a_slip_of_a_letter_is_suggested_and_never_taken(reference, data):
    words = drug_words(reference)
    name = data.draw(st.sampled_from([n for n in words.names if n.isalpha() and len(n) > 8]))
    at = data.draw(st.integers(3, len(name) - 2))
    slip = data.draw(st.sampled_from([name[:at] + name[at + 1 :], name[:at] + "x" + name[at:]]))
    (read,) = read_drugs(reference, slip)
    if slip not in words.names:
        assert read.drug is None
        assert read.suggestion is not None or slip in words.others


@settings(max_examples=examples(400), deadline=None)
@given(data=st.data())
def test_no_garbled_character_loses_a_drug_in_silence(reference, data):
    """A drug that was written is still read, or named as not known, or the cell is refused."""
    text = data.draw(
        st.sampled_from(
            [
                "carbamazepine|valproate",
                "Tegretol retard 400, Depakine Chrono 500 mg",
                "CBZ 200 mg 1-0-1; VPA",
                "carbamazepine[start=2026-01-01]|valproate[dose=500 mg]",
            ]
        )
    )
    at = data.draw(st.integers(0, len(text) - 1))
    marks = ["", " ", "x", "#", "|", ",", "\n", "\v", "[", "é", "0", '"']
    with_ = data.draw(st.sampled_from(marks))
    garbled = text[:at] + with_ + text[at + 1 :]
    entry, problems = parse_clinical({"current_drugs": garbled}, reference, file=".", line=1)
    if problems:
        return
    assert entry.current is not None
    known = {d.drug for d in entry.current if d.known}
    unknown = [d for d in entry.current if not d.known]
    assert len(set(BOTH) - known) <= len(unknown), (garbled, entry.current)


@settings(max_examples=examples(300), deadline=None)
@given(text=st.text(min_size=1, max_size=60))
def test_any_text_is_read_or_refused(reference, text):
    listed, problems = read(reference, text)
    empty = text.strip() in ("", ".")
    assert problems or empty or listed or "none" in text.casefold()
    assert not (problems and listed)


@pytest.mark.parametrize(
    ("name", "drug"),
    [
        ("nitrazepam", "nitrazepam"),
        ("Mesuximide", "mesuximide"),
        ("methsuximide", "mesuximide"),
        ("mephenytoin", "mephenytoin"),
        ("piracetam", "piracetam"),
        ("magnesium", "magnesium"),
        ("calcium", "calcium"),
        ("phentermine", "phentermine"),
        ("nordazepam", "nordazepam"),
        ("rasagiline", "rasagiline"),
    ],
)
def test_other_medicines_do_not_read_as_misspelt_ones(reference, name, drug):
    """A name taken for another drug would raise the warnings of that drug."""
    (read,) = read_drugs(reference, name)
    assert read.drug == drug
    assert read.suggestion is None


def products(reference):
    return [row for row in reference.rows(DrugName) if row.also]


def test_a_product_is_read_as_all_that_it_holds(reference):
    words = drug_words(reference)
    rows = products(reference)
    assert len(rows) > 90
    for row in rows:
        for written in (row.name, row.name.upper(), f"{row.name} 1-0-1"):
            first, *rest = words.read(written)
            assert (first.drug, first.word) == (row.drug, written)
            meant = {words.resolve(part)[0] or part for part in row.also} - {row.drug}
            assert {i.drug or words.part_of(i.word) for i in rest} == meant
            assert all(written in item.word for item in rest)


def test_what_holds_of_a_product_holds_of_its_parts(reference):
    first, abacavir, lamivudine = drug_words(reference).read(
        "Triumeq[start=2026-01-01;dose=50 mg/day;reaction=rash]"
    )
    assert first.details == "start=2026-01-01;dose=50 mg/day;reaction=rash"
    assert (abacavir.drug, abacavir.details) == ("abacavir", "start=2026-01-01;reaction=rash")
    assert (lamivudine.drug, lamivudine.word) == (None, "lamivudine (Triumeq)")


@pytest.mark.parametrize("written", ["Triumeq|abacavir", "abacavir|Triumeq", "Kivexa|Triumeq"])
def test_no_part_is_said_twice(reference, written):
    said = [item.drug or item.word for item in drug_words(reference).read(written)]
    assert sorted(said) == sorted({*said})
    assert said.count("abacavir") == 1
    assert sum("lamivudine" in name for name in said) == 1


def test_a_part_beside_its_product_is_not_taken_for_the_whole(reference):
    with pytest.raises(UnreadListError):
        drug_words(reference).read("abacavir (Triumeq)")
