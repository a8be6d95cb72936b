"""Statements are ids and values: no language in them, and ids that reports can be compared by."""

import ast
import shutil
from dataclasses import fields
from pathlib import Path

from hypothesis import given

from epilepsy_pgx.model import Interpretation
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.report.build import all_statements
from epilepsy_pgx.report.said import Filler
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.statement import Reason, Statement
from tests.response.builders import Case
from tests.response.strategies import cases
from tests.response.test_invariants import FEW
from tests.syntax import nodes

SOURCE = Path(__file__).resolve().parents[2] / "src/epilepsy_pgx/response"


def interpret(engine: ResponseEngine, patient: Case) -> Interpretation:
    return engine.interpret(patient.genes, patient.findings, patient.coverage, patient.clinical)


def test_the_response_stage_knows_no_wording() -> None:
    for path in SOURCE.rglob("*.py"):
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom):
                assert "report" not in (node.module or ""), path
                assert "wording" not in (node.module or ""), path


@FEW
@given(patient=cases())
def test_no_statement_carries_words(plain: ResponseEngine, patient: Case) -> None:
    for statement in all_statements(interpret(plain, patient)):
        assert statement.text == ""
        assert not any(r.text for r in statement.reasons)
        assert not any(m.text for m in statement.resolve)


@FEW
@given(patient=cases())
def test_words_change_no_statement(
    plain: ResponseEngine, reference: Reference, patient: Case
) -> None:
    """What is said in one language or another, or in none, is the same statement."""
    found = interpret(plain, patient)
    for language in ("en", "es"):
        said = Filler(Wording(reference, language)).interpretation(found)
        assert said == found
        assert all(s.text for s in all_statements(said))


@FEW
@given(patient=cases())
def test_no_two_statements_of_a_line_have_one_id(plain: ResponseEngine, patient: Case) -> None:
    result = interpret(plain, patient)
    for drug in result.drugs:
        ids = [s.statement_id for s in (*drug.statements, *drug.safety_notes)]
        assert len(ids) == len(set(ids)), drug.drug
        assert all(s.drugs == (drug.drug,) for s in drug.statements)
    for statements in (result.monogenic, *(c.statements for c in result.context)):
        ids = [s.statement_id for s in statements]
        assert len(ids) == len(set(ids))


def test_a_renamed_rule_keeps_the_ids_of_its_statements(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "reference"
    shutil.copytree(root / "reference", folder)
    rows = (folder / "drug_rules.tsv").read_text(encoding="utf-8").splitlines()
    old = rows[5].split("\t")[0]
    new = f"{old}-renamed"
    cells = rows[5].split("\t")
    column = rows[0].split("\t").index("first_id")
    cells[0], cells[column] = new, old
    rows[5] = "\t".join(cells)
    (folder / "drug_rules.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    conditions = folder / "drug_rule_conditions.tsv"
    lines = conditions.read_text(encoding="utf-8").splitlines()
    lines = [
        line.replace(f"{old}\t", f"{new}\t", 1) if line.startswith(f"{old}\t") else line
        for line in lines
    ]
    conditions.write_text("\n".join(lines) + "\n", encoding="utf-8")
    before = {r.first_id for r in ResponseEngine(load_reference(root / "reference")).rules.rules}
    engine = ResponseEngine(load_reference(folder))
    assert {r.first_id for r in engine.rules.rules} == before
    assert new in {r.rule_id for r in engine.rules.rules}


def test_every_value_of_a_statement_is_part_of_its_identity() -> None:
    for kind in (Statement, Reason):
        assert [f.name for f in fields(kind) if not f.compare] == ["text"]
