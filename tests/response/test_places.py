"""The order of a curator in what to settle next: rare conditions last, until an entry names one."""

from dataclasses import replace
from decimal import Decimal

import pytest

from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.rows import TestItem
from epilepsy_pgx.reference.rows.words import Place
from epilepsy_pgx.response.open_results import OpenItem
from epilepsy_pgx.response.places import Standing, nothing_read, standing_of
from epilepsy_pgx.statement import Value
from epilepsy_pgx.vocabulary import Mri
from tests.response.builders import gave_up, takes

ITEM = OpenItem("field", "mri", tuple, Value("subject", ("mri",)))
NOBODY = ClinicalEntry()
FAILED = ClinicalEntry(affected=True, failed=(gave_up("lamotrigine"),))
ON_DRUG = ClinicalEntry(current=(takes("lamotrigine"),), seizures_per_month=Decimal(1))


def row(reference, item: str) -> TestItem:
    return next(row for row in reference.rows(TestItem) if row.item == item)


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        (NOBODY, Place.CHOICE),
        (FAILED, 2),
        (ON_DRUG, 2),
        (replace(ON_DRUG, seizures_per_month=Decimal(0)), Place.CHOICE),
        (replace(FAILED, affected=False), Place.CHOICE),
        # Nothing fails in whoever is free for a year; a number of seizures says otherwise.
        (replace(FAILED, last_seizure="2023-05-01", entry_date="2026-11-20"), Place.SIDE),
        (replace(FAILED, last_seizure="2026-10-01", entry_date="2026-11-20"), 2),
        (replace(FAILED, last_seizure="2023-05-01"), 2),
        (
            replace(
                ON_DRUG,
                last_seizure="2023-05-01",
                entry_date="2026-11-20",
                seizures_per_month=Decimal(4),
            ),
            2,
        ),
        (replace(FAILED, syndromes=("febrile_seizures",)), Place.SIDE),
        (replace(FAILED, seizure_types=("febrile", "status")), Place.SIDE),
        # A first drug of some weeks has not failed; one of months may have.
        (replace(ON_DRUG, entry_date="2026-11-20"), 2),
        (
            replace(
                ON_DRUG, current=(takes("lamotrigine", "2026-10-20"),), entry_date="2026-11-20"
            ),
            Place.SIDE,
        ),
        (
            replace(
                ON_DRUG, current=(takes("lamotrigine", "2026-05-20"),), entry_date="2026-11-20"
            ),
            2,
        ),
    ],
)
def test_the_place_of_a_row_counts_while_drugs_fail(entry, place, reference):
    assert standing_of(row(reference, "field:mri"), [ITEM], entry).place == place


def test_an_item_that_is_known_to_be_open_comes_first_for_everybody(reference):
    known = replace(ITEM, place=Place.FIRST)
    assert standing_of(row(reference, "field:mri"), [ITEM, known], NOBODY).place == Place.FIRST


@pytest.mark.parametrize(
    ("entry", "likely"),
    [
        (NOBODY, False),
        (replace(FAILED, age_years=Decimal(64)), False),
        (replace(FAILED, age_years=Decimal(65)), True),
        (replace(NOBODY, syndromes=("kidney_disease",)), True),
        (replace(NOBODY, syndromes=("dravet",)), False),
    ],
)
def test_a_rare_condition_stands_last_unless_the_entry_points_to_it(entry, likely, reference):
    found = standing_of(row(reference, "field:egfr_ml_min_173"), [ITEM], entry)
    assert found == (Standing(Place.CHOICE, True) if likely else Standing(Place.RARE, False))


def test_no_row_stands_between_the_choice_of_a_drug_and_rare_conditions(reference):
    places = {row.place for row in reference.rows(TestItem)}
    assert places == {1, 2, 3, 4, Place.CHOICE, Place.RARE}
    for one in reference.rows(TestItem):
        pointed = one.likely_from_age is not None or bool(one.likely_with)
        assert not pointed or one.place == Place.RARE, one.item


