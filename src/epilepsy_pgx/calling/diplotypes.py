"""Find every pair of named alleles that explains the genotypes of a gene.

Work is done once per distinct genotype: a cohort of any size has a few hundred per gene.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import compress, product
from operator import and_

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.calling.completions import Completions, complete_missing, set_bits
from epilepsy_pgx.calling.definitions import UNDEFINED, GeneDefinition
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.phenotypes import allele_order
from epilepsy_pgx.variants.sites import DOUBTFUL, OTHER, UNKNOWN
from epilepsy_pgx.variants.store import GLOBAL_PHASE, UNPHASED

SHOWN_COMPLETIONS = 8
"""Above this many ways without a name, which haplotype has one is not worked out."""
MOST_GROUPS = 10
"""Above this many groups of sites that can be swapped one by one, phase counts as needed: their
arrangements are not tried."""

Pair = tuple[str, str]
Compatible = tuple[tuple[int, int], ...]
"""Pairs of alleles that explain some bases, by index, the lower one first."""
Sides = tuple[int, int]
"""The set of the alleles that fit all bases of one haplotype, and that of the other."""


@dataclass(frozen=True, slots=True)
class DiplotypeCall:
    """The result for one distinct genotype of one gene."""

    pairs: tuple[Pair, ...]
    """Sorted candidates; a pair with UNDEFINED stands for haplotypes without a name. Empty if
    no core site was assessed."""
    not_excluded: tuple[str, ...]
    phase_assumed: bool
    missing: tuple[str, ...]
    """Names of the sites that carry no usable genotype."""
    core_missing: bool
    doubtful: bool = False
    """True if a failed call carries an allele that only rare alleles have."""


@dataclass(frozen=True)
class DistinctGenotypes:
    """Genotypes of one gene over many samples, each distinct one once.

    `codes` int8 [distinct, site, 2], `phase` int32 [distinct, site], `member` [sample].
    """

    codes: NDArray[np.int8]
    phase: NDArray[np.int32]
    member: NDArray[np.intp]


def distinct_genotypes(codes: NDArray[np.int8], phase: NDArray[np.int32]) -> DistinctGenotypes:
    """Group samples with the same genotypes and phase.

    Genotypes that differ only in the order of the haplotypes are the same where no phase, or one
    phase for the whole chromosome, ties them.

    Parameters
    ----------
    codes
        int8 [site, sample, 2].
    phase
        int32 [site, sample]; -1 unphased.

    Examples
    --------
    Three samples at two sites; `0/1` and `1/0` are one genotype where nothing is phased:

    >>> codes = np.array([[[0, 1], [1, 0], [1, 1]], [[0, 0], [0, 0], [0, 1]]], np.int8)
    >>> distinct_genotypes(codes, np.full((2, 3), UNPHASED, np.int32)).member.tolist()
    [0, 0, 1]
    """
    one, two = codes[:, :, 0], codes[:, :, 1]
    sets = _rank_phase_sets(np.where(one == two, UNPHASED, phase))
    falls = one > two
    # Which haplotype comes first says nothing. Let the first difference of each sample rise.
    whole = sets == GLOBAL_PHASE
    turned = np.take_along_axis(falls, whole.argmax(axis=0)[None, :], axis=0)
    swap = (falls & (sets == UNPHASED)) | (turned & whole)
    one, two = np.where(swap, two, one), np.where(swap, one, two)
    columns = np.concatenate([one, two, sets.astype(np.int8)])
    varied = columns[(columns != columns[:, :1]).any(axis=1)]
    # One more byte for each sample, so that a gene in which all are alike can be grouped too.
    packed = np.zeros((codes.shape[1], len(varied) + 1), np.int8)
    packed[:, 1:] = varied.T
    rows = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, member = np.unique(rows, return_index=True, return_inverse=True)
    alleles = np.stack([one[:, first].T, two[:, first].T], axis=2)
    return DistinctGenotypes(alleles, sets[:, first].T.astype(np.int32), member.ravel())


def _rank_phase_sets(phase: NDArray[np.int32]) -> NDArray[np.int32]:
    """Rename the phase sets of each sample 1, 2, … in order of position; 0 stays global."""
    numbered = phase > GLOBAL_PHASE
    if not numbered.any():
        return phase
    ranked = phase.copy()
    for sample in np.flatnonzero(numbered.any(axis=0)):
        names: dict[int, int] = {}
        for site in np.flatnonzero(numbered[:, sample]):
            # Within int8 for the packed rows; no gene has that many phase sets in practice.
            rank = min(len(names) + 1, 126)
            ranked[site, sample] = names.setdefault(int(phase[site, sample]), rank)
    return ranked


def call_pairs(
    definition: GeneDefinition, codes: NDArray[np.int8], phase: NDArray[np.int32]
) -> DiplotypeCall:
    """Call one genotype.

    A missing site explains nothing and rules out nothing. If only rare alleles need it, it is
    read as the usual base and those alleles are listed in `not_excluded`, unless the rest of
    the genotype has no name without them; if a core allele needs it, every base is tried and
    the call widens. `UNDEFINED` is a candidate if some way
    to fill the missing core sites leaves the genotype unexplained.

    Parameters
    ----------
    codes
        int8 [site, 2]. A site with `DOUBTFUL` is tried with every base, as if a core allele
        needed it.
    phase
        int32 [site]; -1 unphased, equal values share a phase.

    Examples
    --------
    >>> call_pairs(cyp3a5, without_rs776746, unphased).pairs
    (('*1', '*1'), ('*1', '*3'), ('*3', '*3'))
    """
    phase = np.where(codes[:, 0] == codes[:, 1], np.int32(UNPHASED), phase)
    doubtful = (codes == DOUBTFUL).any(axis=1)
    codes = np.where(codes == DOUBTFUL, np.int8(UNKNOWN), codes)
    unknown = codes == UNKNOWN
    missing = unknown.any(axis=1)
    names = tuple(compress(definition.site_names, missing.tolist()))
    core_missing = missing & (definition.core_site | doubtful)
    # No core site was read: any call would rest on absent data.
    if definition.core_site.any() and (unknown.all(axis=1) | ~definition.core_site).all():
        return DiplotypeCall((), (), False, names, True)
    filled = codes.copy()
    rare = missing & ~core_missing
    for side in (0, 1):
        plain = rare & unknown[:, side]
        filled[plain, side] = definition.wild_type_code[plain]
    parts = _haplotypes(definition, codes, phase)
    opened = tuple(_pairs(parts)) if rare.any() else None
    if unknown[rare].all():
        # To read missing sites as the usual base is to ask for alleles that carry it there.
        usual = definition.carriers_of(np.flatnonzero(rare), definition.wild_type_code[rare])
        known = tuple(_pairs([*parts, (usual, usual)]))
    else:
        known = _compatible(definition, filled, phase)
    pairs = _names(definition, known)
    if core_missing.any() or not pairs:
        pairs |= _leftovers(definition, filled, phase, unknown & rare[:, None], known, opened)
    some_named = any(UNDEFINED not in pair for pair in pairs)
    assumed = some_named and _phase_matters(definition, filled, phase)
    return DiplotypeCall(
        tuple(sorted(pairs, key=pair_order)),
        () if opened is None else _beyond(definition, opened, pairs),
        assumed,
        names,
        bool((missing & definition.core_site).any()),
        bool((doubtful & ~definition.core_site).any()),
    )


def pair_order(pair: Pair) -> tuple[tuple[int, float, str], ...]:
    """Sort key that puts *2 before *10 and UNDEFINED last."""
    return tuple(allele_order(a) for a in pair)


def _haplotypes(
    definition: GeneDefinition, codes: NDArray[np.int8], phase: NDArray[np.int32]
) -> list[Sides]:
    """Return what fits the two haplotypes, in parts that can be swapped one by one."""
    unlike = codes[:, 0] != codes[:, 1]
    alike = np.flatnonzero(~unlike)
    same = definition.carriers_of(alike, codes[alike, 0])
    parts = [(same, same)]
    for members in _phase_groups(np.flatnonzero(unlike), phase):
        first, second = codes[members].T
        parts.append(
            (definition.carriers_of(members, first), definition.carriers_of(members, second))
        )
    return parts


def _phase_groups(sites: NDArray[np.intp], phase: NDArray[np.int32]) -> list[NDArray[np.intp]]:
    """Group sites whose two haplotypes can only be swapped together."""
    groups: dict[int, list[int]] = {}
    for n, (site, value) in enumerate(zip(sites.tolist(), phase[sites].tolist(), strict=True)):
        # An unphased site is a group of its own, numbered below every phase set.
        groups.setdefault(value if value != UNPHASED else UNPHASED - 1 - n, []).append(site)
    return [np.array(members) for members in groups.values()]


def _pairs(parts: Sequence[Sides]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of alleles that fit all parts, each part in one order or the other."""
    # Sets of alleles are the bits of an integer: one AND serves the whole gene.
    possible = reduce(and_, (first | second for first, second in parts))
    for left in set_bits(possible):
        # Each pair once: the partner's index is at least `left`.
        partners = possible >> left << left
        for first, second in parts:
            fitting = second if first >> left & 1 else 0
            if second >> left & 1:
                fitting |= first
            partners &= fitting
        for right in set_bits(partners):
            yield left, right


