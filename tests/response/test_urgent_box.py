"""What asks for somebody today stands in the urgent box, wherever else it is said."""

import pytest

from epilepsy_pgx.clinical_entry import ClinicalEntry
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedText, DrugInteraction, Sign
from epilepsy_pgx.response.explain import parse_given
from tests.response.builders import takes
from tests.said import SpeakingEngine


def boxed(engine: SpeakingEngine, reference: Reference, *context: str) -> dict[str, set[str]]:
    """Return what the urgent box says to a patient: texts, by row."""
    facts = parse_given([], list(context), reference, engine)
    found: dict[str, set[str]] = {}
    for statement in engine.interpret_facts(facts).urgent:
        for source in statement.evidence:
            texts = {statement.text_id, statement.action_id} - {None}
            found.setdefault(source.row, set()).update(map(str, texts))
    return found


def test_each_sign_stands_there_whatever_is_taken(
    engine: SpeakingEngine, reference: Reference
) -> None:
    for sign in reference.rows(Sign):
        for drugs in ("none", "levetiracetam"):
            said = boxed(engine, reference, f"current_drugs={drugs}", f"signs={sign.sign}")
            general = {f"context-signs{x}" for x in ("", "-rash", "-fever", "-emergency")}
            assert said.keys() & general, sign.sign
            assert ("context-signs-fever" in said) is (sign.sign == "fever")


def test_pairs_stand_there_only_if_both_are_taken(
    engine: SpeakingEngine, reference: Reference
) -> None:
    rows = [r.interaction_id for r in reference.rows(DrugInteraction) if r.critical == "taking"]
    assert "carbapenem-valproate" in rows
    for item in engine.interactions.interactions:
        if item.evidence.row not in rows:
            continue
        both = tuple(takes(d) for d in sorted(item.perpetrators))
        for current, there in (((*both, takes(item.victim)), True), (both, False)):
            result = engine.interpret({}, (), {}, ClinicalEntry(current=current))
            said = {e.row for s in result.urgent for e in s.evidence}
            assert (item.evidence.row in said) is there, item.evidence.row


@pytest.mark.parametrize(
    ("context", "row", "text"),
    [
        ("current_drugs=levetiracetam;;signs=suicidal_thoughts", "reaction-suicidal", None),
        ("current_drugs=levetiracetam;;signs=psychosis", "reaction-behaviour", None),
        (
            "current_drugs=gabapentin[dose=1500 mg/day];;egfr_ml_min_173=50",
            "kidney-dose-gabapentin-moderate",
            False,
        ),
        (
            "current_drugs=gabapentin[dose=1500 mg/day];;egfr_ml_min_173=50;;signs=drowsiness",
            "kidney-dose-gabapentin-moderate",
            "action-overdose-now",
        ),
        (
            "current_drugs=gabapentin[dose=1500 mg/day];;dialysis=haemodialysis",
            "kidney-dose-gabapentin-dialysis",
            "action-overdose-taking",
        ),
        ("syndromes=porphyria;;signs=vomiting", "context-porphyria-attack", None),
        ("syndromes=porphyria;;signs=rash", "context-porphyria-attack", False),
        ("syndromes=porphyria|status_epilepticus", "context-porphyria-status", None),
        ("syndromes=porphyria", "context-porphyria-status", False),
        ("current_drugs=everolimus;;signs=fever", "reaction-fever-everolimus", None),
        ("current_drugs=pregabalin;;signs=facial_swelling", "reaction-swelling-pregabalin", None),
        ("current_drugs=clobazam;;signs=drowsiness", "reaction-toxicity-clobazam", None),
        ("current_drugs=clobazam;;signs=rash", "reaction-toxicity-clobazam", False),
        ("signs=vomiting", "context-porphyria-attack", False),
        (
            "syndromes=porphyria;;current_drugs=ethinylestradiol contraceptive",
            "context-porphyria-contraceptive",
            None,
        ),
        ("syndromes=porphyria;;current_drugs=none", "context-porphyria-contraceptive", False),
        ("current_drugs=phenytoin;;signs=unsteadiness", "reaction-toxicity-phenytoin", None),
        ("current_drugs=zonisamide;;signs=visual_loss", "reaction-vision-sulphonamide", None),
        (
            "current_drugs=primidone;;signs=aggression|suicidal_thoughts",
            "reaction-behaviour-sedatives",
            "action-behaviour-sedative-emergency",
        ),
        (
            "current_drugs=valproate;;signs=vomiting",
            "reaction-watch-valproate",
            "action-valproate-emergency",
        ),
        ("syndromes=dravet|status_epilepticus", "context-status-dravet", None),
        ("syndromes=status_epilepticus", "context-status-dravet", False),
        ("syndromes=porphyria;;diet=ketogenic", "context-diet-in-use", None),
        ("syndromes=porphyria", "context-diet-in-use", False),
        (
            "current_drugs=lamotrigine;;signs=fever|low_blood_counts",
            "reaction-fever-aromatic",
            "action-blood-emergency",
        ),
        ("current_drugs=valproate;;signs=low_blood_counts", "reaction-blood-valproate", None),
        ("current_drugs=levetiracetam;;signs=low_blood_counts", "reaction-blood-valproate", False),
    ],
)
def test_the_row_is_there_or_not(
    engine: SpeakingEngine, reference: Reference, context: str, row: str, text: str | bool | None
) -> None:
    said = boxed(engine, reference, *context.split(";;"))
    assert (row in said) is (text is not False)
    if isinstance(text, str):
        assert text in said[row]


