"""What a line says fits what was entered: which drug reacted, how many, and what goes on."""

import re
from itertools import combinations

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedText, DrugRule, RuleCondition
from epilepsy_pgx.report.box import urgent_lines
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.explain import parse_given
from tests.said import SpeakingEngine

TOXIC = ("drowsiness", "unsteadiness", "slurred_speech", "double_vision", "nystagmus")
RAISED = ("carbamazepine", "lamotrigine", "phenytoin", "phenobarbital", "oxcarbazepine")


def spoken(engine: SpeakingEngine, reference: Reference, *entry: str) -> list[str]:
    """Return all that is said for certain of a patient."""
    result = engine.interpret_facts(parse_given((), list(entry), reference, engine))
    lines = [s for line in result.drugs for s in line.statements]
    context = [s for section in result.context for s in section.statements]
    return [s.text for s in (*lines, *context, *result.urgent) if not s.conditional]


@pytest.mark.parametrize("reason", ["liver", "severe_skin_or_DRESS", "pancreatitis"])
@pytest.mark.parametrize(
    ("reacted", "other"), [("phenytoin", "fosphenytoin"), ("fosphenytoin", "phenytoin")]
)
@pytest.mark.parametrize("column", ["planned_drugs", "current_drugs"])
def test_a_reaction_is_laid_to_the_drug_that_reacted(
    engine: SpeakingEngine, reference: Reference, reacted: str, other: str, reason: str, column: str
) -> None:
    entry = [f"failed_drugs={reacted}[reason={reason}]", f"{column}={other}"]
    if column == "planned_drugs":
        entry.append("current_drugs=none")
    said = spoken(engine, reference, *entry)
    assert not any(f"A reaction to {other} is on record" in text for text in said)
    assert any(f"A reaction to {reacted} is on record" in text for text in said)
    assert any(f"the same as {other} in the body" in text for text in said)


@pytest.mark.parametrize("sign", TOXIC)
def test_several_drugs_are_not_one(engine: SpeakingEngine, reference: Reference, sign: str) -> None:
    words = ReportWords(Wording(reference))
    for pair in combinations(RAISED, 2):
        entry = [f"current_drugs={'|'.join(pair)}", f"signs={sign}"]
        result = engine.interpret_facts(parse_given((), entry, reference, engine))
        for line, _ in urgent_lines(result.urgent, result.drugs, words):
            told = " ".join(part.text for part in line.parts)
            assert not re.search(rf"{pair[0]}, {pair[1]} (is|has)", told, re.IGNORECASE), told


@pytest.mark.parametrize(
    "entry",
    [
        "seizure_types=generalised_tonic_clonic;;current_drugs=levetiracetam",
        "seizure_types=generalised_tonic_clonic;;current_drugs=none",
        "syndromes=infantile_spasms;;current_drugs=vigabatrin;;age_years=0.5",
        "age_years=0.02",
    ],
)
def test_seizures_of_which_only_the_kind_is_entered_are_not_said_to_go_on(
    engine: SpeakingEngine, reference: Reference, entry: str
) -> None:
    said = spoken(engine, reference, *entry.split(";;"), "entry_date=2026-11-28")
    assert not any(re.search(r"(seizures|spasms) go on by the entry", text) for text in said)
    assert not any(re.match(r"(Tonic-clonic seizures|Infantile spasms) go on", t) for t in said)


@pytest.mark.parametrize(
    "entry",
    [
        "age_years=0.7;;planned_drugs=valproate;;current_drugs=oxcarbazepine",
        "syndromes=cardiac_conduction_disorder;;planned_drugs=fosphenytoin;;current_drugs=none",
    ],
)
def test_the_box_of_a_status_leaves_room_for_the_line_of_a_drug(
    engine: SpeakingEngine, reference: Reference, entry: str
) -> None:
    """It forbids no drug that its own line leaves to a specialist, and promises no other words."""
    cells = entry.split(";;")
    kept = [c for c in cells if not c.startswith("syndromes=")]
    words = [c.removeprefix("syndromes=") for c in cells if c.startswith("syndromes=")]
    syndromes = "|".join(("status_epilepticus", *words))
    facts = parse_given((), [*kept, f"syndromes={syndromes}"], reference, engine)
    (box,) = (
        s.text
        for s in engine.interpret_facts(facts).urgent
        if s.text_id == "context-status-without"
    )
    assert "unless its own line lets a specialist give it" in box
    assert "what is allowed" not in box


def test_no_line_names_one_sign_alone_that_answers_several(reference: Reference) -> None:
    """Fever and swollen glands are not called a rash."""
    said = {r.id: r.text for r in reference.rows(CuratedText) if r.language == "en"}
    asked: dict[str, set[str]] = {}
    for row in reference.rows(RuleCondition):
        if row.kind == "reaction" and row.operator == "any_of":
            asked.setdefault(row.rule_id, set()).update(row.value)
    for rule in reference.rows(DrugRule):
        if len(asked.get(rule.rule_id, ())) > 1:
            for words in (said[rule.text_id], said.get(f"short-{rule.text_id}", "")):
                assert not re.search(r"\b[Aa] rash now\b", words), rule.rule_id


def test_fever_alone_is_looked_at_as_an_infection(
    engine: SpeakingEngine, reference: Reference
) -> None:
    for drugs in ("none", "lamotrigine[start=2016-01-01]", "levetiracetam"):
        cells = [f"current_drugs={drugs}", "entry_date=2026-11-28"]
        (alone,) = (
            text
            for text in dict.fromkeys(spoken(engine, reference, *cells, "signs=fever"))
            if "mostly an infection" in text
        )
        assert "possible drug reaction" not in alone
        for sign in ("rash", "drowsiness", "swollen_lymph_nodes", "low_blood_counts"):
            both = spoken(engine, reference, *cells, f"signs=fever|{sign}")
            assert not any("mostly an infection" in text for text in both), sign