def _compatible(
    definition: GeneDefinition, codes: NDArray[np.int8], phase: NDArray[np.int32]
) -> Compatible:
    """Return which pairs of alleles explain the known bases."""
    return tuple(_pairs(_haplotypes(definition, codes, phase)))


def _names(definition: GeneDefinition, known: Iterable[tuple[int, int]]) -> set[Pair]:
    return {_sorted_pair(definition.names[i] for i in pair) for pair in known}


def _sorted_pair(names: Iterable[str]) -> Pair:
    first, second = sorted(names, key=allele_order)
    return first, second


def _beyond(definition: GeneDefinition, opened: Compatible, pairs: set[Pair]) -> tuple[str, ...]:
    """Return the alleles of pairs that are possible and not among the candidates."""
    shown = {a for pair in pairs for a in pair}
    possible = {definition.names[i] for pair in opened for i in pair} - shown
    return tuple(
        a for a, name in zip(definition.alleles, definition.names, strict=True) if name in possible
    )


def _undefined_pair(
    definition: GeneDefinition, codes: NDArray[np.int8], phase: NDArray[np.int32]
) -> Pair:
    """Keep the haplotype that has a name where phase shows which one that is."""
    differs = codes[:, 0] != codes[:, 1]
    sets = phase[differs].tolist()
    if len(sets) <= 1 or (len(set(sets)) == 1 and sets[0] != UNPHASED):
        for side in (0, 1):
            fits = definition.carriers_of(np.arange(len(codes)), codes[:, side])
            named = {definition.names[i] for i in set_bits(fits)}
            if len(named) == 1:
                return named.pop(), UNDEFINED
    return UNDEFINED, UNDEFINED


