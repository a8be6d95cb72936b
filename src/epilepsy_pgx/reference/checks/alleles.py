"""Checks of named alleles, their definitions and their phenotypes."""

import itertools
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.package import Row

CORE_FREQUENCY = Decimal("0.01")
"""An allele at least this frequent over all 1000 Genomes samples is core."""


ROUNDING = Decimal("0.0001")


@dataclass(frozen=True)
class Definitions:
    """The definitions of one gene: which bases each named allele permits at each site."""

    alleles: dict[str, Row]
    """Alleles that a small-variant file can show."""
    sites: tuple[str, ...]
    permits: dict[str, tuple[frozenset[str], ...]]
    required: dict[str, frozenset[tuple[str, str]]]
    """(site, base) pairs that the allele must carry and the default lacks."""


def read_definitions(package: Package) -> dict[str, Definitions]:
    """Read the definitions of every gene with named alleles."""
    default = {r.need("site"): r.need("default_allele") for r in package.rows("sites")}
    named: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in package.rows("allele_sites"):
        if row["site"] in default:
            named[row.need("gene"), row.need("allele")][row.need("site")].add(row.need("base"))
    alleles: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in package.rows("alleles"):
        if row["structural"] != "yes":
            alleles[row.need("gene")][row.need("allele")] = row
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
    flagged: dict[str, list[Row]] = defaultdict(list)
    for row in package.rows("alleles"):
        if row["usual"] == "yes":
            flagged[row.need("gene")].append(row)
    for row in package.rows("genes"):
        gene = row.need("gene")
        if row["call_method"] != "diplotype":
            continue
        names = [r.need("allele") for r in flagged[gene]]
        if names != [row["usual_allele"]] or flagged[gene][0]["structural"] == "yes":
            yield package.problem(
                "usual-allele",
                "genes",
                row,
                "usual_allele",
                f"{row['usual_allele']} here, {' '.join(names) or 'none'} in alleles.tsv",
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
    defined = {(r["gene"], r["allele"]) for r in package.rows("allele_sites")}
    for row in package.rows("alleles"):
        structural = row["structural"] == "yes"
        has_sites = (row["gene"], row["allele"]) in defined
        for column in ("structural_kind", "seen_by"):
            if (row[column] is not None) != structural:
                yield package.problem(
                    "structural-declared",
                    "alleles",
                    row,
                    column,
                    row[column],
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
        default = {r.need("site"): r.need("default_allele") for r in package.rows("sites")}
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
            family = {allele, row["parent"], row["reported_as"]}
            strange = [
                a
                for a in matches
                if a not in family
                and definitions.alleles[a]["reported_as"] != row["reported_as"]
                and definitions.alleles[a]["parent"] != allele
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
                    rows[0]["reported_as"] == rows[1]["reported_as"]
                    or rows[0]["parent"] == second
                    or rows[1]["parent"] == first
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
            frequency = row["max_frequency"]
            common = frequency is not None and Decimal(frequency) >= CORE_FREQUENCY
            if common or row["amp_tier"] or row["usual"] == "yes":
                seeds.add(allele)
        shared = {site for a in seeds for site, _ in definitions.required[a]}
        for allele, row in definitions.alleles.items():
            may_be_core = any(site in shared for site, _ in definitions.required[allele])
            if row["max_frequency"] is None and allele not in seeds:
                yield package.problem(
                    "allele-tier",
                    "alleles",
                    row,
                    "max_frequency",
                    None,
                    "a frequency for a rare allele",
                    "Add the frequency and its source.",
                )
            elif allele in seeds and row["tier"] != "core":
                yield package.problem(
                    "allele-tier",
                    "alleles",
                    row,
                    "tier",
                    row["tier"],
                    f"core, by frequency {row['max_frequency']} or AMP tier",
                    "Correct the tier or the frequency.",
                )
            elif row["tier"] == "core" and allele not in seeds and not may_be_core:
                yield package.problem(
                    "allele-tier",
                    "alleles",
                    row,
                    "tier",
                    "core",
                    "rare: infrequent, in no AMP tier, sharing no site",
                    "Correct the tier or the frequency.",
                )
    for row in package.rows("alleles"):
        if (row["max_frequency"] is None) != (row["frequency_source"] is None):
            yield package.problem(
                "allele-tier",
                "alleles",
                row,
                "frequency_source",
                row["frequency_source"],
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
    known = {(r["site"], r["allele"]): r["frequency"] for r in package.rows("site_alleles")}
    for definitions in read_definitions(package).values():
        for allele, row in definitions.alleles.items():
            values = [known.get(pair) for pair in definitions.required[allele]]
            if row["usual"] == "yes" or not values or row["max_frequency"] is None:
                continue
            lowest = min((Decimal(v) for v in values if v is not None), default=None)
            if None not in values and Decimal(row.need("max_frequency")) != lowest:
                yield package.problem(
                    "allele-frequency",
                    "alleles",
                    row,
                    "max_frequency",
                    row["max_frequency"],
                    f"{lowest}, of its rarest base",
                    "Correct the frequency.",
                )
    sums: dict[tuple[str | None, str | None], Decimal] = defaultdict(Decimal)
    for row in package.rows("site_alleles"):
        source = (row["site"], row["frequency_source"])
        sums[source] += Decimal(row["frequency"] or 0)
        if sums[source] > 1 + ROUNDING:
            yield package.problem(
                "allele-frequency",
                "site_alleles",
                row,
                "frequency",
                f"{sums[source]} over the bases of {row['site']}",
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
    rows_of: dict[str, list[Row]] = defaultdict(list)
    for row in package.rows("phenotypes"):
        rows_of[row.need("gene")].append(row)
    functions: dict[str, set[str]] = defaultdict(set)
    values: dict[str, set[Decimal]] = defaultdict(set)
    for row in package.rows("alleles"):
        if row["function"]:
            functions[row.need("gene")].add(row.need("function"))
        if row["activity_value"]:
            values[row.need("gene")].add(Decimal(row.need("activity_value")))
    for gene_row in package.rows("genes"):
        gene, method = gene_row.need("gene"), gene_row["phenotype_method"]
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
        if method == "none" or gene_row["call_method"] != "diplotype":
            continue
        pairs: dict[tuple[str, str], list[Row]] = defaultdict(list)
        bands: list[tuple[Decimal, Decimal | None, Row]] = []
        for row in rows_of[gene]:
            if row["method"] == "function_pair" and row["function_1"] and row["function_2"]:
                first, second = sorted((row.need("function_1"), row.need("function_2")))
                pairs[first, second].append(row)
            elif row["method"] == "activity_score" and row["score_from"]:
                high = Decimal(row.need("score_to")) if row["score_to"] else None
                bands.append((Decimal(row.need("score_from")), high, row))
        yield from _check_pairs(package, gene_row, functions[gene], pairs, bool(bands))
        if bands or method == "activity_score" and not pairs:
            yield from _check_bands(package, gene_row, values[gene], bands)


def _check_pairs(
    package: Package,
    gene: Row,
    functions: set[str],
    pairs: dict[tuple[str, str], list[Row]],
    scored: bool,
) -> Found:
    for both, rows in pairs.items():
        for row in rows[1:]:
            yield package.problem(
                "phenotype-unique",
                "phenotypes",
                row,
                "phenotype",
                f"{gene['gene']} {' with '.join(both)} again",
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
                    f"no phenotype of {gene['gene']} for {first} with {second}",
                    "one row in phenotypes.tsv",
                    "Add the row.",
                )


def _check_bands(
    package: Package,
    gene: Row,
    values: set[Decimal],
    bands: list[tuple[Decimal, Decimal | None, Row]],
) -> Found:
    for a, b in itertools.combinations_with_replacement(sorted(values), 2):
        hits = [r for low, high, r in bands if low <= a + b and (high is None or a + b <= high)]
        if len(hits) != 1:
            yield package.problem(
                "phenotype-unique",
                "phenotypes",
                hits[1] if hits else None,
                "score_from",
                f"{len(hits)} bands of {gene['gene']} for a score of {a + b}",
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
    for row in package.rows("alleles"):
        if row["activity_value"]:
            values[row["gene"], row["function"]].add(Decimal(row.need("activity_value")))
    for row in package.rows("phenotypes"):
        if row["method"] != "function_pair" or row["activity_score"] is None:
            continue
        sums = {
            a + b
            for a in values[row["gene"], row["function_1"]]
            for b in values[row["gene"], row["function_2"]]
        }
        if sums and Decimal(row.need("activity_score")) not in sums:
            yield package.problem(
                "activity-sum",
                "phenotypes",
                row,
                "activity_score",
                row["activity_score"],
                " or ".join(str(s) for s in sorted(sums)),
                "Correct the score or the alleles' values.",
            )
