"""A variant as one sample carries it, before anyone says what it means."""

import re

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.genetics import PhaseSet, SymbolicAllele, SymbolicKind
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.trimming import left_align, trim
from epilepsy_pgx.variants.infoclass import FileAnnotation
from epilepsy_pgx.variants.representation import is_breakend, symbol_word
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.vocabulary import SiteStatus

LONGEST_SHIFT = 10_000
"""Bases over which an indel is moved to the left at most."""

_COPIES = re.compile(r"^CN(\d+)$")
_KINDS = frozenset(SymbolicKind)


@dataclass(frozen=True, slots=True)
class ObservedVariant:
    """One alternative allele in one sample."""

    sample: int
    """Column of the sample."""
    key: VariantKey
    """Normalised by `normalise_key`, in the build of the input."""
    copies: int
    """Copies of the alternative allele."""
    ploidy: int
    """Alleles in the genotype; 1 for a haploid call."""
    phase_sets: tuple[PhaseSet, ...]
    """The chromosome copies that carry the allele; empty where the input does not phase it."""
    haplotypes: tuple[int, ...]
    """0 and 1 for the sides of the genotype that show the allele, phased or not."""
    depth: int | None
    quality: int | None
    ref_reads: int | None
    alt_reads: int | None
    status: SiteStatus
    marked: bool = False
    """True for a call with `|` that is no phase over the chromosome: neighbours may be tied."""
    filters: tuple[str, ...] = ()
    info_class: str | None = None
    """The class of this allele in INFO, as written."""
    info_field: str = "INFO"
    """Field, and part of it, that the class comes from."""
    info_coding: str = "open"
    """What bare numbers in it mean: `clinvar`, `acmg`, or `open` if the file does not say."""
    info_fits: bool = True
    """False if it is not clear which allele of the record the class belongs to."""
    info_frequencies: tuple[tuple[str, str], ...] = ()
    """INFO field that the user named, and the population frequency of this allele in it."""
    end: int | None = None
    """Last 1-based position of a structural variant."""
    sv_type: str | None = None
    copy_number: int | None = None
    file_annotations: tuple[FileAnnotation, ...] = ()
    """What the file says of the consequence, for genes whose bases are not known here."""


@dataclass(frozen=True, slots=True)
class Change:
    """A spelled-out variant without the bases that REF and ALT share at either end."""

    start0: int
    end0: int
    """Reference bases replaced, 0-based and half-open. Equal to `start0` for an insertion, which
    comes before that base."""
    removed: str
    added: str


@dataclass(frozen=True, slots=True)
class Span:
    """A structural variant: the bases from `start0` to `end0`, 0-based and half-open."""

    kind: SymbolicKind
    chrom: str
    start0: int
    end0: int


def normalise_key(
    key: VariantKey,
    sequences: SequenceSource,
    *,
    end: int | None = None,
    sv_type: str | None = None,
    copy_number: int | None = None,
    ploidy: int = 2,
) -> VariantKey:
    """Return the one spelling under which a variant is known here.

    Small variants are trimmed and moved to the left as far as the installed sequence reaches
    (Tan, Abecasis and Kang 2015, doi 10.1093/bioinformatics/btv112). A symbolic allele becomes
    `<DEL:END=n>` or the like: POS is the base before its first base, `n` its last one. A copy
    number decides between deletion and duplication where the record leaves it open.

    Parameters
    ----------
    end
        Last 1-based position of a symbolic allele (INFO/END, or POS + |SVLEN|).
    sv_type
        INFO/SVTYPE.
    copy_number
        Copies of the interval in the sample (FORMAT/CN).
    ploidy
        Copies expected.
    """
    if key.symbolic is not None:
        return key
    word = symbol_word(key.alt)
    if word is not None:
        return _symbolic(key, word, end, sv_type, copy_number, ploidy)
    if is_breakend(key.alt):
        return _with_symbol(key, SymbolicKind.BND, key.pos)
    ref, alt = key.ref.upper(), key.alt.upper()
    if not (set(ref) <= set("ACGTN") and set(alt) <= set("ACGTN") and ref and alt):
        return key
    if len(ref) == len(alt) == 1:
        return key if (ref, alt) == (key.ref, key.alt) else VariantKey(key.chrom, key.pos, ref, alt)
    lowest = key.pos - LONGEST_SHIFT

    def base_at(position: int) -> str | None:
        if position < lowest:
            return None
        base = sequences.fetch(key.chrom, position - 1, position)
        return base if base != "N" else None

    if len(ref) == len(alt):
        pos, ref, alt = trim(key.pos, ref, alt, keep=1)
    else:
        pos, ref, alt = left_align(key.pos, ref, alt, base_at)
    return VariantKey(key.chrom, pos, ref, alt)


def _symbolic(
    key: VariantKey,
    word: str,
    end: int | None,
    sv_type: str | None,
    copy_number: int | None,
    ploidy: int,
) -> VariantKey:
    if match := _COPIES.match(word):
        copy_number = int(match.group(1)) if copy_number is None else copy_number
        word = "CNV"
    if word not in _KINDS:
        word = (sv_type or "CNV").split(":")[0].upper()
    kind = SymbolicKind(word) if word in _KINDS else SymbolicKind.CNV
    if kind is SymbolicKind.CNV and copy_number is not None and copy_number != ploidy:
        kind = SymbolicKind.DEL if copy_number < ploidy else SymbolicKind.DUP
    return _with_symbol(key, kind, end if end is not None else key.pos)


def _with_symbol(key: VariantKey, kind: SymbolicKind, end: int) -> VariantKey:
    symbol = SymbolicAllele(kind, end)
    return VariantKey(key.chrom, key.pos, "N", str(symbol), symbol)


def read_span(key: VariantKey) -> Span | None:
    """Return the interval of a symbolic allele, or None for one that is spelled out."""
    if key.symbolic is None:
        return None
    return Span(key.symbolic.kind, key.chrom, key.pos, max(key.symbolic.end, key.pos))


def read_change(key: VariantKey) -> Change:
    """Return what a spelled-out variant replaces."""
    return trim_change(key.pos - 1, key.ref, key.alt)


def trim_change(start: int, ref: str, alt: str) -> Change:
    """Return a replacement without the bases shared at either end, the last ones taken first."""
    start, ref, alt = trim(start, ref, alt)
    return Change(start, start + len(ref), ref, alt)