def test_a_low_level_names_what_lowers_it(engine: SpeakingEngine, reference: Reference) -> None:
    for drugs, text in (
        ("valproate[level=12 mg/L]|meropenem", "level-below-lowered"),
        ("valproate[level=12 mg/L]", "level-below"),
    ):
        facts = parse_given([], [f"current_drugs={drugs}"], reference, engine)
        result = engine.interpret_facts(facts)
        said = {s.text_id: s for c in result.context for s in c.statements if "level-" in s.text_id}
        assert text in said
        assert ("Meropenem" in said[text].text) is (text == "level-below-lowered")


def test_nothing_was_found_is_said_only_of_a_gene_that_was_read_in_full(
    engine: SpeakingEngine, reference: Reference
) -> None:
    saying = {
        r.id.removeprefix("short-")
        for r in reference.rows(CuratedText)
        if r.language == "en" and "nothing found" in r.text.lower()
    }
    assert saying
    for rule in engine.therapy.rules:
        if rule.text_id in saying:
            asked = {value for kind, _, _, value in rule.kinds if kind == "finding"}
            assert asked == {"none_found"}, rule.rule_id
    facts = parse_given([], ["syndromes=dravet"], reference, engine)
    said = {s.text_id for s in engine.interpret_facts(facts).monogenic}
    assert "therapy-scn1a-unread-dravet" in said
    assert not said & saying


@pytest.mark.parametrize(("diet", "there"), [(None, True), ("none", True), ("ketogenic", False)])
@pytest.mark.parametrize("gene", ["SLC2A1=monoallelic_plp", "PDHA1=biallelic_plp"])
def test_a_diet_that_is_in_use_is_not_asked_for_again(
    engine: SpeakingEngine, reference: Reference, gene: str, diet: str | None, there: bool
) -> None:
    facts = parse_given([gene], [f"diet={diet}"] if diet else [], reference, engine)
    said = engine.interpret_facts(facts)
    stem = f"therapy-{gene.split('=')[0].lower()}"
    found = {s.text_id: s for s in said.monogenic}
    assert (f"{stem}-treat" in found, f"{stem}-on-diet" in found) == (there, not there)
    if not there:
        assert f"{stem}-on-diet" not in {s.text_id for s in said.urgent}
        assert f"{stem}-treat" not in {s.text_id for s in said.urgent}
