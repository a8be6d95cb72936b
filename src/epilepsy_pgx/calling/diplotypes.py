"""Find every pair of named alleles that explains the genotypes of a gene.

Work is done once per distinct genotype: a cohort of any size has a few hundred per gene.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.calling.definitions import UNDEFINED, GeneDefinition
from epilepsy_pgx.variants.sites import OTHER, UNKNOWN
from epilepsy_pgx.variants.store import UNPHASED

FILLING_LIMIT = 512
"""Above this many ways to fill the missing core sites, UNDEFINED counts as possible."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PairCall:
    """The result for one distinct genotype of one gene."""

    pairs: tuple[Pair, ...]
    """Sorted candidates; a pair with UNDEFINED stands for haplotypes without a name. Empty if
    no core site was assessed."""
    not_excluded: tuple[str, ...]
    phase_assumed: bool
    missing: tuple[str, ...]
    """Names of the sites that carry no usable genotype."""
    core_missing: bool


@dataclass(frozen=True)
class DistinctGenotypes:
    """Genotypes of one gene over many samples, each distinct one once.

    `codes` int8 [distinct, site, 2], `phase` int32 [distinct, site], `member` [sample].
    """

    codes: NDArray[np.int8]
    phase: NDArray[np.int32]
    member: NDArray[np.intp]


def distinct_genotypes(
    codes: NDArray[np.int8], phase: NDArray[np.int32]
) -> DistinctGenotypes:
    """Group samples with the same genotypes and phase.

    Parameters
    ----------
    codes
        int8 [site, sample, 2].
    phase
        int32 [site, sample]; -1 unphased.
    """
    ordered = np.sort(codes, axis=2)
    same = ordered[:, :, 0] == ordered[:, :, 1]
    loose = (phase == UNPHASED) | same
    alleles = np.where(loose[:, :, None], ordered, codes)
    sets = _rank_phase_sets(np.where(same, UNPHASED, phase))
    packed = np.concatenate(
        [
            np.ascontiguousarray(alleles.transpose(1, 0, 2)).reshape(codes.shape[1], -1),
            np.ascontiguousarray(sets.T.astype(np.int8)),
        ],
        axis=1,
    )
    packed = np.ascontiguousarray(packed)
    rows = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, member = np.unique(rows, return_index=True, return_inverse=True)
    return DistinctGenotypes(
        alleles[:, first].transpose(1, 0, 2), sets[:, first].T.astype(np.int32), member.ravel()
    )


def _rank_phase_sets(phase: NDArray[np.int32]) -> NDArray[np.int32]:
    """Rename the phase sets of each sample 1, 2, … in order of position; 0 stays global."""
    if not (phase > 0).any():
        return phase
    ranked = phase.copy()
    for sample in np.flatnonzero((phase > 0).any(axis=0)):
        names: dict[int, int] = {}
        for site, value in enumerate(phase[:, sample].tolist()):
            if value > 0:
                ranked[site, sample] = names.setdefault(value, min(len(names) + 1, 126))
    return ranked


def call_pairs(
    definition: GeneDefinition, codes: NDArray[np.int8], phase: NDArray[np.int32]
) -> PairCall:
    """Call one genotype.

    A missing site explains nothing and rules out nothing. If only rare alleles need it, it is
    read as the usual base and those alleles are listed in `not_excluded`; if a core allele
    needs it, every base is tried and the call widens. `UNDEFINED` is a candidate if some way
    to fill the missing core sites leaves the genotype unexplained.

    Parameters
    ----------
    codes
        int8 [site, 2].
    phase
        int32 [site]; -1 unphased, equal values share a phase.
    """
    phase = np.where(codes[:, 0] == codes[:, 1], np.int32(UNPHASED), phase)
    unknown = codes == UNKNOWN
    missing = unknown.any(axis=1)
    names = tuple(n for n, m in zip(definition.site_names, missing, strict=True) if m)
    core_missing = missing & definition.core_site
    if definition.core_site.any() and (unknown.all(axis=1) | ~definition.core_site).all():
        return PairCall((), (), False, names, True)
    filled = codes.copy()
    rare = missing & ~definition.core_site
    for side in (0, 1):
        plain = rare & unknown[:, side]
        filled[plain, side] = definition.usual_code[plain]
    named = _explain(definition, filled, phase)
    pairs = set(named)
    if core_missing.any():
        pairs |= _undefined_pairs(definition, filled, phase)
    elif not pairs:
        pairs.add(_undefined_pair(definition, filled, phase))
    excluded: tuple[str, ...] = ()
    if rare.any():
        open_pairs = _explain(definition, codes, phase)
        shown = {a for pair in pairs for a in pair}
        excluded = tuple(
            a for a in definition.alleles
            if definition.reported_as[a] not in shown
            and any(definition.reported_as[a] in pair for pair in open_pairs)
        )
    assumed = bool(named) and _phase_matters(definition, filled, phase)
    return PairCall(tuple(sorted(pairs, key=pair_order)), excluded, assumed, names,
                    bool(core_missing.any()))


def pair_order(pair: Pair) -> tuple[tuple[int, float, str], ...]:
    """Sort key that puts *2 before *10 and UNDEFINED last."""
    return tuple(allele_order(a) for a in pair)


def allele_order(allele: str) -> tuple[int, float, str]:
    """Sort key of one allele name."""
    if allele == UNDEFINED:
        return (2, 0.0, allele)
    digits = allele.lstrip("*").split("+")[0]
    number = ""
    for letter in digits:
        if letter.isdigit() or (letter == "." and number):
            number += letter
        else:
            break
    try:
        return (0, float(number), allele)
    except ValueError:
        return (1, 0.0, allele)


