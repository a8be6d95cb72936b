"""What a sheet states twice is compared: age and birth date, dates in their order, one person."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.clinical_entry import DrugExposure, DrugLevel, FailedDrug, Quantity
from epilepsy_pgx.intake.agreement import (
    age_between,
    ages_agree,
    dated_to_come,
    entered_later,
    settle_age,
)
from epilepsy_pgx.intake.sheet import read_sheet
from epilepsy_pgx.model import ClinicalEntry, Patient
from epilepsy_pgx.vocabulary import FailureReason, LevelPart
from tests.drawing import examples

DAY = "2026-11-20"


def sheet(folder, reference, *rows):
    columns = sorted({c for row in rows for c in row})
    path = folder / "s.tsv"
    lines = ["\t".join(columns)]
    lines += ["\t".join(row.get(c, "") for c in columns) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_sheet(path, reference)


def patient(name="P1", **cells):
    return {"sample_id": name, "vcf": f"{name}.vcf", "build": "GRCh38", **cells}


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("2026-03-20", DAY, "0.66"),
        ("2024-11-20", DAY, "2"),
        ("2024-11-21", DAY, "1.99"),
        ("2024-02-29", "2026-02-28", "1.99"),
        ("2024-02-29", "2026-03-01", "2"),
        ("2024-02-29", "2028-02-29", "4"),
        ("1926-11-20", DAY, "100"),
        (DAY, DAY, "0"),
    ],
)
def test_age_between_days(born, day, age):
    assert age_between(born, day) == Decimal(age)


@settings(max_examples=examples(300), deadline=None)
@given(born=st.dates(), days=st.integers(0, 40000))
def test_years_completed_are_never_too_many(born, days):
    from datetime import timedelta

    try:
        day = born + timedelta(days=days)
    except OverflowError:
        return
    age = age_between(born.isoformat(), day.isoformat())
    assert 0 <= age <= Decimal(days) / 365 + Decimal("0.01")
    assert abs(age - Decimal(days) / Decimal("365.2425")) < Decimal("0.02")


@pytest.mark.parametrize(
    ("stated", "age", "fits"),
    [
        ("30", "0.66", False),
        ("0.7", "0.66", True),
        ("1", "1.9", True),
        ("2", "1.9", True),
        ("2", "1.5", False),
        ("1", "2.3", False),
        ("0", "0.9", True),
        ("12", "12.9", True),
        ("12", "13.2", False),
        ("13", "12.1", True),
        ("46", "47.9", False),
        ("24.5", "24.55", True),
        ("24.5", "25.2", False),
    ],
)
def test_ages_that_fit(stated, age, fits):
    assert ages_agree(Decimal(stated), Decimal(age)) is fits


def test_the_birth_date_is_the_age_where_none_is_given():
    entry, wrong = settle_age(ClinicalEntry(), "2026-03-20", DAY)
    assert (entry.age_years, wrong) == (Decimal("0.66"), ())
    assert settle_age(ClinicalEntry(), None, DAY) == (ClinicalEntry(), ())


CONTRADICTIONS = [
    ({"age_years": "30", "birth_date": "2026-03-20", "entry_date": DAY}, "age_years"),
    ({"birth_date": "2026-12-20", "entry_date": DAY}, "birth_date"),
    ({"birth_date": "1826-12-20", "entry_date": DAY}, "birth_date"),
    ({"birth_date": "2020-01-01", "onset_months": "200", "entry_date": DAY}, "onset_months"),
    ({"collected": "2026-10-06", "received": "2026-10-05"}, "received"),
    ({"collected": "2019-10-06", "birth_date": "2020-01-01"}, "collected"),
    ({"received": "2019-10-06", "birth_date": "2020-01-01"}, "received"),
    ({"birth_date": "2020-01-01", "current_drugs": "valproate[start=2019-01-01]"}, "current_drugs"),
    ({"entry_date": DAY, "current_drugs": "valproate[start=2026-12-01]"}, "current_drugs"),
    (
        {"age_years": "2", "entry_date": DAY, "current_drugs": "valproate[start=2016-10-01]"},
        "current_drugs",
    ),
    ({"entry_date": DAY, "current_drugs": "valproate[start=1026-10-01]"}, "current_drugs"),
    ({"sex": "male", "pregnant": "yes"}, "pregnant"),
    ({"sex": "male", "pregnancy_potential": "yes"}, "pregnancy_potential"),
    ({"pregnant": "yes", "pregnancy_potential": "no"}, "pregnancy_potential"),
    ({"phenopacket": "p.json", "sex": "male"}, "phenopacket"),
]


@pytest.mark.parametrize(("cells", "column"), CONTRADICTIONS)
def test_statements_that_contradict_each_other(tmp_path, reference, cells, column):
    found = sheet(tmp_path, reference, patient(**cells), patient("P2"))
    assert [r.sample_id for r in found.rows] == ["P2"]
    assert [p.column for p in found.faulty[0].problems] == [column]


@pytest.mark.parametrize(
    ("day", "faults"),
    [(None, 0), (DAY, 0), ("2026-12-05", 0), ("2027-01-31", 1), ("2062-11-20", 1)],
)
def test_an_entry_is_not_made_long_after_its_report(day, faults):
    assert len(entered_later(ClinicalEntry(entry_date=day), DAY)) == faults


@pytest.mark.parametrize("column", ["collected", "received"])
def test_what_has_happened_is_not_after_the_report(column: str) -> None:
    for day, faults in ((DAY, 0), ("2999-01-01", 1)):
        patient = replace(Patient("S", "S"), **{column: day})
        assert [c for c, *_ in dated_to_come(patient, DAY)] == [column] * faults


LEVEL = DrugLevel(LevelPart.TOTAL, Quantity(Decimal(8), "mg/L"), date="2026-11-21")


@pytest.mark.parametrize(
    ("entry", "columns"),
    [
        (ClinicalEntry(last_seizure="2026-11-21"), ["last_seizure"]),
        (ClinicalEntry(last_seizure="2026-11-20"), []),
        (ClinicalEntry(current=(DrugExposure("x", True, levels=(LEVEL,)),)), ["current_drugs"]),
        (ClinicalEntry(current=(DrugExposure("x", True, "2027-01-01"),)), ["current_drugs"]),
        (
            ClinicalEntry(failed=(FailedDrug("x", True, FailureReason.OTHER, stop="2027-01-01"),)),
            ["failed_drugs"],
        ),
    ],
)
def test_nothing_of_an_entry_without_a_day_lies_after_the_report(entry, columns):
    assert [column for column, *_ in entered_later(entry, DAY)] == columns


@pytest.mark.parametrize(
    "cells",
    [
        {"last_seizure": "1989-12-31"},
        {"failed_drugs": "phenytoin[start=1989-01-01]"},
        {"current_drugs": "phenytoin[start=1989-01-01]"},
    ],
)
def test_nothing_of_an_entry_lies_before_the_birth(tmp_path, reference, cells):
    rows = [patient("P1", birth_date="1990-01-01", **cells), patient("P2")]
    (faulty,) = sheet(tmp_path, reference, *rows).faulty
    assert [(p.column, p.check) for p in faulty.problems] == [(next(iter(cells)), "date-order")]


@pytest.mark.parametrize(
    ("column", "one", "other"),
    [("birth_date", "1990-01-01", "1991-01-01"), ("sex", "female", "male")],
)
def test_rows_of_one_person_agree(tmp_path, reference, column, one, other):
    rows = [
        patient("P1", record_number="M1", **{column: one}),
        patient("P2", record_number="M1", **{column: other}),
        patient("P3"),
    ]
    found = sheet(tmp_path, reference, *rows)
    assert [f.sample_id for f in found.faulty] == ["P1", "P2"]
    rows[1][column] = one
    assert len(sheet(tmp_path, reference, *rows).rows) == 3


def test_a_packet_is_of_one_person(tmp_path, reference):
    (tmp_path / "p.json").write_text('{"subject": {"id": "X"}}')
    rows = [
        patient("P1", phenopacket="p.json"),
        patient("P2", phenopacket="./p.json"),
        patient("P3", record_number="M1"),
    ]
    found = sheet(tmp_path, reference, *rows)
    assert [f.sample_id for f in found.faulty] == ["P1", "P2"]
    for row in rows:
        row["record_number"] = "M1"
    assert len(sheet(tmp_path, reference, *rows).rows) == 3
