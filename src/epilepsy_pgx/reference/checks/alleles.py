"""Checks of named alleles, their definitions and their phenotypes."""

import itertools
from collections import defaultdict
from decimal import Decimal

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.rows import (
    Allele,
    AlleleSite,
    CuratedSite,
    Gene,
    PhenotypeRule,
    SiteAllele,
)
from epilepsy_pgx.vocabulary import CallMethod

CORE_FREQUENCY = Decimal("0.01")
"""An allele at least this frequent over all 1000 Genomes samples is core."""

ROUNDING = Decimal("0.0001")


@dataclass(frozen=True)
class Definitions:
    """The definitions of one gene: which bases each named allele permits at each site."""

    alleles: dict[str, Allele]
    """Alleles that a small-variant file can show."""
    sites: tuple[str, ...]
    permits: dict[str, tuple[frozenset[str], ...]]
    required: dict[str, frozenset[tuple[str, str]]]
    """(site, base) pairs that the allele must carry and the default lacks."""


def read_definitions(package: Package) -> dict[str, Definitions]:
    """Read the definitions of every gene with named alleles."""
    default = {r.site: r.default_allele for r in package.rows(CuratedSite)}
    named: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in package.rows(AlleleSite):
        if row.site in default:
            named[row.gene, row.allele][row.site].add(row.base)
    alleles: dict[str, dict[str, Allele]] = defaultdict(dict)
    for allele_row in package.rows(Allele):
        if not allele_row.structural:
            alleles[allele_row.gene][allele_row.allele] = allele_row
    found = {}
    for gene, rows in alleles.items():
        sites = tuple(sorted({s for a in rows for s in named[gene, a]}))
        permits = {
            a: tuple(frozenset(named[gene, a].get(s) or {default[s]}) for s in sites) for a in rows
        }
        required = {
            a: frozenset(
                (s, next(iter(bases)))
                for s, bases in zip(sites, permits[a], strict=True)
                if len(bases) == 1 and default[s] not in bases
            )
            for a in rows
        }
        found[gene] = Definitions(rows, sites, permits, required)
    return found


@check(
    "usual-allele", "Each gene with named alleles has one usual allele.", needs=("genes", "alleles")
)
def check_usual(package: Package) -> Found:
    """Compare the genes' usual allele with the flags of the alleles."""
    flagged: dict[str, list[Allele]] = defaultdict(list)
    for row in package.rows(Allele):
        if row.usual:
            flagged[row.gene].append(row)
    for gene_row in package.rows(Gene):
        gene = gene_row.gene
        if gene_row.call_method is not CallMethod.DIPLOTYPE:
            continue
        names = [r.allele for r in flagged[gene]]
        if names != [gene_row.usual_allele] or flagged[gene][0].structural:
            yield package.problem(
                "usual-allele",
                "genes",
                gene_row,
                "usual_allele",
                f"{gene_row.usual_allele} here, {' '.join(names) or 'none'} in alleles.tsv",
                "one allele, the same in both tables",
                "Mark one non-structural allele as usual.",
            )


@check(
    "structural-declared",
    "A structural allele says its kind and who can see it, and has no defining sites.",
    needs=("alleles",),
)
def check_structural(package: Package) -> Found:
    """Look at the columns of structural alleles."""
    defined = {(r.gene, r.allele) for r in package.rows(AlleleSite)}
    for row in package.rows(Allele):
        structural = row.structural
        has_sites = (row.gene, row.allele) in defined
        for column, value in (("structural_kind", row.structural_kind), ("seen_by", row.seen_by)):
            if (value is not None) != structural:
                yield package.problem(
                    "structural-declared",
                    "alleles",
                    row,
                    column,
                    value,
                    "a value" if structural else "'.'",
                    "Only structural alleles have it, and all do.",
                )
        if structural and has_sites:
            yield package.problem(
                "structural-declared",
                "alleles",
                row,
                "structural",
                "yes",
                "no defining sites",
                "Remove the sites or the flag.",
            )


@check(
    "allele-reproduced",
    "The usual bases plus a definition give that named allele and no other.",
    needs=("alleles", "allele_sites", "sites"),
)
def check_reproduced(package: Package) -> Found:
    """Build the haplotype of each definition and ask which alleles it matches."""
    for gene, definitions in read_definitions(package).items():
        default = {r.site: r.default_allele for r in package.rows(CuratedSite)}
        for allele, row in definitions.alleles.items():
            own = definitions.permits[allele]
            built = [
                default[s] if default[s] in bases else min(bases)
                for s, bases in zip(definitions.sites, own, strict=True)
            ]
            matches = [
                a
                for a, permits in definitions.permits.items()
                if all(b in p for b, p in zip(built, permits, strict=True))
            ]
            family = {allele, row.parent, row.reported_as}
            strange = [
                a
                for a in matches
                if a not in family
                and definitions.alleles[a].reported_as != row.reported_as
                and definitions.alleles[a].parent != allele
            ]
            if strange:
                yield package.problem(
                    "allele-reproduced",
                    "alleles",
                    row,
                    "allele",
                    f"{gene}{allele}, which also matches {' '.join(strange)}",
                    "a definition that only this allele matches",
                    "Correct the definition, or declare the parent.",
                )


