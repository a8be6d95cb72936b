"""Fit a published prediction model to its training cohort, and write its tables.

    python benchmarks/fit_prediction.py MODEL COHORTS.tsv

MODEL is a row of `prediction_models`, which holds the knots and the score of a truncating
variant. COHORTS.tsv has one person a row with the columns `set`, `sample`, `phenotype`,
`onset_months`, `hgvs`, `protein`, `type`, `paraz_score`, `transformed_paraz_score`, `scn1a_score`.
People of the set `training` become `prediction_cohort`, to which the coefficients of
`prediction_terms` are fitted; `prediction_residues` holds the score of every residue that somebody
of any set has a missense variant at, in the numbering of the main transcript.
"""

import csv
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from epilepsy_pgx.logistic import Array, design, fit
from epilepsy_pgx.protein import spell_out
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.rows import MODEL_TERMS, PublishedModel
from epilepsy_pgx.response.prediction_model import load_numberings, load_protein
from epilepsy_pgx.tsv import line

TABLES = Path(__file__).resolve().parents[1] / "reference"
OUTCOME = "Dravet"
KINDS = {"Missense": "missense", "PTV": "truncating"}

Person = Mapping[str, str]


def fit_people(people: Sequence[Person], knots: Sequence[float]) -> tuple[Array, Array]:
    """Return the coefficients of a cohort, and their covariance."""
    matrix = design(
        [float(p["onset_months"]) for p in people], [float(p["scn1a_score"]) for p in people], knots
    )
    return fit(matrix, [p["phenotype"] == OUTCOME for p in people])


def residue_scores(
    people: Iterable[Person], ref: Reference, row: PublishedModel
) -> dict[int, tuple[str, str, str]]:
    """Return amino acid, published z and its transform of each residue with a missense variant.

    A name that does not fit the protein in the numbering of its accession is passed over.
    """
    numberings, protein = load_numberings(ref, row), load_protein(ref, row.gene)
    found: dict[int, tuple[str, str, str]] = {}
    for person in people:
        if KINDS[person["type"]] != "missense":
            continue
        change = re.fullmatch(r"p\.([A-Z][a-z]{2})(\d+)[A-Z][a-z]{2}", spell_out(person["protein"]))
        if change is None:
            raise ValueError(f"no missense variant: {person['protein']}")
        numbering = numberings[person["hgvs"].split(":")[0].split(".")[0]]
        residue = numbering.main(int(change[2]))
        if protein.get(residue) != change[1]:
            continue
        scores = (change[1], person["paraz_score"], person["transformed_paraz_score"])
        if found.setdefault(residue, scores) != scores:
            raise ValueError(f"residue {residue} has two scores")
    return found


def _written(number: float) -> str:
    """Return a number as the tables write it."""
    return str(Decimal(repr(float(number))))


def _write(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = line(columns) + "".join(map(line, rows))
    (TABLES / f"{name}.tsv").write_text(text, encoding="utf-8")


def main(model: str, path: Path) -> None:
    """Write the three tables of a model."""
    ref = load_reference()
    row = next(r for r in ref.rows(PublishedModel) if r.model == model)
    with path.open(encoding="utf-8", newline="") as handle:
        people = list(csv.DictReader(handle, delimiter="\t"))
    trained = [p for p in people if p["set"] == "training"]
    found, covariance = fit_people(trained, [float(k) for k in row.knots])
    covariance = (covariance + covariance.T) / 2  # equal but for the last digit
    _write(
        "prediction_terms",
        ("model", "term", "estimate", *(f"cov_{t}" for t in MODEL_TERMS)),
        sorted(
            (model, term, _written(found[i]), *map(_written, covariance[i]))
            for i, term in enumerate(MODEL_TERMS)
        ),
    )
    _write(
        "prediction_residues",
        ("model", "residue", "amino_acid", "paralogue_z", "score"),
        (
            (model, str(residue), *scores)
            for residue, scores in sorted(residue_scores(people, ref, row).items())
        ),
    )
    _write(
        "prediction_cohort",
        ("model", "person", "outcome", "onset_months", "kind", "score"),
        (
            (
                model,
                p["sample"],
                "yes" if p["phenotype"] == OUTCOME else "no",
                p["onset_months"],
                KINDS[p["type"]],
                p["scn1a_score"],
            )
            for p in sorted(trained, key=lambda p: int(p["sample"]))
        ),
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
