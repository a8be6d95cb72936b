"""Records of the tables of published prediction models."""

from decimal import Decimal
from typing import ClassVar, Literal

from epilepsy_pgx.reference.rows.base import AtLeastOne, Index, TableRow

MODEL_TERMS = ("intercept", "onset", "onset_spline", "score")
"""The terms of a model, in the order of its design matrix."""


class PublishedModel(TableRow, frozen=True):
    """A published model that tells two syndromes of one gene apart."""

    TABLE: ClassVar[str] = "prediction_models"
    model: str
    gene: str
    transcript: str
    outcome: str
    alternative: str
    text_id: str
    knots: AtLeastOne[Decimal]
    onset_first: Decimal
    onset_last: Decimal
    truncating_score: Decimal
    source: str
    licence: str
    citations: tuple[str, ...]
    verified: bool


class ModelTerm(TableRow, frozen=True):
    """A coefficient of a model, with its covariance with each of them."""

    TABLE: ClassVar[str] = "prediction_terms"
    model: str
    term: Literal["intercept", "onset", "onset_spline", "score"]
    estimate: Decimal
    cov_intercept: Decimal
    cov_onset: Decimal
    cov_onset_spline: Decimal
    cov_score: Decimal


class ModelResidue(TableRow, frozen=True):
    """How much a residue is alike in the paralogues, as a model scores it."""

    TABLE: ClassVar[str] = "prediction_residues"
    model: str
    residue: int
    amino_acid: str
    paralogue_z: Decimal
    score: Decimal


class ModelPerson(TableRow, frozen=True):
    """A person of the cohort that a model was fitted to."""

    TABLE: ClassVar[str] = "prediction_cohort"
    model: str
    person: int
    outcome: bool
    onset_months: Decimal
    kind: Literal["missense", "truncating"]
    score: Decimal


class ModelAccession(TableRow, frozen=True):
    """An accession by which the protein of a model is numbered."""

    TABLE: ClassVar[str] = "prediction_accessions"
    model: str
    accession: str
    isoform: str | None
    source: str


class AminoAcidDistance(TableRow, frozen=True):
    """How unlike two amino acids are."""

    TABLE: ClassVar[str] = "amino_acid_distances"
    first: str
    second: str
    distance: int
    source: str
    citations: tuple[str, ...]
    verified: bool


TERMS_BY_MODEL = Index(ModelTerm, lambda r: r.model)
RESIDUES_BY_MODEL = Index(ModelResidue, lambda r: r.model)
PEOPLE_BY_MODEL = Index(ModelPerson, lambda r: r.model)
ACCESSIONS_BY_MODEL = Index(ModelAccession, lambda r: r.model)
