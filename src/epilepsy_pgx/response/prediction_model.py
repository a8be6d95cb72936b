"""Published models that tell two syndromes of one gene apart, as the tables hold them.

A model takes the age at the first seizure and a score of the variant: for a missense variant that
of its residue times the distance of the two amino acids, for one that cuts the protein short a
number of the model. What the publication does not cover is not computed: a residue whose score
was not published, an age that nobody of the cohort had, any other kind of variant.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.logistic import Array, design, with_interval
from epilepsy_pgx.protein import ProteinChange, ProteinEdit, ProteinKind, spell_out
from epilepsy_pgx.reference.genome import THREE
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import (
    ACCESSIONS_BY_MODEL,
    MODEL_TERMS,
    PEOPLE_BY_MODEL,
    RESIDUES_BY_MODEL,
    TERMS_BY_MODEL,
    AlignedProtein,
    AminoAcidDistance,
    IsoformNumbering,
    PublishedModel,
)
from epilepsy_pgx.vocabulary import PredictionStatus

TRUNCATING = "truncating"
"""What stands for the name of a variant that cuts the protein short, whichever it is."""
BANDS = 10
"""Bands of probability into which the cohort is counted."""

_CUTS = (ProteinKind.FRAMESHIFT, ProteinKind.START_LOST)
_WRITES = (ProteinKind.INSERTION, ProteinKind.DELINS)
_NO_PROTEIN = ("p.0", "p.0?")
_FRAMESHIFT = re.compile(r"fs", re.IGNORECASE)
_STOP = "Ter"


class VariantNameError(ValueError):
    """A protein change that cannot be read, or that is not one of the model's protein."""

    def __init__(self, found: str, expected: str, fix: str) -> None:
        super().__init__(found)
        self.found, self.expected, self.fix = found, expected, fix


@dataclass(frozen=True, slots=True)
class Numbering:
    """How the residues of an isoform are counted."""

    isoform: str | None
    """None for the main transcript."""
    first: int = 1
    """First residue, in the isoform's own numbers, that is numbered in another way."""
    codons: int = 0
    """What is added to such a number to get that of the main transcript."""

    def main(self, residue: int) -> int:
        """Return the number of a residue on the main transcript."""
        return residue + self.codons if residue >= self.first else residue


@dataclass(frozen=True, slots=True)
class Scored:
    """The score of a variant, or why it has none."""

    status: PredictionStatus
    score: float | None = None
    isoform: str | None = None
    """The isoform in whose numbers the name was read, if it is not the main one."""


@dataclass(frozen=True, slots=True)
class Bands:
    """The cohort, counted in bands of the probability that the model gives each person."""

    people: tuple[int, ...]
    cases: tuple[int, ...]
    """Those of them with the outcome."""


@dataclass(frozen=True, eq=False)
class PredictionModel:
    """A model, ready to be asked about arrays of patients."""

    row: PublishedModel
    coefficients: Array
    covariance: Array
    residues: Mapping[int, float]
    distances: Mapping[frozenset[str], int]
    protein: Mapping[int, str]
    """Amino acids of the main transcript, in three letters."""
    numberings: Mapping[str, Numbering]
    """By accession."""
    bands: Bands

    def predict(self, onset: Array, score: Array) -> tuple[Array, Array, Array]:
        """Return probabilities with the limits of their intervals.

        Any number is computed; `check_onset` says whether somebody of the cohort was that old.
        """
        matrix = design(onset, score, [float(k) for k in self.row.knots])
        return with_interval(matrix, self.coefficients, self.covariance)

    def check_onset(self, onset: Decimal | None) -> PredictionStatus:
        """Say whether an age at the first seizure is one that the model knows."""
        if onset is None:
            return PredictionStatus.NO_ONSET
        if not self.row.onset_first <= onset <= self.row.onset_last:
            return PredictionStatus.ONSET_OUTSIDE
        return PredictionStatus.COMPUTED

    @property
    def truncating(self) -> Scored:
        """The score of a variant that cuts the protein short."""
        return Scored(PredictionStatus.COMPUTED, float(self.row.truncating_score))

    def score(self, name: str) -> Scored:
        """Return the score of a protein change, named in three letters or in one.

        Without an accession a name is one of the main transcript. Only if another amino acid
        stands there is it read in the numbers of an isoform that has the one that is named.

        Raises
        ------
        VariantNameError
            If the name cannot be read, or does not fit the protein.
        """
        if name.strip().casefold() == TRUNCATING:
            return self.truncating
        numberings, plain = self._numberings(name)
        spelt = spell_out(_FRAMESHIFT.sub("fs", plain))
        change = ProteinChange.read(spelt)
        if spelt in _NO_PROTEIN:
            return self.truncating
        if len(change.edits) > 1:
            raise VariantNameError(
                "several changes in one cell", "one change", "Give the one that is the cause."
            )
        (edit,) = change.edits
        if change.kind is ProteinKind.OTHER or (
            edit.first is None and change.kind not in (ProteinKind.UNKNOWN, ProteinKind.UNCHANGED)
        ):
            raise VariantNameError(
                "a name that is no protein change",
                f"a change such as p.Arg1234Trp, or '{TRUNCATING}'",
                "Write it as HGVS has it.",
            )
        return self._score_edit(edit, numberings)

    def _numberings(self, name: str) -> tuple[tuple[Numbering, ...], str]:
        """Return how the residues of a name may be counted, and the name alone."""
        accession, _, plain = name.strip().rpartition(":")
        # A bare number may count on any isoform in use: the protein's own numbering goes first, and
        # the amino acid that is named decides among them.
        if not accession:
            others = {n for n in self.numberings.values() if n.isoform is not None}
            return (Numbering(None), *sorted(others, key=lambda n: n.isoform or "")), plain
        numbering = self.numberings.get(accession.split(".")[0].upper())
        if numbering is None:
            raise VariantNameError(
                "an accession that the model does not know",
                "one of: " + ", ".join(sorted(self.numberings)),
                f"Name the change on {self.row.transcript}, without an accession.",
            )
        return (numbering,), plain

    def _score_edit(self, edit: ProteinEdit, numberings: tuple[Numbering, ...]) -> Scored:
        last = len(self.protein)
        if edit.first is not None and not 1 <= edit.first <= last + 1:
            raise VariantNameError(
                f"residue {edit.first}", f"a residue of 1 to {last}", "Check the gene."
            )
        # The start codon codes for no residue that could be replaced: what changes it loses it.
        loses_start = edit.kind is ProteinKind.SUBSTITUTION and edit.first == 1
        if edit.kind in _CUTS or loses_start or (edit.stops and edit.before != _STOP):
            return self.truncating
        if edit.kind is not ProteinKind.SUBSTITUTION or _STOP in (edit.before, edit.after):
            return Scored(PredictionStatus.OTHER_KIND)
        return self._score_missense(edit, numberings)

    def _score_missense(self, edit: ProteinEdit, numberings: tuple[Numbering, ...]) -> Scored:
        assert edit.first is not None
        for numbering in numberings:
            residue = numbering.main(edit.first)
            if self.protein.get(residue) == edit.before:
                break
        else:
            there = self.protein.get(numberings[0].main(edit.first), "the stop codon")
            raise VariantNameError(
                f"{edit.before} at residue {edit.first}",
                f"{there}, as the protein of {self.row.gene} has it",
                f"Check the gene, and that the numbers are those of {self.row.transcript}.",
            )
        distance = self.distances.get(frozenset((edit.before, edit.after)))
        if distance is None:
            raise VariantNameError(
                f"'{edit.after}' as the new amino acid", "one of the twenty", "Check the name."
            )
        # The model is linear in the product of what the residue tolerates and how unlike the amino
        # acids are; without the one it says nothing, and nothing is put in its place.
        found = self.residues.get(residue)
        if found is None:
            return Scored(PredictionStatus.NO_RESIDUE_SCORE, isoform=numbering.isoform)
        return Scored(PredictionStatus.COMPUTED, found * distance, numbering.isoform)


