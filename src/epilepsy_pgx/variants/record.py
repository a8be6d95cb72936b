"""What a decoded record is, and the limits that its genotypes are held against."""

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.errors import ConfigError, Problem
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.variants.infoclass import FileAnnotation, InfoClass
from epilepsy_pgx.variants.infofrequency import Frequencies, refuse_own_counts
from epilepsy_pgx.variants.representation import REF_BLOCK_ALTS, is_bases, is_breakend, symbol_word

REASON_NO_CALL, REASON_HALF, REASON_QUALITY, REASON_DEPTH, REASON_BALANCE = 2, 3, 4, 5, 6
REASON_FILTER, REASON_REF, REASON_CONFLICT, REASON_DECLARED = 7, 8, 9, 10
REASON_IMPUTED, REASON_PLOIDY, REASON_UNJUDGED = 11, 12, 13

PASSING_FILTERS = frozenset({"PASS", "RefCall", "REFCALL", "."})
"""`RefCall` is DeepVariant's word for a homozygous reference call, `REFCALL` that of Platypus."""


THRESHOLD_RANGES = {
    "quality": (0, 1000),
    "depth": (0, 100_000),
    "balance": (0, 0.5),
    "imputed_probability": (0, 1),
    "imputed_r2": (0, 1),
    "gencall_score": (0, 1),
    "other_reads": (0, 1),
}
"""Lowest and highest value of each limit; not a number is in none of them."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Below these a genotype counts as not seen.

    A record that states a kind of quality has to state it of the sample, in some field of that
    kind; else the genotype counts as below. What a record states in no form is not judged.
    """

    quality: int = 20
    depth: int = 8
    balance: float = 0.2
    """Smallest part of the reads that either allele of a heterozygous call must have."""
    imputed_probability: float = 0.9
    imputed_r2: float = 0.8
    class_field: str = "CLNSIG"
    """INFO field that holds an ACMG class."""
    frequency_fields: tuple[str, ...] = ()
    """INFO fields that hold the frequency of an allele in a population."""
    gencall_score: float = 0.15
    """Least GenCall score of a genotype from an array."""
    other_reads: float = 0.3
    """Largest part of the reads that may speak for another allele than those of a call of one."""

    def __post_init__(self) -> None:
        """Refuse limits that no genotype, or every genotype, would pass by mistake.

        Raises
        ------
        ConfigError
            With every limit that is not a number in its range, and every field that counts the
            samples of the file itself.
        """
        refuse_own_counts(self.frequency_fields)
        wrong = [
            Problem(
                ".",
                0,
                name,
                "threshold-range",
                f"{given} as {name.replace('_', ' ')}",
                f"a number from {low} to {high}",
                "Correct the option or the configuration.",
            )
            for name, (low, high) in THRESHOLD_RANGES.items()
            if not low <= (given := getattr(self, name)) <= high
        ]
        if wrong:
            raise ConfigError(wrong)


@dataclass(frozen=True, slots=True)
class Record:
    """One record, decoded: arrays over the samples of the file."""

    chrom: str
    pos: int
    end: int
    ref: str
    alts: tuple[str, ...]
    first: NDArray[np.int16]
    """Allele index on the first haplotype; -1 missing, -2 no second copy."""
    second: NDArray[np.int16]
    phase: NDArray[np.int32]
    bad: NDArray[np.uint8]
    """Reason code where the genotype is below a threshold, else 0."""
    depth: NDArray[np.int32]
    quality: NDArray[np.int32]
    ref_reads: NDArray[np.int32]
    alt_reads: NDArray[np.int32]
    filters: tuple[str, ...]
    info_classes: tuple[InfoClass | None, ...]
    """Class in INFO of each alternative allele."""
    sv_type: str | None
    copy_number: NDArray[np.int32] | None
    file_annotations: tuple[tuple[FileAnnotation, ...], ...] = ()
    """What the file says of the consequence of each alternative allele; empty if nothing."""
    silent: NDArray[np.bool_] | None = None
    """The samples of which the record says nothing, as where each has an end of its own."""
    judged: NDArray[np.bool_] | None = None
    """False where the genotype's quality or depth is not stated, or the reads by allele outside a
    block of reference; None if all are."""
    array: bool = False
    """True for genotypes of an array, which rule nothing out."""
    info_frequencies: tuple[Frequencies, ...] = ()
    """Population frequencies in INFO of each alternative allele; empty if none are read."""
    barred: NDArray[np.bool_] | None = None
    """True for calls with `|` that no set ties to others, in a file of local phase; None if none
    is."""
    unsized: bool = False
    """True for a segment of which neither END nor SVLEN says how far it goes."""
    beyond: NDArray[np.int16] | None = None
    """Allele indices [sample, copy] of genotypes of more than two copies; None if all have two."""
    plain: bool = False
    """True if every allele of every sample is known to be REF, missing or not there."""

    def carries(self, number: int) -> NDArray[np.bool_]:
        """Find the samples whose genotype has an allele, on whichever copy."""
        found: NDArray[np.bool_] = (self.first == number) | (self.second == number)
        return found if self.beyond is None else found | (self.beyond == number).any(axis=1)

    @property
    def spoken(self) -> NDArray[np.bool_] | np.bool_:
        """Of which samples the record speaks."""
        return np.True_ if self.silent is None else ~self.silent

    @property
    def is_structural(self) -> bool:
        """True if no alternative allele is spelled: the record is about no base that it spans."""
        alts = [a for a in self.alts if a not in REF_BLOCK_ALTS]
        return (
            bool(alts)
            and not any(is_bases(a) or a == "*" for a in alts)
            and any(symbol_word(a) is not None or is_breakend(a) for a in alts)
        )

    @property
    def is_block(self) -> bool:
        """True if the record only says that an interval is reference."""
        return all(a in REF_BLOCK_ALTS for a in self.alts)

    @property
    def counts_copies(self) -> bool:
        """True if the record is about the number of copies of an interval, and not about bases."""
        return self.is_block and (self.sv_type is not None or self.copy_number is not None)


def some(mask: NDArray[np.bool_]) -> bool:
    """Say whether any is true: for few samples several times as fast as the method of arrays."""
    return bool(np.count_nonzero(mask))


def further_copies(calls: NDArray[np.int16]) -> NDArray[np.int16] | None:
    """Return the copies [sample, copy] that some sample has; None if none has any."""
    held = (calls != -2).any(axis=0)
    return np.ascontiguousarray(calls[:, held], np.int16) if held.any() else None


_USUAL_COPIES = {"X": (1, 2), "Y": (0, 1)}
"""Copies that healthy people have, where these are not two."""


def unsized_carriers(record: Record) -> NDArray[np.bool_]:
    """Find the samples of which a segment without a size says that something is changed."""
    changed = changed_copies(record)
    for number, alt in enumerate(record.alts, 1):
        if alt not in REF_BLOCK_ALTS:
            changed |= record.carries(number)
    return changed


def changed_copies(record: Record) -> NDArray[np.bool_]:
    """Find the samples of which the copy number of a record says that something is lost or gained.

    Mitochondrial copies are not counted.
    """
    if record.copy_number is None or record.chrom == "MT":
        return np.zeros(len(record.first), bool)
    unusual = ~np.isin(record.copy_number, _USUAL_COPIES.get(record.chrom, (2,)))
    changed: NDArray[np.bool_] = (record.copy_number >= 0) & unusual
    return changed