@pytest.mark.parametrize(
    ("entry", "unread", "place"),
    [(FAILED, True, 2), (FAILED, False, Place.CHOICE), (NOBODY, True, Place.CHOICE)],
)
def test_a_panel_comes_early_where_drugs_fail_and_no_gene_was_read(entry, unread, place, reference):
    panel = row(reference, "sequence:*")
    assert standing_of(panel, [replace(ITEM, kind="sequence")], entry, unread).place == place
    others = [x for x in reference.rows(TestItem) if x.item != "sequence:*"]
    assert all(x.place_unread is None for x in others)


def test_a_gene_a_variant_or_a_lesion_leaves_the_panel_in_its_place(engine, reference):
    facts = engine.facts({}, (), {}, FAILED)
    assert nothing_read(facts)
    lesion = replace(FAILED, mri=Mri.LESION)
    panel = row(reference, "sequence:*")
    found = standing_of(panel, [replace(ITEM, kind="sequence")], lesion, unread=True)
    assert found.place == Place.CHOICE


@pytest.mark.parametrize(
    ("item", "syndrome", "place"),
    [
        ("level:*", "infantile_spasms", Place.SIDE),
        ("level:*", "rasmussen", Place.SIDE),
        ("level:*", "dravet", Place.SIDE),
        ("level:*", "lennox_gastaut", 3),
        ("field:diagnosis_confirmed", "hypothalamic_hamartoma", Place.SIDE),
        ("field:diagnosis_confirmed", "focal_epilepsy", 4),
        ("field:diagnosis_confirmed", "pyridoxine_dependent", Place.SIDE),
        ("field:diagnosis_confirmed", "pnpo_deficiency", Place.SIDE),
        ("field:seizures_per_month", "pyridoxine_dependent", Place.SIDE),
        ("typing:*", "juvenile_myoclonic_epilepsy", Place.CHOICE),
        ("typing:*", "focal_epilepsy", Place.CHOICE),
        ("sequence:*", "juvenile_myoclonic_epilepsy", Place.SIDE),
        ("sequence:*", "childhood_absence_epilepsy", Place.CHOICE),
        ("field:surgery", "focal_epilepsy", Place.RARE),
        ("field:stimulator", "focal_epilepsy", Place.RARE),
        ("field:mri", "infantile_spasms", 2),
        ("field:mri", "juvenile_myoclonic_epilepsy", Place.SIDE),
        ("field:mri", "pyridoxine_dependent", Place.SIDE),
        ("field:mri", "temporal_lobe_epilepsy", 2),
        ("field:mri", "lennox_gastaut", 2),
        ("field:mri", "autoimmune_encephalitis", Place.SIDE),
        ("level:*", "norse", Place.SIDE),
    ],
)
def test_a_diagnosis_that_asks_for_more_makes_an_item_late(item, syndrome, place, reference):
    entry = replace(FAILED, syndromes=(syndrome,))
    assert standing_of(row(reference, item), [ITEM], entry).place == place


@pytest.mark.parametrize(
    ("signs", "hurries"), [((), False), (("rash",), False), (("rash", "drowsiness"), True)]
)
def test_a_level_hurries_with_a_sign_of_too_much(signs, hurries, reference):
    found = standing_of(row(reference, "level:*"), [ITEM], replace(FAILED, signs=signs))
    assert found.hurries is hurries