def _phase_groups(phase: NDArray[np.int32], codes: NDArray[np.int8]) -> list[NDArray[np.intp]]:
    """Sites whose two haplotypes can only be swapped together."""
    differs = codes[:, 0] != codes[:, 1]
    groups: list[NDArray[np.intp]] = []
    fixed = np.flatnonzero(~differs)
    if fixed.size:
        groups.append(fixed)
    for value in np.unique(phase[differs]):
        members = np.flatnonzero(differs & (phase == value))
        groups += [members] if value != UNPHASED else [np.array([m]) for m in members]
    return groups


def _fits(definition: GeneDefinition, codes: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Return bool [allele, site]: may the allele carry this base? Unknown bases fit all."""
    width = definition.permits.shape[2]
    listed = (codes >= 0) & (codes < width)
    safe = np.where(listed, codes, 0)
    fits = definition.permits[:, np.arange(codes.shape[0]), safe]
    result: NDArray[np.bool_] = np.where(listed, fits, codes == UNKNOWN)
    return result


def _explain(
    definition: GeneDefinition, codes: NDArray[np.int8], phase: NDArray[np.int32]
) -> set[Pair]:
    """Return the named pairs that explain a genotype."""
    one, two = _fits(definition, codes[:, 0]), _fits(definition, codes[:, 1])
    possible = np.flatnonzero(np.asarray((one | two).all(axis=1)))
    if not possible.size:
        return set()
    one, two = one[possible], two[possible]
    ok = np.ones((possible.size, possible.size), bool)
    for group in _phase_groups(phase, codes):
        first = np.asarray(one[:, group].all(axis=1))
        second = np.asarray(two[:, group].all(axis=1))
        ok &= (first[:, None] & second[None, :]) | (second[:, None] & first[None, :])
    pairs = set()
    for i, j in zip(*np.nonzero(ok), strict=True):
        if i <= j:
            names = (
                definition.reported_as[definition.alleles[possible[i]]],
                definition.reported_as[definition.alleles[possible[j]]],
            )
            pairs.add(_sorted_pair(names))
    return pairs


def _sorted_pair(names: Iterable[str]) -> Pair:
    first, second = sorted(names, key=allele_order)
    return first, second


def _undefined_pair(
    definition: GeneDefinition, codes: NDArray[np.int8], phase: NDArray[np.int32]
) -> Pair:
    """Keep the haplotype that has a name where phase shows which one that is."""
    differs = codes[:, 0] != codes[:, 1]
    sets = phase[differs].tolist()
    if len(sets) <= 1 or (len(set(sets)) == 1 and sets[0] != UNPHASED):
        for side in (0, 1):
            fits = np.asarray(_fits(definition, codes[:, side]).all(axis=1))
            named = {definition.reported_as[definition.alleles[i]] for i in np.flatnonzero(fits)}
            if len(named) == 1:
                return named.pop(), UNDEFINED
    return UNDEFINED, UNDEFINED


def _fillings(
    definition: GeneDefinition, codes: NDArray[np.int8], phase: NDArray[np.int32]
) -> Iterable[NDArray[np.int8]] | None:
    """Yield every way to fill the unknown bases with listed ones; None if there are too many."""
    open_sites = np.flatnonzero((codes == UNKNOWN).any(axis=1))
    choices: list[Sequence[tuple[int, int]]] = []
    total = 1
    for site in open_sites:
        bases = range(definition.code_count[site])
        first, second = codes[site].tolist()
        pairs = [
            (a, b)
            for a in (bases if first == UNKNOWN else (first,))
            for b in (bases if second == UNKNOWN else (second,))
        ]
        if phase[site] == UNPHASED and first == second == UNKNOWN:
            pairs = [(a, b) for a, b in pairs if a <= b]
        choices.append(pairs)
        total *= len(pairs)
        if total > FILLING_LIMIT:
            return None

    def fill() -> Iterable[NDArray[np.int8]]:
        for combination in product(*choices):
            full = codes.copy()
            for site, bases in zip(open_sites, combination, strict=True):
                full[site] = bases
            yield full

    return fill()


def _undefined_pairs(
    definition: GeneDefinition, codes: NDArray[np.int8], phase: NDArray[np.int32]
) -> set[Pair]:
    """Return the pairs with UNDEFINED over all ways to fill the missing sites."""
    ways = _fillings(definition, codes, phase)
    if ways is None:
        return {(UNDEFINED, UNDEFINED)}
    return {
        _undefined_pair(definition, full, phase)
        for full in ways
        if not _explain(definition, full, phase)
    }


def _phase_matters(
    definition: GeneDefinition, codes: NDArray[np.int8], phase: NDArray[np.int32]
) -> bool:
    """Return True if some arrangement of the unphased sites has no named pair."""
    differs = np.flatnonzero((codes[:, 0] != codes[:, 1]) & (codes != UNKNOWN).all(axis=1))
    groups: dict[int, list[int]] = {}
    for n, site in enumerate(differs.tolist()):
        key = int(phase[site])
        groups.setdefault(key if key != UNPHASED else -2 - n, []).append(site)
    if len(groups) < 2:
        return False
    sets = list(groups.values())
    if len(sets) > 10:
        return True
    settled = np.where(np.isin(np.arange(len(phase)), differs), 0, phase).astype(np.int32)
    for flips in product((False, True), repeat=len(sets) - 1):
        trial = codes.copy()
        for group, flip in zip(sets[1:], flips, strict=True):
            if flip:
                trial[group] = trial[group][:, ::-1]
        if not _explain(definition, trial, settled):
            return True
    return False


__all__ = [
    "OTHER", "DistinctGenotypes", "Pair", "PairCall", "allele_order", "call_pairs",
    "distinct_genotypes", "pair_order",
]
