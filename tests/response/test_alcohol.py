"""Withdrawal of alcohol with a seizure or confusion is an emergency, and no reaction to a drug."""

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import TextForm
from epilepsy_pgx.reference.rows.words import FormWhen
from epilepsy_pgx.response.explain import parse_given
from tests.said import SpeakingEngine

NOW = "context-alcohol-withdrawal-now"
ALONE = "context-alcohol-withdrawal"
DAY = "entry_date=2026-11-28"


def said(
    engine: SpeakingEngine, reference: Reference, entry: str
) -> tuple[set[str], dict[str, set[str]]]:
    """Return the texts of the urgent box, and those of each drug."""
    facts = parse_given((), [*entry.split(";;"), DAY], reference, engine)
    report = engine.interpret_facts(facts)
    lines = {line.drug: {s.text_id for s in line.statements} for line in report.drugs}
    context = {s.text_id for section in report.context for s in section.statements}
    return {s.text_id for s in report.urgent}, {**lines, "": context}


@pytest.mark.parametrize(
    ("entry", "urgent"),
    [
        ("alcohol_drugs=alcohol_withdrawal;;last_seizure=2026-11-28", True),
        ("alcohol_drugs=alcohol|alcohol_withdrawal;;signs=encephalopathy", True),
        ("alcohol_drugs=alcohol_withdrawal;;signs=psychosis", True),
        ("alcohol_drugs=alcohol_withdrawal;;signs=nystagmus", True),
        ("alcohol_drugs=alcohol_withdrawal;;syndromes=status_epilepticus", True),
        ("alcohol_drugs=alcohol_withdrawal;;seizure_types=status", True),
        ("alcohol_drugs=alcohol_withdrawal;;last_seizure=2026-10-01", False),
        ("alcohol_drugs=alcohol_withdrawal", False),
        ("alcohol_drugs=alcohol;;last_seizure=2026-11-28;;signs=encephalopathy", False),
    ],
)
def test_withdrawal_with_a_seizure_or_confusion_is_urgent(
    engine: SpeakingEngine, reference: Reference, entry: str, urgent: bool
) -> None:
    box, lines = said(engine, reference, entry)
    assert (NOW in box) is urgent
    assert urgent or (ALONE in lines[""]) is ("withdrawal" in entry)
    treats = "rule-clinical-alcohol-withdrawal-benzodiazepines"
    for drug in ("clobazam", "clonazepam", "diazepam", "lorazepam", "midazolam"):
        assert (treats in lines[drug]) is ("withdrawal" in entry)


@pytest.mark.parametrize(
    "signs", ["encephalopathy", "psychosis", "rash", "rash|fever", "fever", "jaundice", "vomiting"]
)
def test_no_reaction_to_a_drug_is_laid_to_a_patient_who_takes_none(
    engine: SpeakingEngine, reference: Reference, signs: str
) -> None:
    rows = reference.rows(TextForm)
    forms = {r.text_id: r.text_said for r in rows if r.when is FormWhen.UNMEDICATED}
    for listed, silent in (
        ("current_drugs=none", set(forms)),
        ("current_drugs=valproate", set(forms.values())),
        ("current_drugs=warfarin", set(forms.values())),
        ("sex=male", set(forms.values())),
    ):
        box, _ = said(engine, reference, f"{listed};;signs={signs}")
        # Somebody sees the patient as soon, whatever is on the list.
        assert box & {*forms, *forms.values()}
        assert not box & silent


@pytest.mark.parametrize("sign", ["psychosis", "aggression", "drowsiness", "encephalopathy"])
def test_no_line_lowers_a_sedative_in_withdrawal_of_alcohol(
    engine: SpeakingEngine, reference: Reference, sign: str
) -> None:
    """Whatever the sign is laid to: to lower it in delirium tremens can kill."""
    entry = ["alcohol_drugs=alcohol_withdrawal", f"signs={sign}"]
    for drug in engine.groups["benzodiazepine"] | engine.groups["barbiturate"]:
        for also in ((), ("syndromes=status_epilepticus",)):
            facts = parse_given((), [f"current_drugs={drug}", *entry, *also], reference, engine)
            for line in engine.interpret_facts(facts).drugs:
                for s in line.statements if line.drug == drug else ():
                    assert f"lowers {drug}" not in s.text, (drug, s.text)


@pytest.mark.parametrize("sign", ["psychosis", "aggression"])
def test_a_sedative_is_not_lowered_before_a_withdrawal_is_asked_about(
    engine: SpeakingEngine, reference: Reference, sign: str
) -> None:
    for drug in engine.groups["benzodiazepine"] | engine.groups["barbiturate"]:
        facts = parse_given((), [f"current_drugs={drug}", f"signs={sign}"], reference, engine)
        lines = {line.drug: line for line in engine.interpret_facts(facts).drugs}
        for s in lines[drug].statements if drug in lines else ():
            assert f"lowers {drug}" not in s.text or "withdrawal of alcohol" in s.text, s.text