@check(
    "alleles-distinct",
    "No two alleles of a gene require the same bases, unless declared.",
    needs=("alleles", "allele_sites", "sites"),
)
def check_distinct(package: Package) -> Found:
    """Compare the required bases of every pair of alleles."""
    for gene, definitions in read_definitions(package).items():
        same: dict[frozenset[tuple[str, str]], list[str]] = defaultdict(list)
        for allele, required in definitions.required.items():
            same[required].append(allele)
        for alleles in same.values():
            for first, second in itertools.combinations(alleles, 2):
                rows = definitions.alleles[first], definitions.alleles[second]
                declared = (
                    rows[0].reported_as == rows[1].reported_as
                    or rows[0].parent == second
                    or rows[1].parent == first
                )
                if not declared:
                    yield package.problem(
                        "alleles-distinct",
                        "alleles",
                        rows[1],
                        "allele",
                        f"{gene}{second} with the bases of {first}",
                        "another definition, or a declared parent",
                        "Correct the definition or declare it.",
                    )


@check(
    "allele-tier",
    "A frequent or recommended allele is core; another may be core only if it "
    "shares a site with such an allele.",
    needs=("alleles", "allele_sites", "sites"),
)
def check_tier(package: Package) -> Found:
    """Recompute which alleles are core; a frequency must say where it comes from."""
    for definitions in read_definitions(package).values():
        seeds = set()
        for allele, row in definitions.alleles.items():
            frequency = row.max_frequency
            common = frequency is not None and frequency >= CORE_FREQUENCY
            if common or row.amp_tier or row.usual:
                seeds.add(allele)
        shared = {site for a in seeds for site, _ in definitions.required[a]}
        for allele, row in definitions.alleles.items():
            may_be_core = any(site in shared for site, _ in definitions.required[allele])
            if row.max_frequency is None and allele not in seeds:
                yield package.problem(
                    "allele-tier",
                    "alleles",
                    row,
                    "max_frequency",
                    None,
                    "a frequency for a rare allele",
                    "Add the frequency and its source.",
                )
            elif allele in seeds and row.tier != "core":
                yield package.problem(
                    "allele-tier",
                    "alleles",
                    row,
                    "tier",
                    row.tier,
                    f"core, by frequency {row.max_frequency} or AMP tier",
                    "Correct the tier or the frequency.",
                )
            elif row.tier == "core" and allele not in seeds and not may_be_core:
                yield package.problem(
                    "allele-tier",
                    "alleles",
                    row,
                    "tier",
                    "core",
                    "rare: infrequent, in no AMP tier, sharing no site",
                    "Correct the tier or the frequency.",
                )
    for row in package.rows(Allele):
        if (row.max_frequency is None) != (row.frequency_source is None):
            yield package.problem(
                "allele-tier",
                "alleles",
                row,
                "frequency_source",
                row.frequency_source,
                "a source with each frequency",
                "Say where the frequency comes from.",
            )


@check(
    "allele-frequency",
    "An allele is as frequent as its rarest base, and the bases of a site add up to one at most.",
    needs=("alleles", "site_alleles"),
)
def check_frequency(package: Package) -> Found:
    """Recompute bounds of frequency where every required base has one."""
    known = {(r.site, r.allele): r.frequency for r in package.rows(SiteAllele)}
    for definitions in read_definitions(package).values():
        for allele, row in definitions.alleles.items():
            values = [known.get(pair) for pair in definitions.required[allele]]
            if row.usual or not values or row.max_frequency is None:
                continue
            lowest = min((v for v in values if v is not None), default=None)
            if None not in values and row.max_frequency != lowest:
                yield package.problem(
                    "allele-frequency",
                    "alleles",
                    row,
                    "max_frequency",
                    row.max_frequency,
                    f"{lowest}, of its rarest base",
                    "Correct the frequency.",
                )
    sums: dict[tuple[str | None, str | None], Decimal] = defaultdict(Decimal)
    for base in package.rows(SiteAllele):
        source = (base.site, base.frequency_source)
        sums[source] += base.frequency or 0
        if sums[source] > 1 + ROUNDING:
            yield package.problem(
                "allele-frequency",
                "site_alleles",
                base,
                "frequency",
                f"{sums[source]} over the bases of {base.site}",
                "1 at most",
                "Correct the frequencies.",
            )