def load_protein(ref: Reference, gene: str) -> dict[int, str]:
    """Return the amino acids of a protein of the alignment, in three letters, by residue."""
    (row,) = (r for r in ref.rows(AlignedProtein) if r.gene == gene)
    return {i: THREE[a] for i, a in enumerate(row.aligned.replace("-", ""), 1)}


def load_numberings(ref: Reference, row: PublishedModel) -> dict[str, Numbering]:
    """Return how each accession of a model counts the residues."""
    isoforms = {r.isoform: r for r in ref.rows(IsoformNumbering) if r.gene == row.gene}
    found = {}
    for accession in ref.grouped(ACCESSIONS_BY_MODEL)[row.model]:
        if accession.isoform is None:
            found[accession.accession] = Numbering(None)
            continue
        isoform = isoforms[accession.isoform]
        codons = -isoform.shift // 3
        first = (isoform.first - 1) // 3 + 1 - codons
        found[accession.accession] = Numbering(isoform.isoform, first, codons)
    return found


def load_model(ref: Reference, row: PublishedModel) -> PredictionModel:
    """Return a model of the tables."""
    terms = {str(t.term): t for t in ref.grouped(TERMS_BY_MODEL)[row.model]}
    coefficients = np.array([float(terms[t].estimate) for t in MODEL_TERMS])
    covariance = np.array(
        [[float(getattr(terms[t], f"cov_{other}")) for other in MODEL_TERMS] for t in MODEL_TERMS]
    )
    return PredictionModel(
        row,
        coefficients,
        covariance,
        {r.residue: float(r.score) for r in ref.grouped(RESIDUES_BY_MODEL)[row.model]},
        {frozenset((d.first, d.second)): d.distance for d in ref.rows(AminoAcidDistance)},
        load_protein(ref, row.gene),
        load_numberings(ref, row),
        _count_bands(ref, row, coefficients, covariance),
    )


def _count_bands(
    ref: Reference, row: PublishedModel, coefficients: Array, covariance: Array
) -> Bands:
    people = ref.grouped(PEOPLE_BY_MODEL)[row.model]
    matrix = design(
        [float(p.onset_months) for p in people],
        [float(p.score) for p in people],
        [float(k) for k in row.knots],
    )
    chance, _, _ = with_interval(matrix, coefficients, covariance)
    band = np.minimum((chance * BANDS).astype(int), BANDS - 1)
    cases = band[np.array([p.outcome for p in people])]
    return Bands(
        tuple(int(n) for n in np.bincount(band, minlength=BANDS)),
        tuple(int(n) for n in np.bincount(cases, minlength=BANDS)),
    )


def load_models(ref: Reference) -> dict[str, PredictionModel]:
    """Return the models of the tables by name."""
    return {row.model: load_model(ref, row) for row in ref.rows(PublishedModel)}