@pytest.mark.parametrize(("age", "hurries"), [("0.03", False), ("1.9", False), ("2", True)])
def test_typing_does_not_come_before_the_seizures_of_an_infant(age, hurries, reference):
    entry = replace(FAILED, age_years=Decimal(age))
    assert standing_of(row(reference, "typing:*"), [ITEM], entry).hurries is hurries
    assert standing_of(row(reference, "typing:*"), [ITEM], FAILED).hurries
    assert standing_of(row(reference, "class:*"), [ITEM], entry).hurries


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ({}, Place.SIDE),
        ({"planned": ("oxcarbazepine",)}, Place.CHOICE),
        ({"current": (takes("lamotrigine", "2026-10-20"), takes("clobazam"))}, Place.CHOICE),
        ({"current": ()}, Place.CHOICE),
        ({"current": None}, Place.CHOICE),
        ({"failed": (), "seizures_per_month": None}, Place.CHOICE),
    ],
)
def test_typing_is_a_side_matter_where_drugs_fail_and_none_is_planned(cells, place, reference):
    entry = replace(FAILED, current=(takes("clobazam", "2024-01-01"),), entry_date="2026-11-20")
    found = standing_of(row(reference, "typing:*"), [ITEM], replace(entry, **cells))
    assert found.place == place
    # What is urgent of a drug in use comes first all the same.
    assert found.hurries


@pytest.mark.parametrize(("age", "place"), [("0.8", Place.RARE), ("6", Place.CHOICE)])
def test_nobody_asks_an_infant_for_a_mood(age, place, reference):
    entry = replace(FAILED, age_years=Decimal(age))
    assert standing_of(row(reference, "field:mood"), [ITEM], entry).place == place


def test_whether_drugs_failed_is_no_question_where_two_in_use_did(reference):
    failed = row(reference, "list:failed")
    taken = tuple(replace(takes(drug), adequate=True) for drug in ("lamotrigine", "lacosamide"))
    assert standing_of(failed, [ITEM], replace(ON_DRUG, current=taken)).place == Place.SIDE
    assert standing_of(failed, [ITEM], replace(ON_DRUG, current=taken[:1])).place == Place.FIRST


@pytest.mark.parametrize(
    ("current", "failed", "place"),
    [
        ((), None, Place.SIDE),
        ((takes("apixaban"),), None, Place.SIDE),
        ((takes("apixaban"),), (gave_up("lamotrigine"),), Place.FIRST),
        (None, None, Place.CHOICE),
        # Another medicine says nothing of how long a first drug against seizures is taken.
        ((takes("lamotrigine", "2026-10-20"), takes("apixaban")), None, Place.SIDE),
        ((takes("lamotrigine", "2026-10-20"), takes("lacosamide")), None, Place.FIRST),
    ],
)
def test_before_any_drug_has_failed_nobody_asks_first_which_ones_did(
    current, failed, place, reference
):
    entry = ClinicalEntry(
        current=current, failed=failed, seizures_per_month=Decimal(1), entry_date="2026-11-20"
    )
    drugs = {"lamotrigine", "lacosamide"}
    found = standing_of(row(reference, "list:failed"), [ITEM], entry, antiseizure=drugs)
    assert found.place == place


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ({}, 3),
        ({"zone": "one_resectable"}, Place.SIDE),
        ({"zone": "one_eloquent"}, Place.SIDE),
        ({"zone": "several"}, 3),
        ({"syndromes": ("dravet",)}, Place.SIDE),
    ],
)
def test_a_level_is_a_side_matter_where_surgery_or_the_syndrome_decides(cells, place, reference):
    entry = replace(FAILED, **cells)
    assert standing_of(row(reference, "level:*"), [ITEM], entry).place == place


@pytest.mark.parametrize(
    ("age", "explained", "place"),
    [("0.06", True, Place.SIDE), ("0.06", False, 4), ("30", True, 4), (None, True, 4)],
)
def test_nobody_asks_first_whether_an_infant_with_a_variant_has_seizures(
    age, explained, place, reference
):
    entry = replace(FAILED, age_years=None if age is None else Decimal(age))
    item = row(reference, "field:diagnosis_confirmed")
    assert standing_of(item, [ITEM], entry, explained=explained).place == place


def test_a_diet_is_asked_for_early_only_where_it_is_the_treatment(reference):
    diet = row(reference, "field:diet")
    assert standing_of(diet, [ITEM], FAILED) == Standing(Place.RARE, False)
    glut1 = replace(FAILED, syndromes=("glut1_deficiency",))
    assert standing_of(diet, [ITEM], glut1).place == Place.CHOICE
