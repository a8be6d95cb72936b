"""Limits of the quality checks, and of what counts as read."""

from collections.abc import Mapping

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import QualityLimit

LIMITS = (
    "call-maximum-bad",
    "call-minimum-passed",
    "callable-silent-bases",
    "coding-minimum-part",
    "common-variant-frequency",
    "identity-chance",
    "identity-difference-factor",
    "identity-differences",
    "identity-frequency",
    "identity-minimum-positions",
    "listed-minimum-part",
    "mixture-maximum",
    "mixture-minimum-depth",
    "mixture-minimum-positions",
    "mixture-skewed-maximum",
    "sex-depth-one-high",
    "sex-depth-one-low",
    "sex-depth-two-low",
    "sex-minimum-depth-records",
    "sex-minimum-haploid",
    "sex-minimum-heterozygous",
    "sex-minimum-heterozygous-part",
    "sex-minimum-variants",
)
"""Every limit that is applied."""


def read_limits(ref: Reference) -> Mapping[str, float]:
    """Return each limit of the quality checks by its name."""
    return {row.name: float(row.value) for row in ref.rows(QualityLimit)}


def limit_words(ref: Reference) -> Mapping[str, str]:
    """Return each limit as the table writes it."""
    return {row.name: str(row.value) for row in ref.rows(QualityLimit)}
