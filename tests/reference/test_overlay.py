"""A hospital's rows stand over the shipped tables, and nothing else changes."""

from pathlib import Path

from epilepsy_pgx.reference.overlay import LocalReference
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import Allele, DrugInteraction, DrugRule, FormularyEntry
from tests.reference.overlays import BASE, own_rule, reason, shipped, write_overlay

KEY = "clinical-short-qt-rufinamide"


def opened(folder: Path, **rows: list[dict[str, str]]) -> LocalReference:
    return LocalReference(BASE, write_overlay(folder / "own", rows))


def test_rows_are_added_or_stand_in_the_place_of_ours(tmp_path: Path) -> None:
    changed = shipped("drug_rules", KEY) | {"source": "the hospital"}
    ref = opened(tmp_path, drug_rules=[changed, own_rule()])
    rules, plain = ref.rows(DrugRule), load_reference(BASE).rows(DrugRule)
    assert [r.rule_id for r in rules] == [*(r.rule_id for r in plain), "own-rule"]
    assert next(r for r in rules if r.rule_id == KEY).source == "the hospital"
    assert ref.table("alleles").cells == load_reference(BASE).table("alleles").cells
    assert ref.rows(Allele) == load_reference(BASE).rows(Allele)


def test_what_is_set_aside_stays_as_a_remark(tmp_path: Path) -> None:
    ref = opened(
        tmp_path,
        OVERRIDES=[
            reason("drug_rules", KEY, "remove"),
            reason("drug_interactions", "stiripentol-clobazam", "remove"),
        ],
    )
    (rule,) = (r for r in ref.rows(DrugRule) if r.rule_id == KEY)
    assert (rule.tier, rule.response, rule.critical) == ("context", "no genetic rule", "no")
    assert (rule.text_id, rule.text_naive, rule.text_taking) == (f"rule-{KEY}", None, None)
    (pair,) = (r for r in ref.rows(DrugInteraction) if r.key == "stiripentol-clobazam")
    assert pair.tier == "context"


def test_an_overlay_has_a_digest_and_changes_that_of_the_tables(tmp_path: Path) -> None:
    one = opened(tmp_path, formulary=[{"drug": "clobazam", "available": "no"}])
    two = opened(tmp_path / "two", formulary=[{"drug": "clobazam", "available": "yes"}])
    plain = load_reference(BASE)
    assert len({one.digest, two.digest, plain.digest}) == 3
    assert one.overlay_digest != two.overlay_digest
    assert one.files == (*plain.files, one.folder / "formulary.tsv")
    assert [r.available for r in one.rows(FormularyEntry)] == [False]
    assert plain.overlay is None
    assert not plain.rows(FormularyEntry)
