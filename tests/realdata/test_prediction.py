"""The published predictions of a validation cohort, and the tables of how well they did."""

import csv
import io

import numpy as np
import pytest

from epilepsy_pgx.logistic import fit, probability, spline
from epilepsy_pgx.pipeline.prediction_table import predict_table
from epilepsy_pgx.reference.rows import ModelPerson
from epilepsy_pgx.response.prediction_model import load_models

pytestmark = pytest.mark.realdata

CUTS = (0.5, 0.6, 0.7, 0.8, 0.9)


@pytest.fixture(scope="module")
def model(reference):
    return load_models(reference)["scn1a"]


def read(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")), delimiter="\t"))


@pytest.fixture(scope="module")
def cohort(shared):
    """People of the validation cohort: onset, score, outcome; and their published predictions."""
    people = [p for p in read(shared / "facts/2026-11/scn1a_cohorts.tsv") if p["set"] != "training"]
    path = shared / "truth/scn1a_prediction_validation_1.tsv"
    rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8")), delimiter="\t")
    told = {row[1]: float(row[5]) for row in list(rows)[1:]}
    assert len(people) == len(told) == 203
    return people, np.array([told[p["sample"]] for p in people])


def figures(people):
    onset, score = (
        np.array([float(p[column]) for p in people]) for column in ("onset_months", "scn1a_score")
    )
    return onset, score, np.array([p["phenotype"] == "Dravet" for p in people])


def rates(chance, outcome):
    """Return sensitivity, specificity, predictive values and accuracy in per cent, by cut-off."""
    rows = []
    for cut in CUTS:
        called = chance >= cut
        rows.append(
            [
                called[outcome].mean(),
                1 - called[~outcome].mean(),
                outcome[called].mean(),
                1 - outcome[~called].mean(),
                (called == outcome).mean(),
            ]
        )
    return 100 * np.array(rows)


def published(path):
    """Return the rates of the first validation cohort: the first five rows, without intervals."""
    lines = [x.split("\t") for x in path.read_text(encoding="utf-8").splitlines()[2:7]]
    return np.array([[float(x) for x in cells[1::3]] for cells in lines])


def test_every_published_probability(model, cohort):
    people, told = cohort
    onset, score, _ = figures(people)
    assert 100 * model.predict(onset, score)[0] == pytest.approx(told, abs=0.00501)


def test_the_table_of_the_model(model, cohort, shared):
    onset, score, outcome = figures(cohort[0])
    found = rates(model.predict(onset, score)[0], outcome)
    assert found == pytest.approx(published(shared / "truth/scn1a_prediction_table1.txt"), abs=0.06)


def test_the_table_of_onset_alone(model, cohort, reference, shared):
    """The same cohort, knots and fit without the score give the supplement's table."""
    knots = [float(k) for k in model.row.knots]
    people = reference.rows(ModelPerson)

    def matrix(onset):
        return np.column_stack([np.ones(len(onset)), spline(onset, knots)])

    found, _ = fit(matrix([float(p.onset_months) for p in people]), [p.outcome for p in people])
    onset, _, outcome = figures(cohort[0])
    told = rates(probability(matrix(onset) @ found), outcome)
    path = shared / "truth/scn1a_prediction_etable1.txt"
    assert told == pytest.approx(published(path), abs=0.06)


def test_names_give_the_published_scores(model, cohort, reference, tmp_path):
    """Names with their accession give what was published, within the ages of the cohort."""
    people, told = cohort
    lines = ["sample\tonset_months\tprotein"]
    for person in people:
        accession = person["hgvs"].split(":")[0]
        missense = person["type"] == "Missense"
        name = f"{accession}:{person['protein']}" if missense else "truncating"
        lines.append(f"{person['sample']}\t{person['onset_months']}\t{name}")
    table, out = tmp_path / "in.tsv", tmp_path / "out.tsv"
    table.write_text("\n".join(lines), encoding="utf-8")
    assert predict_table(table, out, model, reference).problems == ()
    late = 0
    for row, person, published_value in zip(read(out), people, told, strict=True):
        if float(person["onset_months"]) > model.row.onset_last:
            assert row["status"] == "onset_outside_training_range"
            late += 1
        else:
            assert float(row["probability"]) == pytest.approx(published_value, abs=0.0001)
    assert late < 10