@check(
    "phenotype-unique",
    "Each pair of functions, or score, in use has exactly one phenotype.",
    needs=("genes", "alleles", "phenotypes"),
)
def check_phenotypes(package: Package) -> Found:
    """Look up every pair of functions and every sum of activity values that can occur."""
    rows_of: dict[str, list[PhenotypeRule]] = defaultdict(list)
    for row in package.rows(PhenotypeRule):
        rows_of[row.gene].append(row)
    functions: dict[str, set[str]] = defaultdict(set)
    values: dict[str, set[Decimal]] = defaultdict(set)
    for allele_row in package.rows(Allele):
        if allele_row.function:
            functions[allele_row.gene].add(allele_row.function)
        if allele_row.activity_value is not None:
            values[allele_row.gene].add(allele_row.activity_value)
    for gene_row in package.rows(Gene):
        gene, method = gene_row.gene, gene_row.phenotype_method
        expected = (
            "none" if not rows_of[gene] else ("activity_score" if values[gene] else "function_pair")
        )
        if method != expected:
            yield package.problem(
                "phenotype-unique",
                "genes",
                gene_row,
                "phenotype_method",
                method,
                f"{expected}, by the rows of phenotypes.tsv and the activity values",
                "Correct the method.",
            )
        if method == "none" or gene_row.call_method is not CallMethod.DIPLOTYPE:
            continue
        pairs: dict[tuple[str, str], list[PhenotypeRule]] = defaultdict(list)
        bands: list[tuple[Decimal, Decimal | None, PhenotypeRule]] = []
        for row in rows_of[gene]:
            if row.method == "function_pair" and row.function_1 and row.function_2:
                first, second = sorted((row.function_1, row.function_2))
                pairs[first, second].append(row)
            elif row.method == "activity_score" and row.score_from is not None:
                bands.append((row.score_from, row.score_to, row))
        yield from _check_pairs(package, gene_row, functions[gene], pairs, bool(bands))
        if bands or method == "activity_score" and not pairs:
            yield from _check_bands(package, gene_row, values[gene], bands)


def _check_pairs(
    package: Package,
    gene: Gene,
    functions: set[str],
    pairs: dict[tuple[str, str], list[PhenotypeRule]],
    scored: bool,
) -> Found:
    for both, rows in pairs.items():
        for row in rows[1:]:
            yield package.problem(
                "phenotype-unique",
                "phenotypes",
                row,
                "phenotype",
                f"{gene.gene} {' with '.join(both)} again",
                f"one row (line {rows[0].line})",
                "Remove one of the rows.",
            )
    if not scored:
        for first, second in itertools.combinations_with_replacement(sorted(functions), 2):
            if (first, second) not in pairs:
                yield package.problem(
                    "phenotype-unique",
                    "genes",
                    gene,
                    "gene",
                    f"no phenotype of {gene.gene} for {first} with {second}",
                    "one row in phenotypes.tsv",
                    "Add the row.",
                )


def _check_bands(
    package: Package,
    gene: Gene,
    values: set[Decimal],
    bands: list[tuple[Decimal, Decimal | None, PhenotypeRule]],
) -> Found:
    for a, b in itertools.combinations_with_replacement(sorted(values), 2):
        hits = [r for low, high, r in bands if low <= a + b and (high is None or a + b <= high)]
        if len(hits) != 1:
            yield package.problem(
                "phenotype-unique",
                "phenotypes",
                hits[1] if hits else None,
                "score_from",
                f"{len(hits)} bands of {gene.gene} for a score of {a + b}",
                "exactly one",
                "Correct the bands.",
            )


@check(
    "activity-sum",
    "The activity score of a function pair is the sum of its alleles' values.",
    needs=("alleles", "phenotypes"),
)
def check_sum(package: Package) -> Found:
    """Compare the scores of function pairs with the values of alleles of those functions."""
    values: dict[tuple[str | None, str | None], set[Decimal]] = defaultdict(set)
    for row in package.rows(Allele):
        if row.activity_value is not None:
            values[row.gene, row.function].add(row.activity_value)
    for rule in package.rows(PhenotypeRule):
        if rule.method != "function_pair" or rule.activity_score is None:
            continue
        sums = {
            a + b
            for a in values[rule.gene, rule.function_1]
            for b in values[rule.gene, rule.function_2]
        }
        if sums and rule.activity_score not in sums:
            yield package.problem(
                "activity-sum",
                "phenotypes",
                rule,
                "activity_score",
                rule.activity_score,
                " or ".join(str(s) for s in sorted(sums)),
                "Correct the score or the alleles' values.",
            )
