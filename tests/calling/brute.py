"""A slow, plain twin of the diplotype caller, written from the definition of the problem."""

from functools import lru_cache
from itertools import product

UNKNOWN, UNPHASED = -1, -1


@lru_cache(maxsize=8)
def carried(definition) -> list[list[set[int]]]:
    """The codes that each allele may carry at each site."""
    return [
        [{c for c, allowed in enumerate(site) if allowed} for site in allele]
        for allele in definition.permits.tolist()
    ]


@lru_cache(maxsize=100_000)
def carriers(definition, codes) -> list[int]:
    """Alleles that may carry these bases, all on one chromosome; an unknown base fits any."""
    return [
        number
        for number, sites in enumerate(carried(definition))
        if all(c == UNKNOWN or c in allowed for c, allowed in zip(codes, sites, strict=True))
    ]


def arrangements(genotype, phase):
    """Every way to put the two bases of each site on two haplotypes that the phase allows."""
    keys = [
        "alike" if a == b else f"free{i}" if p == UNPHASED else f"set{p}"
        for i, ((a, b), p) in enumerate(zip(genotype, phase, strict=True))
    ]
    for flips in product((False, True), repeat=len(set(keys))):
        flip = dict(zip(sorted(set(keys)), flips, strict=True))
        yield (
            tuple(b if flip[k] else a for (a, b), k in zip(genotype, keys, strict=True)),
            tuple(a if flip[k] else b for (a, b), k in zip(genotype, keys, strict=True)),
        )


def completions(definition, genotype, sites):
    """Every way to put listed bases where one is unknown, at the sites given."""
    choices = []
    for site, pair in enumerate(genotype):
        known = range(definition.code_count[site])
        choices.append(
            [
                tuple(k if g == UNKNOWN else g for g, k in zip(pair, filled, strict=True))
                for filled in product(known, repeat=2)
            ]
            if UNKNOWN in pair and site in sites
            else [tuple(pair)]
        )
    yield from product(*choices)


def named_pairs(definition, genotype, phase) -> set[tuple[str, str]]:
    """Pairs of named alleles that explain a complete genotype."""
    found = set()
    for one, two in arrangements(genotype, phase):
        for a, b in product(carriers(definition, one), carriers(definition, two)):
            names = (definition.reported_as[definition.alleles[i]] for i in (a, b))
            found.add(tuple(sorted(names)))
    return found


def with_usual_bases(definition, genotype) -> list[tuple[int, int]]:
    """Return a genotype with the usual base where one is unknown that only rare alleles need."""
    return [
        pair
        if definition.core_site[site]
        else tuple(int(definition.wild_type_code[site]) if g == UNKNOWN else g for g in pair)
        for site, pair in enumerate(genotype)
    ]


def possibilities(definition, genotype, phase) -> tuple[set, bool, set]:
    """Return (named pairs, may be undefined, rare alleles not excluded)."""
    core = {s for s in range(len(genotype)) if definition.core_site[s]}
    rare = set(range(len(genotype))) - core
    plain = with_usual_bases(definition, genotype)
    pairs, undefined = set(), False
    for full in completions(definition, plain, core):
        found = named_pairs(definition, full, phase)
        pairs |= found
        undefined = undefined or not found
        if not found:
            reopened = [
                tuple(
                    UNKNOWN if g == UNKNOWN and s in rare else f
                    for g, f in zip(genotype[s], pair, strict=True)
                )
                for s, pair in enumerate(full)
            ]
            for again in completions(definition, reopened, rare):
                pairs |= named_pairs(definition, again, phase)
    open_pairs: set = set()
    if any(UNKNOWN in genotype[s] for s in rare):
        for full in completions(definition, genotype, core | rare):
            open_pairs |= named_pairs(definition, full, phase)
    shown = {a for p in pairs for a in p}
    return pairs, undefined, {a for p in open_pairs for a in p} - shown


def phase_matters(definition, genotype, phase) -> bool:
    """Return True if some arrangement has a haplotype without a name, whatever is unknown."""
    return any(
        not carriers(definition, one) or not carriers(definition, two)
        for one, two in arrangements(genotype, phase)
    )