def _leftovers(
    definition: GeneDefinition,
    codes: NDArray[np.int8],
    phase: NDArray[np.int32],
    reopened: NDArray[np.bool_],
    known: Compatible,
    opened: Compatible | None,
) -> set[Pair]:
    """Return what else is possible where some way to fill the missing core sites has no name.

    Such a way gives a pair with UNDEFINED, and the rare alleles that explain it if the missing
    sites of rare alleles may carry any base.

    Parameters
    ----------
    reopened
        bool [site, 2]: missing bases that only rare alleles need.
    known, opened
        Pairs that explain the known bases, with the missing sites of rare alleles read as the
        usual base, and with those sites free; None if no such site is missing.
    """
    completions = complete_missing(definition, codes)
    if completions is None:
        return {(UNDEFINED, UNDEFINED)}
    if any((codes[i] != UNKNOWN).any() and phase[i] != UNPHASED for i in completions.sites):
        return _leftovers_one_by_one(definition, codes, phase, reopened, completions)
    nameless = completions.every
    for pair in known:
        nameless &= ~completions.explained_by(pair)
    found: set[Pair] = set()
    if nameless.bit_count() > SHOWN_COMPLETIONS:
        found.add((UNDEFINED, UNDEFINED))
    else:
        for number in set_bits(nameless):
            full = codes.copy()
            full[list(completions.sites)] = np.reshape(completions.ways[number], (-1, 2))
            found.add(_undefined_pair(definition, full, phase))
    if opened is not None and nameless:
        found |= _names(definition, (p for p in opened if nameless & completions.explained_by(p)))
    return found


def _leftovers_one_by_one(
    definition: GeneDefinition,
    codes: NDArray[np.int8],
    phase: NDArray[np.int32],
    reopened: NDArray[np.bool_],
    completions: Completions,
) -> set[Pair]:
    """Do the same where a phased site has one base missing: phase ties it to other sites."""
    found: set[Pair] = set()
    for way in completions.ways:
        full = codes.copy()
        full[list(completions.sites)] = way
        if not _compatible(definition, full, phase):
            found.add(_undefined_pair(definition, full, phase))
            if reopened.any():
                free = np.where(reopened, np.int8(UNKNOWN), full)
                found |= _names(definition, _compatible(definition, free, phase))
    return found


def _phase_matters(
    definition: GeneDefinition, codes: NDArray[np.int8], phase: NDArray[np.int32]
) -> bool:
    """Return True if some arrangement of the unphased sites has no named pair."""
    parts = _haplotypes(definition, codes, phase)
    # One group of sites has one arrangement.
    if len(parts) < 3:
        return False
    if len(parts) - 1 > MOST_GROUPS:
        return True
    # The first group stays put: to turn all of them gives the same pair.
    alike, fixed, *free = parts
    for turned in product((False, True), repeat=len(free)):
        one, two = fixed
        for (first, second), turn in zip(free, turned, strict=True):
            one &= second if turn else first
            two &= first if turn else second
        if not any(_pairs([alike, (one, two)])):
            return True
    return False


__all__ = [
    "OTHER",
    "DiplotypeCall",
    "DistinctGenotypes",
    "Pair",
    "allele_order",
    "call_pairs",
    "distinct_genotypes",
    "pair_order",
]
