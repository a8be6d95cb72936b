"""The checks of the prediction models find what was changed in a copy of the tables."""

import shutil

import pytest

from epilepsy_pgx.reference.check import run_checks
from epilepsy_pgx.reference.checks import prediction

TABLES = (
    "amino_acid_distances",
    "isoforms",
    "paralogue_alignment",
    "prediction_accessions",
    "prediction_cohort",
    "prediction_models",
    "prediction_residues",
    "prediction_terms",
)
CHECKS = ("prediction-accession", "prediction-distance", "prediction-fit", "prediction-residue")


@pytest.fixture
def folder(root, tmp_path):
    """Return a copy of the tables that the checks read."""
    (tmp_path / "schemas").mkdir()
    shutil.copy(root / "reference/package.json", tmp_path)
    for name in TABLES:
        shutil.copy(root / f"reference/{name}.tsv", tmp_path)
        shutil.copy(root / f"reference/schemas/{name}.json", tmp_path / "schemas")
    return tmp_path


def found(folder):
    return {(p.check, p.column) for p in run_checks(folder, None, CHECKS)}


def edit(folder, table, column, value, row=1):
    path = folder / f"{table}.tsv"
    lines = [x.split("\t") for x in path.read_text(encoding="utf-8").splitlines()]
    lines[row][lines[0].index(column)] = value
    path.write_text("".join("\t".join(x) + "\n" for x in lines), encoding="utf-8")


def test_the_tables_as_they_are(folder):
    assert prediction.check_fit
    assert found(folder) == set()


@pytest.mark.parametrize(
    "edits",
    [
        {
            ("prediction_terms", "estimate", "4.2151"): ("prediction-fit", "estimate"),
            ("prediction_models", "onset_first", "0"): ("prediction-fit", "onset_first"),
            ("prediction_residues", "amino_acid", "Trp"): ("prediction-residue", "amino_acid"),
            ("amino_acid_distances", "first", "Val"): ("prediction-distance", "first"),
            ("prediction_accessions", "isoform", "other"): ("prediction-accession", "isoform"),
        },
        {
            ("prediction_terms", "cov_score", "0.001"): ("prediction-fit", "estimate"),
            ("prediction_models", "onset_last", "960"): ("prediction-fit", "onset_last"),
            ("prediction_residues", "paralogue_z", "0.49"): ("prediction-residue", "score"),
            ("prediction_residues", "residue", "3000"): ("prediction-residue", "amino_acid"),
        },
        {("prediction_cohort", "outcome", "no"): ("prediction-fit", "estimate")},
        {("prediction_models", "knots", "3|6|13"): ("prediction-fit", "estimate")},
    ],
)
def test_what_is_changed_is_found(folder, edits):
    for place in edits:
        edit(folder, *place)
    assert found(folder) == set(edits.values())


def test_rows_that_are_gone_are_found(folder):
    for table in ("prediction_terms", "amino_acid_distances"):
        path = folder / f"{table}.tsv"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(lines[:-1]), encoding="utf-8")
    assert found(folder) == {("prediction-fit", "estimate"), ("prediction-distance", "first")}


def test_a_cohort_without_both_outcomes_is_no_fit(folder):
    path = folder / "prediction_cohort.tsv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(x.replace("\tno\t", "\tyes\t") for x in lines), encoding="utf-8")
    assert ("prediction-fit", "model") in found(folder)
