"""The numbers of docs/scn1a-prediction.md, from the tables."""

import numpy as np

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import MODEL_TERMS, AminoAcidDistance, ModelPerson, ModelResidue
from epilepsy_pgx.response.prediction_model import PredictionModel, load_models

AGES = (2, 4, 6, 8, 10, 12, 18, 24, 36)
SCORES = (0, 25, 50, 100, 150)


def numbers(ref: Reference) -> str:
    """Return the tables of the page."""
    model = load_models(ref)["scn1a"]
    lines = [*_facts(model, ref), "", *_terms(model), "", *_grid(model), "", *_bands(model)]
    return "".join(f"{line}\n" for line in lines)


def _facts(model: PredictionModel, ref: Reference) -> list[str]:
    row, people = model.row, ref.rows(ModelPerson)
    cut = [p for p in people if p.kind == "truncating"]
    cases = sum(p.outcome for p in people)
    distances = ref.rows(AminoAcidDistance)
    return [
        "| | |",
        "|---|---|",
        f"| training cohort | {len(people)} people, {cases} with Dravet syndrome |",
        f"| of them with a truncating variant | {len(cut)}, {sum(p.outcome for p in cut)} with "
        "Dravet syndrome |",
        f"| age at the first seizure | {row.onset_first} to {row.onset_last} months |",
        f"| knots | {', '.join(map(str, row.knots))} months |",
        f"| score of a truncating variant | {row.truncating_score} |",
        f"| residues with a score | {len(ref.rows(ModelResidue))} of {len(model.protein)} |",
        f"| pairs of amino acids | {len(distances)}, {sum(d.verified for d in distances)} of them "
        "as in the cohorts |",
    ]


def _terms(model: PredictionModel) -> list[str]:
    lines = ["| term | coefficient | standard error |", "|---|---:|---:|"]
    for index, term in enumerate(MODEL_TERMS):
        error = model.covariance[index, index] ** 0.5
        lines.append(f"| {term} | {model.coefficients[index]:.6f} | {error:.6f} |")
    return lines


def _grid(model: PredictionModel) -> list[str]:
    """Return probabilities with their intervals over ages and scores."""
    scores = (*SCORES, int(model.row.truncating_score))
    lines = [
        "Probability of Dravet syndrome (per cent, with interval) by age in months and score:",
        "",
        "| age | " + " | ".join(map(str, scores[:-1])) + " | truncating |",
        "|---:|" + "---:|" * len(scores),
    ]
    for age in AGES:
        told = model.predict(np.full(len(scores), float(age)), np.array(scores, dtype=float))
        cells = [
            f"{a:.0f} ({b:.0f}–{c:.0f})" for a, b, c in zip(*(100 * x for x in told), strict=True)
        ]
        lines.append(f"| {age} | " + " | ".join(cells) + " |")
    return lines


def _bands(model: PredictionModel) -> list[str]:
    """Return how many people of each band of probability had the outcome."""
    lines = [
        "How often it was right in the training cohort, as the picture of the report shows it:",
        "",
        "| probability | people | with Dravet syndrome |",
        "|---:|---:|---:|",
    ]
    for n, (people, cases) in enumerate(zip(model.bands.people, model.bands.cases, strict=True)):
        lines.append(f"| {10 * n} to {10 * n + 10} % | {people} | {cases} |")
    return lines
