"""The clinical columns of the sample sheet, and the packet that may replace them."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.clinical_entry import DrugLevel, Quantity
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.clinical import COLUMNS, parse_clinical, resolve_drug
from epilepsy_pgx.intake.phenopacket import duration_months, read_phenopacket
from epilepsy_pgx.model import ClinicalEntry, DrugExposure, FailedDrug, Suggestion
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import beside_results, exposure_of
from epilepsy_pgx.vocabulary import Exposure, FailureReason, LevelPart, Sex
from tests.drawing import examples
from tests.response.builders import covered, star_gene, takes


def parse(ref: Reference, **row: str) -> tuple[ClinicalEntry, list[str]]:
    entry, problems = parse_clinical(row, ref, file="samples.tsv", line=4)
    return entry, [p.check for p in problems]


def test_an_empty_line_says_nothing(reference: Reference) -> None:
    entry, problems = parse(reference, sample_id="P1", sex="", affected=".")
    assert entry == ClinicalEntry()
    assert not problems
    assert entry.current is None


def test_a_full_line(reference: Reference) -> None:
    entry, problems = parse(
        reference,
        affected="yes",
        sex="female",
        age_years="24",
        weight_kg="61.5",
        onset_months="7",
        syndromes="dravet|Focal epilepsy",
        pregnant="no",
        pregnancy_potential="yes",
        mitochondrial_suspected="no",
        transplant="none",
        current_drugs="Tegretol[start=2026-10-18;dose=400 mg/day;level=8 mg/L]|VPA",
        failed_drugs="lamotrigine[reason=lack_of_effect;adequate=yes]|"
        "Epanutin[reason=severe_skin_or_dress]",
        entry_date="2026-11-22",
    )
    assert not problems
    assert entry.sex is Sex.FEMALE
    assert entry.weight_kg == Decimal("61.5")
    assert entry.syndromes == ("dravet", "focal_epilepsy")
    assert entry.current == (
        DrugExposure(
            "carbamazepine",
            True,
            "2026-10-18",
            "400 mg/day",
            "Tegretol",
            daily_dose=Quantity(Decimal(400), "mg/day"),
            levels=(DrugLevel(LevelPart.TOTAL, Quantity(Decimal(8), "mg/L")),),
        ),
        DrugExposure("valproate", True, entered="VPA"),
    )
    assert entry.failed == (
        FailedDrug("lamotrigine", True, FailureReason.LACK_OF_EFFECT, "lamotrigine", None, True),
        FailedDrug("phenytoin", True, FailureReason.SEVERE_SKIN, "Epanutin"),
    )


def test_what_is_known_of_drugs_outcome_and_life_is_read(reference: Reference) -> None:
    entry, problems = parse(
        reference,
        current_drugs="Frisium[start=2024-01-10;dose=20 mg/d;dose_since=2026-03-01;"
        "formulation=liquid;route=feeding tube;product_since=2026-06-01;level=<0.1 mg/L;"
        "metabolite_level=5200 ng/ml;level_date=2026-11-01;level_hours=11.5]",
        failed_drugs="lamotrigine[reason=worsened_seizures;highest_dose=0.4 g/day;duration=8 weeks;"
        "highest_level=34 µmol/l;start=2023-01-01;stop=2023-03-01]",
        last_seizure="2026-11-03",
        seizures_per_month="4.5",
        longest_interval_before="3 meses",
        egfr_ml_min_173="88",
        mood="Depression|anxiety",
        zone="one eloquent",
        entry_date="2026-11-22",
    )
    assert not problems
    assert entry.current
    assert entry.failed
    taken, failed = entry.current[0], entry.failed[0]
    assert taken.daily_dose == Quantity(Decimal(20), "mg/day")
    assert (taken.formulation, taken.route) == ("liquid", "feeding_tube")
    parent, metabolite = taken.levels
    assert parent.undetected
    assert parent.quantity == Quantity(Decimal("0.1"), "mg/L")
    assert metabolite.part is LevelPart.METABOLITE
    assert metabolite.quantity == Quantity(Decimal(5200), "µg/L")
    assert metabolite.hours_after_dose == Decimal("11.5")
    assert failed.reason is FailureReason.WORSENED
    assert failed.duration == Quantity(Decimal(8), "week")
    assert failed.highest_level is not None
    assert failed.highest_level.quantity == Quantity(Decimal(34), "µmol/L")
    assert entry.longest_interval_before == Quantity(Decimal(3), "month")
    assert (entry.mood, entry.zone) == (("depression", "anxiety"), "one_eloquent")


def test_signs_stand_alone_or_with_the_drug_they_are_laid_to(reference: Reference) -> None:
    entry, problems = parse(
        reference,
        signs="Vomiting|raised ammonia without symptoms",
        current_drugs="Tegretol[start=2026-10-18;reaction=rash+mucosal lesions]|VPA",
    )
    assert not problems
    assert entry.signs == ("vomiting", "raised_ammonia_without_symptoms")
    assert entry.current is not None
    assert [d.reaction for d in entry.current] == [("rash", "mucosal_lesions"), ()]


def test_none_is_not_missing(reference: Reference) -> None:
    entry, _ = parse(reference, current_drugs="none")
    assert entry.current == ()


@pytest.mark.parametrize(
    ("word", "drug"),
    [
        ("Depakine", "valproate"),
        ("SODIUM VALPROATE", "valproate"),
        ("ezogabine", "retigabine"),
        ("Keppra 500 mg", "levetiracetam"),
        ("Lamictal®", "lamotrigine"),
        ("ACTH", "corticotropin"),
        ("phenobarbitone", "phenobarbital"),
        ("combined pill", "ethinylestradiol contraceptive"),
        ("rifampin", "rifampicin"),
        ("Microgynon", "ethinylestradiol contraceptive"),
        ("NuvaRing", "ethinylestradiol contraceptive"),
        ("Cerazette", "progestogen contraceptive"),
        ("Nexplanon", "progestogen contraceptive"),
        ("Depo-Provera", "medroxyprogesterone contraceptive"),
        ("Mirena", "levonorgestrel intrauterine system"),
        ("ellaOne", "ulipristal"),
    ],
)
def test_names_in_use_resolve(reference: Reference, word: str, drug: str) -> None:
    assert resolve_drug(word, reference) == (drug, None)


def test_unknown_drugs_stay_and_are_never_errors(reference: Reference) -> None:
    entry, problems = parse(reference, current_drugs="carbamazepene|zzyzx|Zantac|Lamisil")
    assert not problems
    assert entry.current is not None
    typo, unknown, other, alike = entry.current
    assert (typo.known, typo.suggestion) == (False, Suggestion("carbamazepine", "carbamazepine"))
    assert (unknown.known, unknown.suggestion) == (False, None)
    assert not other.known
    assert other.drug == "Zantac"
    assert alike.drug == "terbinafine", "which looks like Lamictal"


@pytest.mark.parametrize(
    ("row", "check"),
    [
        ({"sex": "f"}, "clinical-word"),
        ({"age_years": "12,5"}, "clinical-number"),
        ({"age_years": "-1"}, "clinical-number"),
        ({"age_years": "nan"}, "clinical-number"),
        ({"onset_months": "1e9"}, "clinical-number"),
        ({"entry_date": "18/10/2026"}, "clinical-date"),
        ({"entry_date": "2026-02-30"}, "clinical-date"),
        ({"entry_date": "2026-W07-1"}, "clinical-date"),
        ({"current_drugs": "phenytoin[begin=2026-01-01]"}, "drug-detail"),
        ({"current_drugs": "phenytoin[start=2026-01-01"}, "drug-list"),
        ({"current_drugs": "phenytoin||valproate"}, "drug-list"),
        ({"failed_drugs": "phenytoin[reason=bored]"}, "failure-reason"),
        ({"failed_drugs": "phenytoin[adequate=perhaps]"}, "clinical-word"),
        (
            {"entry_date": "2026-01-01", "current_drugs": "phenytoin[start=2026-02-01]"},
            "start-after-entry",
        ),
        ({"sex": "male", "pregnant": "yes"}, "sex-and-pregnancy"),
        ({"pregnant": "yes", "pregnancy_potential": "no"}, "pregnant-without-potential"),
        ({"age_years": "2", "onset_months": "60"}, "onset-after-age"),
        ({"transplant": "heart"}, "clinical-word"),
        ({"syndromes": "JME"}, "syndrome-word"),
        ({"signs": "rsh"}, "sign-word"),
        ({"current_drugs": "phenytoin[reaction=rash+itch]"}, "sign-word"),
        ({"current_drugs": "phenytoin[reaction=rash;reaction=fever]"}, "drug-detail"),
        ({"planned_drugs": "phenytoin[start=2026-01-01]"}, "drug-detail"),
        ({"planned_drugs": "none|phenytoin"}, "drug-list"),
        ({"current_drugs": "phenytoin[level=45]"}, "clinical-unit"),
        ({"current_drugs": "phenytoin[level=45 banana]"}, "clinical-unit"),
        ({"current_drugs": "phenytoin[level=45 mg]"}, "clinical-unit"),
        ({"current_drugs": "phenytoin[level=-4 mg/L]"}, "clinical-unit"),
        ({"current_drugs": "phenytoin[level=9000000 mg/L]"}, "clinical-unit"),
        ({"current_drugs": "phenytoin[level=1,000 mg/L]"}, "clinical-unit"),
        ({"current_drugs": "phenytoin[free_level=1]"}, "clinical-unit"),
        ({"current_drugs": "phenytoin[level_date=2026-01-01]"}, "drug-level"),
        ({"current_drugs": "phenytoin[level_hours=12]"}, "drug-level"),
        ({"current_drugs": "phenytoin[level=9 mg/L;level_hours=-1]"}, "clinical-number"),
        ({"current_drugs": "phenytoin[dose=300]"}, "clinical-unit"),
        ({"current_drugs": "phenytoin[dose=0 mg/day]"}, "clinical-unit"),
        ({"current_drugs": "phenytoin[dose=9000 g/day]"}, "clinical-unit"),
        ({"current_drugs": "phenytoin[dose=a lot]"}, "clinical-unit"),
        ({"current_drugs": "phenytoin[route=by ear]"}, "entry-word"),
        ({"current_drugs": "phenytoin[formulation=pill]"}, "entry-word"),
        (
            {
                "entry_date": "2026-01-01",
                "current_drugs": "phenytoin[level=9 mg/L;level_date=2026-01-02]",
            },
            "level-date-after-entry",
        ),
        (
            {"current_drugs": "phenytoin[start=2026-01-02;level=9 mg/L;level_date=2026-01-01]"},
            "date-order",
        ),
        ({"failed_drugs": "phenytoin[start=2026-01-02;stop=2026-01-01]"}, "date-order"),
        ({"failed_drugs": "phenytoin[duration=4]"}, "clinical-unit"),
        ({"failed_drugs": "phenytoin[highest_dose=300 mg/L]"}, "clinical-unit"),
        ({"failed_drugs": "phenytoin[highest_level=30]"}, "clinical-unit"),
        (
            {"failed_drugs": "phenytoin[stop=2026-02-01]", "entry_date": "2026-01-01"},
            "stop-after-entry",
        ),
        ({"last_seizure": "2026-02-01", "entry_date": "2026-01-01"}, "seizure-after-entry"),
        ({"last_seizure": "yesterday"}, "clinical-date"),
        ({"seizures_per_month": "many"}, "clinical-number"),
        ({"longest_interval_before": "30"}, "clinical-unit"),
        ({"longest_interval_before": "2 m"}, "clinical-unit"),
        ({"albumin_g_l": "4.1"}, "clinical-number"),
        ({"egfr_ml_min_173": "900"}, "clinical-number"),
        ({"sleep": "good|insomnia"}, "word-alone"),
        ({"adherence": "taken|not_taken"}, "word-alone"),
        ({"mood": "sad"}, "entry-word"),
        ({"planned_drugs": "Carbamazepine", "current_drugs": "carbamazepine"}, "planned-and-taken"),
    ],
)
def test_what_is_wrong_is_said(reference: Reference, row: dict[str, str], check: str) -> None:
    _, problems = parse_clinical(row, reference, file="samples.tsv", line=4)
    assert [p.check for p in problems] == [check]
    assert problems[0].file == "samples.tsv"
    assert problems[0].line == 4
    assert problems[0].fix


@pytest.mark.parametrize(
    ("taken", "planned", "drug"),
    [
        ("etonogestrel", "levonorgestrel", "progestogen contraceptive"),
        ("Yasmin", "Microgynon", "ethinylestradiol contraceptive"),
        ("carbamazepine", "Tegretol", "carbamazepine"),
        ("difenilhidantoína", "fenitoína", "phenytoin"),
    ],
)
def test_two_names_of_one_word_are_told_and_fail_nobody(
    reference: Reference, plain: ResponseEngine, taken: str, planned: str, drug: str
) -> None:
    entry, problems = parse(reference, current_drugs=taken, planned_drugs=planned)
    assert not problems
    said = plain.interpret({}, (), {}, entry).not_considered
    (told,) = (m for m in said if m.text_id == "not-considered-same")
    assert [v.items for v in told.values] == [(planned,), (drug,)]


def test_all_problems_come_at_once(reference: Reference) -> None:
    _, problems = parse(reference, sex="x", age_years="y", entry_date="z", transplant="q")
    assert len(problems) == 4


@settings(max_examples=examples(200), deadline=None)
@given(row=st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=40), max_size=6))
def test_no_text_breaks_the_parser(reference: Reference, row: dict[str, str]) -> None:
    entry, problems = parse_clinical(row, reference, file="f", line=1)
    assert isinstance(entry, ClinicalEntry)
    for problem in problems:
        assert problem.check


@pytest.mark.parametrize(
    ("start", "entry", "exposure"),
    [
        ("2026-10-18", "2026-11-22", Exposure.TAKING_EARLY),
        ("2026-08-22", "2026-11-22", Exposure.TAKING_EARLY),
        ("2026-08-21", "2026-11-22", Exposure.TAKING_TOLERATED),
        ("2020-01-31", "2026-11-22", Exposure.TAKING_TOLERATED),
        (None, "2026-11-22", Exposure.TAKING_UNKNOWN),
        ("2020-01-31", None, Exposure.TAKING_UNKNOWN),
    ],
)
def test_exposure_by_date(start: str | None, entry: str | None, exposure: Exposure) -> None:
    clinical = ClinicalEntry(
        current=(DrugExposure("carbamazepine", True, start),), entry_date=entry
    )
    assert exposure_of("carbamazepine", clinical) is exposure
    assert exposure_of("phenytoin", clinical) is Exposure.NAIVE


def test_a_reaction_outranks_a_long_tolerance() -> None:
    clinical = ClinicalEntry(
        current=(DrugExposure("carbamazepine", True, "2020-01-01"),),
        entry_date="2026-11-22",
        failed=(FailedDrug("carbamazepine", True, FailureReason.LIVER),),
    )
    assert exposure_of("carbamazepine", clinical) is Exposure.REACTION


PACKET = {
    "id": "p1",
    "subject": {
        "id": "P1",
        "sex": "FEMALE",
        "timeAtLastEncounter": {"age": {"iso8601duration": "P24Y6M"}},
    },
    "phenotypicFeatures": [
        {
            "type": {"id": "HP:0001250", "label": "Seizure"},
            "onset": {"age": {"iso8601duration": "P7M"}},
        }
    ],
    "diseases": [
        {"term": {"id": "X:1", "label": "Dravet syndrome"}},
        {"term": {"id": "X:2", "label": "Asthma"}},
        {"term": {"id": "X:3", "label": "Juvenile myoclonic epilepsy"}, "excluded": True},
    ],
    "measurements": [
        {
            "assay": {"id": "LOINC:29463-7", "label": "Body weight"},
            "value": {"quantity": {"unit": {"id": "UCUM:kg", "label": "kg"}, "value": 61.5}},
        }
    ],
    "medicalActions": [
        {
            "treatment": {
                "agent": {"id": "D:1", "label": "Tegretol"},
                "doseIntervals": [
                    {
                        "quantity": {"unit": {"label": "mg"}, "value": 200},
                        "interval": {"start": "2026-10-18T00:00:00Z"},
                    }
                ],
            }
        },
        {
            "treatment": {"agent": {"id": "D:2", "label": "lamotrigine"}, "doseIntervals": []},
            "treatmentTerminationReason": {"label": "Lack of efficacy"},
        },
        {
            "treatment": {"agent": {"id": "D:3", "label": "phenytoin"}},
            "treatmentTerminationReason": {"label": "Adverse event"},
            "adverseEvents": [{"id": "HP:1", "label": "Stevens-Johnson syndrome"}],
        },
        {"procedure": {"code": {"label": "EEG"}}},
    ],
    "metaData": {"created": "2026-11-22T10:00:00Z"},
}


def test_a_packet_means_what_a_line_means(reference: Reference) -> None:
    found = read_phenopacket(json.dumps(PACKET), reference, file="p1.json", sample="P1")
    assert not found.problems
    assert found.unmapped == ("Asthma",)
    line, problems = parse_clinical(
        {
            "affected": "yes",
            "sex": "female",
            "age_years": "24.50",
            "weight_kg": "61.5",
            "onset_months": "7",
            "syndromes": "dravet",
            "current_drugs": "Tegretol[start=2026-10-18;dose=200 mg]",
            "failed_drugs": "lamotrigine[reason=lack_of_effect]|"
            "phenytoin[reason=severe_skin_or_DRESS]",
            "entry_date": "2026-11-22",
        },
        reference,
        file="p1.json",
        line=0,
    )
    assert not problems
    assert found.entry == line


def test_a_silent_packet_says_nothing(reference: Reference) -> None:
    found = read_phenopacket('{"subject": {"id": "P1"}}', reference, file="p.json")
    assert found.entry == ClinicalEntry()


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("{", "phenopacket-json"),
        ("[]", "phenopacket-subject"),
        ('{"subject": "P1"}', "phenopacket-subject"),
        ('{"subject": {}, "diseases": [{"term": "Dravet"}]}', "phenopacket-form"),
    ],
)
def test_a_broken_packet_is_named(reference: Reference, text: str, check: str) -> None:
    with pytest.raises(InputError) as caught:
        read_phenopacket(text, reference, file="p.json")
    assert caught.value.problems[0].check == check


@pytest.mark.parametrize(
    ("text", "months"),
    [("P7M", "7"), ("P2Y", "24"), ("P1Y6M", "18"), ("P6W", "1.4"), ("7M", None), ("P", None)],
)
def test_durations(text: str, months: str | None) -> None:
    assert duration_months(text) == (None if months is None else Decimal(months))


def with_features(*features: dict[str, object]) -> str:
    return json.dumps({**PACKET, "phenotypicFeatures": list(features)})


RASH = {"id": "HP:0000988", "label": "Skin rash"}


@pytest.mark.parametrize(
    ("feature", "signs"),
    [
        ({"type": RASH}, ("rash",)),
        ({"type": RASH, "excluded": True}, ()),
        ({"type": RASH, "resolution": {"timestamp": "2026-11-20T00:00:00Z"}}, ()),
        ({"type": RASH, "onset": {"timestamp": "2026-11-18T00:00:00Z"}}, ("rash",)),
        ({"type": RASH, "onset": {"timestamp": "2020-11-18T00:00:00Z"}}, ()),
        ({"type": RASH, "onset": {"age": {"iso8601duration": "P24Y6M"}}}, ("rash",)),
        ({"type": RASH, "onset": {"age": {"iso8601duration": "P3Y"}}}, ()),
        ({"type": {"id": "HP:0001987", "label": "Hyperammonemia"}}, ("hyperammonaemia",)),
        ({"type": {"id": "HP:0001298", "label": "Encephalopathy"}}, ()),
        ({"type": {"id": "HP:0001250", "label": "Seizure"}}, ()),
    ],
)
def test_features_of_a_packet_are_signs_if_they_are_there_now(
    reference: Reference, feature: dict[str, object], signs: tuple[str, ...]
) -> None:
    found = read_phenopacket(with_features(feature), reference, file="p", sample="P1")
    assert not found.problems
    assert found.entry.signs == signs


def test_an_adverse_event_of_a_drug_in_use_is_laid_to_it(reference: Reference) -> None:
    current, *stopped = PACKET["medicalActions"]
    events = [
        RASH,
        {"id": "HP:0001945", "label": "Fever"},
        {"id": "HP:0002315", "label": "Headache"},
    ]
    packet = {**PACKET, "medicalActions": [{**current, "adverseEvents": events}, *stopped]}
    found = read_phenopacket(json.dumps(packet), reference, file="p", sample="P1")
    assert not found.problems
    assert found.entry.current is not None
    assert found.entry.current[0].reaction == ("rash", "fever")
    assert found.unmapped == ("Asthma", "Headache")


def test_a_bad_date_in_a_packet_is_an_error_not_a_crash(reference: Reference) -> None:
    feature = {"type": RASH, "onset": {"timestamp": "last week"}}
    with pytest.raises(InputError):
        read_phenopacket(with_features(feature), reference, file="p", sample="P1")


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        (
            [{"id": "HP:0008066", "label": "Abnormal blistering of the skin"}],
            FailureReason.SEVERE_SKIN,
        ),
        ([{"id": "HP:0000988"}], FailureReason.RASH),
        ([RASH, {"id": "HP:0000155"}], FailureReason.SEVERE_SKIN),
        ([{"id": "HP:0000952", "label": "Icterus"}], FailureReason.LIVER),
        ([{"id": "HP:0001735"}], FailureReason.PANCREATITIS),
        ([{"id": "HP:0001945", "label": "Fever"}], FailureReason.SIDE_EFFECT),
        ([{"id": "X:1", "label": "Unhappiness"}], FailureReason.OTHER),
    ],
)
def test_the_gravest_adverse_event_of_an_ended_treatment_is_the_reason(
    reference: Reference, events: list[dict[str, str]], reason: FailureReason
) -> None:
    action = {
        "treatment": {"agent": {"id": "D:3", "label": "phenytoin"}},
        "adverseEvents": events,
        "treatmentTerminationReason": {"label": "Stopped"},
    }
    packet = {**PACKET, "medicalActions": [action]}
    found = read_phenopacket(json.dumps(packet), reference, file="p", sample="P1")
    assert found.entry.failed is not None
    assert [f.reason for f in found.entry.failed] == [reason]


def test_an_entry_beside_the_results_of_another_patient(plain: ResponseEngine) -> None:
    genes = {"CYP2C9": star_gene("CYP2C9", "*1/*3")}
    results = plain.facts(genes, (), covered("POLG"), ClinicalEntry(affected=False))
    entered = plain.facts({}, (), {}, ClinicalEntry(affected=True, current=(takes("phenytoin"),)))
    made = beside_results(entered, results)
    for name in ("genes", "findings", "sites", "coverage"):
        assert getattr(made, name) == getattr(results, name)
    assert (made.clinical, made.current) == (entered.clinical, entered.current)
    assert made.pathogenic_genes == results.pathogenic_genes


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        (ClinicalEntry(pregnant=True, sex=Sex.FEMALE), "pregnant"),
        (ClinicalEntry(pregnancy_potential=True), "yes"),
        (ClinicalEntry(pregnancy_potential=False, sex=Sex.FEMALE), "no"),
        (ClinicalEntry(sex=Sex.MALE), "no"),
        (ClinicalEntry(), "unknown"),
        (ClinicalEntry(sex=Sex.FEMALE), "possible"),
        (ClinicalEntry(sex=Sex.FEMALE, age_years=Decimal(10)), "possible"),
        (ClinicalEntry(sex=Sex.FEMALE, age_years=Decimal(55)), "possible"),
        (ClinicalEntry(sex=Sex.FEMALE, age_years=Decimal("9.9")), "no"),
    ],
)
def test_whether_a_patient_can_become_pregnant(
    plain: ResponseEngine, entry: ClinicalEntry, word: str
) -> None:
    assert plain.facts({}, (), {}, entry).clinical_value("childbearing") == (word,)
