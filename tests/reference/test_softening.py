"""Each way in which an overlay could soften something is an error; strengthening is none."""

from pathlib import Path

import pytest

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.reference.overlay_check import open_reference
from tests.reference.overlays import BASE, Rows, own_rule, reason, shipped, write_overlay

RULE = shipped("drug_rules", "clinical-short-qt-rufinamide")
CAUTION = shipped("drug_rules", "clinical-selects-blockers")
NOTE = shipped("drug_rules", "clinical-lgs-blockers")
FACT = shipped("drug_safety", "fact-benzodiazepines")
INTERACTION = shipped("drug_interactions", "stiripentol-norclobazam")
THERAPY = shipped("gene_therapy", "therapy-pcdh19-female")
CONTEXT = shipped("clinical_context", "context-neonates")
TEXT = shipped("texts", "rule-clinical-short-qt-rufinamide", "en")
CONDITION = {"kind": "clinical", "subject": "age_years", "operator": "less_than", "value": "2"}

SOFTER: dict[str, tuple[Rows, str]] = {
    "tier down": ({"drug_rules": [RULE | {"tier": "consider"}]}, "tier"),
    "response weaker": ({"drug_rules": [RULE | {"response": "avoid"}]}, "response"),
    "a benefit in place of a warning": (
        {"drug_rules": [RULE | {"response": "may favour"}]},
        "response",
    ),
    "a benefit in place of nothing": (
        {"drug_rules": [NOTE | {"response": "may favour"}]},
        "response",
    ),
    "no call": ({"drug_rules": [RULE | {"critical": "no"}]}, "critical"),
    "no action": ({"drug_rules": [RULE | {"text_taking": "."}]}, "text_taking"),
    "a weaker action": (
        {"drug_rules": [RULE | {"text_taking": "action-channel-taking"}]},
        "text_taking",
    ),
    "not verified": ({"drug_rules": [RULE | {"verified": "no"}]}, "verified"),
    "another sentence": (
        {"drug_rules": [RULE | {"text_id": "rule-clinical-lgs-blockers"}]},
        "text_id",
    ),
    "fewer drugs": ({"drug_rules": [CAUTION | {"drug": "carbamazepine"}]}, "drug"),
    "another effect": ({"drug_rules": [RULE | {"effect": "information"}]}, "effect"),
    "later on the page": ({"drug_rules": [RULE | {"priority": "99"}]}, "priority"),
    "a label fact": ({"drug_safety": [FACT | {"tier": "none"}]}, "tier"),
    "an interaction": ({"drug_interactions": [INTERACTION | {"tier": "none"}]}, "tier"),
    "the size of an interaction": ({"drug_interactions": [INTERACTION | {"size": "."}]}, "size"),
    "a gene": ({"gene_therapy": [THERAPY | {"tier": "none"}]}, "tier"),
    "the context": ({"clinical_context": [CONTEXT | {"tier": "context"}]}, "tier"),
    "a condition narrows a rule of ours": (
        {"drug_rule_conditions": [CONDITION | {"rule_id": RULE["rule_id"], "if_missing": "no"}]},
        "rule_id",
    ),
    "another wording of ours": ({"texts": [TEXT | {"text": "Rufinamide."}]}, "."),
    "a class for a text of ours": (
        {"actions": [{"text_id": TEXT["id"], "class": "start", "note": "x"}]},
        "text_id",
    ),
    "own standard dosing": ({"drug_rules": [own_rule(response="standard dosing")]}, "response"),
    "own aggravation": ({"drug_rules": [own_rule(effect="aggravation")]}, "effect"),
    "an id of ours": ({"drug_rules": [own_rule(first_id=RULE["rule_id"])]}, "first_id"),
}
STRONGER: dict[str, Rows] = {
    "tier up": {"drug_rules": [CAUTION | {"tier": "act"}]},
    "response graver": {"drug_rules": [CAUTION | {"response": "contraindicated"}]},
    "a warning in place of nothing": {"drug_rules": [NOTE | {"response": "avoid"}]},
    "more drugs": {"drug_rules": [CAUTION | {"drug": CAUTION["drug"] + "|phenytoin"}]},
    "a call": {"drug_rules": [CAUTION | {"critical": "taking"}]},
    "an action added": {"drug_rules": [NOTE | {"text_taking": "action-heart-taking"}]},
    "a stronger action": {"drug_rules": [CAUTION | {"text_taking": "action-heart-taking"}]},
    "another source": {"drug_rules": [RULE | {"source": "label"}]},
    "a row of its own": {"drug_rules": [own_rule()]},
    "the same row": {"drug_rules": [RULE], "texts": [TEXT]},
    "an interaction": {"drug_interactions": [INTERACTION | {"tier": "act"}]},
}


@pytest.mark.parametrize("kind", SOFTER)
def test_softening_without_a_reason_is_an_error(kind: str, tmp_path: Path) -> None:
    rows, column = SOFTER[kind]
    (table,) = rows
    folder = write_overlay(tmp_path / "own", rows)
    with pytest.raises(TableError) as raised:
        open_reference(BASE, folder)
    (problem,) = raised.value.problems
    assert (problem.check, problem.column) == ("overlay-softens", column)
    assert problem.file == f"{folder}/{table}.tsv"
    assert problem.line == 2


@pytest.mark.parametrize("kind", STRONGER)
def test_strengthening_needs_no_reason(kind: str, tmp_path: Path) -> None:
    assert open_reference(BASE, write_overlay(tmp_path / "own", STRONGER[kind])).overlay


def replaces(kind: str) -> bool:
    rows, _ = SOFTER[kind]
    ours = not {*rows} & {"texts", "actions", "drug_rule_conditions"}
    return ours and not kind.startswith(("own ", "an id"))


@pytest.mark.parametrize("kind", list(filter(replaces, SOFTER)))
def test_a_reason_allows_what_replaces_a_row_of_ours(kind: str, tmp_path: Path) -> None:
    rows, _ = SOFTER[kind]
    ((table, (row,)),) = rows.items()
    said = {**rows, "OVERRIDES": [reason(table, next(iter(row.values())), "replace")]}
    assert open_reference(BASE, write_overlay(tmp_path / "own", said)).overlay
