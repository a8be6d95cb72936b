"""Checks of the published prediction models."""

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from epilepsy_pgx.errors import Problem
from epilepsy_pgx.logistic import NoFitError, design, fit
from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.genome import THREE
from epilepsy_pgx.reference.rows import (
    MODEL_TERMS,
    PEOPLE_BY_MODEL,
    TERMS_BY_MODEL,
    AlignedProtein,
    AminoAcidDistance,
    IsoformNumbering,
    ModelAccession,
    ModelResidue,
    PublishedModel,
)

_CLOSE = 1e-6
_TRANSFORM_CLOSE = 1e-5
"""The published transforms were made by a table of the normal distribution."""
_PAIRS = 20 * 19 // 2
_REFIT = "Run benchmarks/fit_prediction.py."


@check(
    "prediction-fit",
    "The coefficients of a model are those that its cohort gives, and its range of ages is theirs.",
    needs=("prediction_models", "prediction_terms", "prediction_cohort"),
)
def check_fit(package: Package) -> Found:
    """Fit each model to its cohort again."""
    for row in package.rows(PublishedModel):
        people = package.grouped(PEOPLE_BY_MODEL).get(row.model, ())
        ages = [p.onset_months for p in people]
        for column, told, edge in (
            ("onset_first", row.onset_first, min(ages, default=None)),
            ("onset_last", row.onset_last, max(ages, default=None)),
        ):
            if told != edge:
                yield package.problem(
                    "prediction-fit",
                    row.TABLE,
                    row,
                    column,
                    told,
                    f"{edge}, as the cohort has it",
                    "Correct the age.",
                )
        if people:
            yield from _refit(package, row)


def _refit(package: Package, row: PublishedModel) -> Iterator[Problem]:
    people = package.grouped(PEOPLE_BY_MODEL)[row.model]
    matrix = design(
        [float(p.onset_months) for p in people],
        [float(p.score) for p in people],
        [float(k) for k in row.knots],
    )
    try:
        found, covariance = fit(matrix, [p.outcome for p in people])
    except NoFitError as error:
        yield package.problem(
            "prediction-fit",
            row.TABLE,
            row,
            "model",
            str(error),
            "a cohort that can be fitted",
            ".",
        )
        return
    terms = {str(t.term): t for t in package.grouped(TERMS_BY_MODEL).get(row.model, ())}
    for index, term in enumerate(MODEL_TERMS):
        known = terms.get(term)
        fitted = [found[index], *covariance[index]]
        told = (
            []
            if known is None
            else [
                float(x)
                for x in (
                    known.estimate,
                    *(getattr(known, f"cov_{other}") for other in MODEL_TERMS),
                )
            ]
        )
        if known is None or not np.allclose(told, fitted, rtol=_CLOSE, atol=0):
            yield package.problem(
                "prediction-fit",
                "prediction_terms",
                known,
                "estimate",
                "no row" if known is None else known.estimate,
                f"{fitted[0]!r} for '{term}'",
                _REFIT,
            )


@check(
    "prediction-residue",
    "A residue score stands at the amino acid that the protein has, and is the transform of its z.",
    needs=("prediction_models", "prediction_residues", "paralogue_alignment"),
)
def check_residues(package: Package) -> Found:
    """Compare the residues with the aligned protein of the gene."""
    proteins = {r.gene: r.aligned.replace("-", "") for r in package.rows(AlignedProtein)}
    genes = {r.model: r.gene for r in package.rows(PublishedModel)}
    for row in package.rows(ModelResidue):
        protein = proteins.get(genes.get(row.model, ""), "")
        there = THREE.get(protein[row.residue - 1 : row.residue], "no residue")
        if there != row.amino_acid:
            yield package.problem(
                "prediction-residue",
                row.TABLE,
                row,
                "amino_acid",
                row.amino_acid,
                f"{there}, as the aligned protein has it",
                "Check the numbering.",
            )
        transform = -np.log10(NormalDist().cdf(-float(row.paralogue_z)))
        if abs(transform - float(row.score)) > _TRANSFORM_CLOSE:
            yield package.problem(
                "prediction-residue",
                row.TABLE,
                row,
                "score",
                row.score,
                f"{transform:.9f}, minus the logarithm of the upper tail of {row.paralogue_z}",
                "Correct one of the two.",
            )


@check(
    "prediction-distance",
    "Each pair of amino acids has one distance, and the earlier of the two comes first.",
    needs=("amino_acid_distances",),
)
def check_distances(package: Package) -> Found:
    """Count the pairs."""
    rows = package.rows(AminoAcidDistance)
    for row in rows:
        if row.first >= row.second:
            yield package.problem(
                "prediction-distance",
                row.TABLE,
                row,
                "first",
                row.first,
                f"an amino acid before {row.second}",
                "Exchange the two.",
            )
    if len(rows) != _PAIRS:
        yield package.problem(
            "prediction-distance",
            AminoAcidDistance.TABLE,
            None,
            "first",
            f"{len(rows)} pairs",
            f"{_PAIRS}, all pairs of twenty amino acids",
            "Add the pairs that are missing.",
        )


@check(
    "prediction-accession",
    "The isoform of an accession is one of the gene of its model.",
    needs=("prediction_models", "prediction_accessions", "isoforms"),
)
def check_accessions(package: Package) -> Found:
    """Look up the isoforms."""
    known = {(r.gene, r.isoform) for r in package.rows(IsoformNumbering)}
    genes = {r.model: r.gene for r in package.rows(PublishedModel)}
    for row in package.rows(ModelAccession):
        gene = genes.get(row.model, "")
        if row.isoform is not None and (gene, row.isoform) not in known:
            yield package.problem(
                "prediction-accession",
                row.TABLE,
                row,
                "isoform",
                row.isoform,
                f"an isoform of {gene} in the isoforms table",
                "Correct the name.",
            )
