"""Compare calls with published genotypes and with a peer, and write docs/concordance.md.

    python benchmarks/concordance.py FOLDER_OF_REAL_DATA

FOLDER holds `data/gvcf`, `truth/getrm.tsv` and `truth/pharmcat`.
"""

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from epilepsy_pgx.calling.definitions import UNDEFINED, GeneDefinition, define_gene
from epilepsy_pgx.calling.genes import call_genes
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.targets import Targets, load_targets
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild

ROOT = Path(__file__).resolve().parents[1]
ORACLES = ROOT / "tests" / "oracles"
GENES = ("CYP2C9", "CYP2C19", "CYP3A4", "CYP3A5", "UGT2B7", "CYP2B6", "SLCO1B1", "UGT1A1")
PEER_GENES = ("ABCG2", "CYP2B6", "CYP2C19", "CYP2C9", "CYP3A4", "CYP3A5", "SLCO1B1", "UGT1A1")
Pair = tuple[str, str]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))


def pair(one: str, two: str) -> Pair:
    first, second = sorted((one, two))
    return first, second


@dataclass(frozen=True)
class Names:
    """Published names and what they are called today."""

    table: Mapping[tuple[str, str], tuple[tuple[str, ...], str]]

    @classmethod
    def load(cls) -> "Names":
        return cls(
            {
                (r["gene"], r["published"]): (tuple(r["ours"].split("|")), r["reason"])
                for r in rows(ORACLES / "truth_names.tsv")
            }
        )

    def today(self, gene: str, name: str) -> tuple[str, ...]:
        """Return today's names; a letter after the number marks a suballele."""
        if (gene, name) in self.table:
            return self.table[gene, name][0]
        core = re.sub(r"^(\*\d+)[A-Z]$", r"\1", name)
        return (core,)


def published_pairs(gene: str, text: str, names: Names) -> set[Pair]:
    """Return every diplotype that a published genotype allows.

    Brackets mark an allele that not every platform saw: with it or without it.
    """
    halves = re.sub(r"\s", "", text).split("/")
    if len(halves) != 2:
        return set()
    sides = []
    for half in halves:
        inner = re.findall(r"\((.*?)\)", half)
        outer = re.sub(r"\(.*?\)", "", half)
        options = [*inner, outer] if outer else [*inner, *(["*1"] if len(inner) == 1 else [])]
        sides.append({n for o in options for n in names.today(gene, o)})
    return {pair(a, b) for a, b in product(*sides)}


def projected(definition: GeneDefinition, pairs: Iterable[Pair], sites: list[str]) -> set[object]:
    """Return the bases that diplotypes have at a panel's positions."""
    columns = [definition.site_names.index(s) for s in sites]
    seen: set[object] = set()
    for both in pairs:
        if UNDEFINED in both:
            continue
        halves = []
        for name in both:
            row = next(
                i
                for i, a in enumerate(definition.alleles)
                if name in (a, definition.reported_as[a])
            )
            halves.append(tuple(int(definition.permits[row, c].argmax()) for c in columns))
        seen.add(tuple(sorted(halves)))
    return seen


@dataclass(frozen=True)
class Comparison:
    """One sample and gene with a published genotype."""

    sample: str
    gene: str
    ours: tuple[str, ...]
    published: tuple[str, ...]
    verdict: str
    """`same`, `contained`, a reason from the closed list, or `unexplained`."""


def compare(
    sample: str,
    result: GeneResult,
    published: list[str],
    names: Names,
    definition: GeneDefinition,
    panels: list[tuple[str, list[str]]],
) -> Comparison:
    gene = result.gene
    ours = {pair(*d.alleles) for d in result.diplotypes}
    strict = {pair(*t.replace(" ", "").split("/")) for t in published if t.count("/") == 1}
    wanted = set().union(*(published_pairs(gene, t, names) for t in published))
    shown = tuple(sorted(set(published)))
    if ours & strict:
        verdict = "same" if len(ours) == 1 else "contained"
    elif ours & wanted:
        bracket = any("(" in t for t in published)
        verdict = "bracket or retired name" if bracket else "retired name"
        if len(ours) > 1:
            verdict += ", contained"
    else:
        verdict = "unexplained"
        for name, sites in panels:
            known = {p for p in wanted if set(p) <= set(definition.alleles)}
            if projected(definition, ours, sites) & projected(definition, known, sites):
                verdict = f"allele not on the panel ({name})"
                break
        if verdict == "unexplained" and not wanted & {
            p for p in wanted if all(a in definition.alleles for a in p)
        }:
            verdict = "allele without a definition today"
    return Comparison(sample, gene, result.shown, shown, verdict)


def call_file(
    path: Path, targets: Targets, ref: Reference, thresholds: Thresholds | None = None
) -> dict[str, dict[str, GeneResult]]:
    found = extract_group([path], None, None, targets, ref, thresholds or Thresholds())
    calls = call_genes(found.store, ref)
    return {
        sample: {g: c.results[c.member[i]] for g, c in calls.items()}
        for i, sample in enumerate(found.store.samples)
    }


def getrm(
    folder: Path, ref: Reference, targets: Targets, thresholds: Thresholds | None = None
) -> tuple[list[Comparison], dict]:
    names = Names.load()
    panels: dict[str, list[tuple[str, list[str]]]] = {}
    for r in rows(ORACLES / "panels.tsv"):
        panels.setdefault(r["gene"], []).append((r["panel"], r["sites"].split("|")))
    truth: dict[tuple[str, str], list[str]] = {}
    for r in rows(folder / "truth/getrm.tsv"):
        truth.setdefault((r["sample"], r["gene"]), []).append(r["truth"])
    definitions = {g: define_gene(ref, targets.sites, g) for g in GENES}
    results: dict[str, dict[str, GeneResult]] = {}
    for path in sorted((folder / "data/gvcf").glob("*.g.vcf.gz")):
        results |= call_file(path, targets, ref, thresholds)
    compared = [
        compare(
            sample, found[gene], truth[sample, gene], names, definitions[gene], panels.get(gene, [])
        )
        for sample, found in results.items()
        for gene in GENES
        if (sample, gene) in truth
    ]
    return compared, results


def _peer_name(name: str) -> str:
    return {"rs2231142 reference (G)": "Reference", "rs2231142 variant (T)": "rs2231142"}.get(
        name, name.split(".")[0] if name.startswith("*45.") else name
    )


def _peer_pairs(text: str) -> set[Pair]:
    found = set()
    for one in re.split(r" OR |;|\|", text):
        if "/" in one and "Unknown" not in one:
            a, b = one.strip().split("/")
            found.add(pair(_peer_name(a), _peer_name(b)))
    return found


def peer_pairs(folder: Path, ref: Reference, targets: Targets) -> dict[str, Counter]:
    """Every pair of named alleles, phased and unphased, against the peer's calls."""
    wanted = {r["sample"]: r for r in rows(folder / "truth/pharmcat/pairs_calls.tsv")}
    counts: dict[str, Counter] = {}
    for path in sorted((folder / "truth/pharmcat/pairs").glob("*.vcf")):
        form = path.name.split(".")[0]
        gene = path.name.split(".")[1].split("-")[0]
        count = counts.setdefault(f"{form} {gene}", Counter())
        for sample, found in call_file(path, targets, ref).items():
            row = wanted[sample]
            ours = {pair(*d.alleles) for d in found[gene].diplotypes}
            intended = pair(_peer_name(row["allele1"]), _peer_name(row["allele2"]))
            if form == "phased":
                count["exact" if ours == {intended} else "other"] += 1
                if ours != {intended}:
                    count[f"{row['allele1']}/{row['allele2']} gave {sorted(ours)[:3]}"] += 1
            else:
                count["contained" if intended in ours else "other"] += 1
                peers = _peer_pairs(row["unphased_calls"])
                count["peer's call among ours"] += bool(peers & ours)
                count["single"] += len(ours) == 1
    return counts


def peer_samples(folder: Path, ref: Reference, targets: Targets) -> dict[str, Counter]:
    """496 samples in three forms of the same input."""
    counts: dict[str, Counter] = {}
    for form, table in (("ref", "calls"), ("unphased", "calls_unphased"), ("asis", "calls_asis")):
        path = folder / f"truth/pharmcat/1kgp15.{form}.vcf.gz"
        ours = call_file(path, targets, ref)
        for row in rows(folder / f"truth/pharmcat/{table}.tsv"):
            if row["gene"] not in PEER_GENES or row["sample"] not in ours:
                continue
            result = ours[row["sample"]][row["gene"]]
            mine = {pair(*d.alleles) for d in result.diplotypes}
            named = {p for p in mine if UNDEFINED not in p}
            peer = _peer_pairs(row["source_diplotypes"])
            count = counts.setdefault(f"{form} {row['gene']}", Counter())
            count[_peer_kind(peer, named, result)] += 1
    return counts


def _peer_kind(peer: set[Pair], named: set[Pair], result: GeneResult) -> str:
    """Say in which way our candidates and the peer's differ."""
    if named == peer:
        return "same"
    if not peer:
        return "not called by the peer, undefined here" if not named else "called here alone"
    ours = {a for p in named for a in p}
    theirs = {a for p in peer for a in p}
    if peer < named:
        return (
            "wider here: a position that a common allele needs is missing"
            if (result.missing_sites)
            else "wider here: all named pairs are kept, the peer ranks them"
        )
    if theirs <= ours | set(result.not_excluded):
        return "the peer's further ties are rare alleles, here listed as not excluded"
    return "different"


def two_builds(folder: Path, ref: Reference) -> dict[str, Counter]:
    """Sort the differences between the panels of the two builds into closed classes.

    `phase`: the bases are the same, their arrangement is not; `genotype`: a base differs at a
    position that both panels hold; `position absent`: one panel lacks a position of the gene.
    """
    stores = {}
    for build in GenomeBuild:
        path = folder / f"data/cohort_1kgp.{build.value}.vcf.gz"
        stores[build] = extract_group(
            [path], None, None, load_targets(ref, build), ref, Thresholds()
        ).store
    old, new = stores[GenomeBuild.GRCH37], stores[GenomeBuild.GRCH38]
    column = {name: i for i, name in enumerate(new.samples)}
    both = [(i, column[name]) for i, name in enumerate(old.samples) if name in column]
    calls = {build: call_genes(store, ref) for build, store in stores.items()}
    bases = {build: store.usable() for build, store in stores.items()}
    counts: dict[str, Counter] = {}
    for gene in (*PEER_GENES, "UGT2B7", "CYP2D6"):
        definitions = {b: define_gene(ref, s.sites, gene) for b, s in stores.items()}
        names = definitions[GenomeBuild.GRCH38].site_names
        rows_of = {b: [s.sites.index[n] for n in names] for b, s in stores.items()}
        count = counts.setdefault(gene, Counter())
        for i, j in both:
            one = calls[GenomeBuild.GRCH37][gene]
            two = calls[GenomeBuild.GRCH38][gene]
            first, second = one.results[one.member[i]], two.results[two.member[j]]
            if first.shown == second.shown:
                count["same"] += 1
                continue
            a = bases[GenomeBuild.GRCH37][rows_of[GenomeBuild.GRCH37], i]
            b = bases[GenomeBuild.GRCH38][rows_of[GenomeBuild.GRCH38], j]
            seen = (a >= 0).all(axis=1) & (b >= 0).all(axis=1)
            if (np.sort(a[seen], axis=1) != np.sort(b[seen], axis=1)).any():
                count["genotype"] += 1
            elif ((a >= 0).all(axis=1) != (b >= 0).all(axis=1)).any():
                count["position absent"] += 1
            elif (a[seen] != b[seen]).any():
                count["phase"] += 1
            else:
                count["unexplained"] += 1
    return counts


def is_single(result: GeneResult) -> bool:
    """Say whether a result is one named pair."""
    return (
        len(result.shown) == 1
        and not result.unlisted
        and not any(UNDEFINED in pair for pair in result.diplotypes)
    )


def by_threshold(
    folder: Path, ref: Reference, targets: Targets, qualities: Iterable[int] = (1, 10, 20, 30)
) -> dict[int, dict[str, tuple[int, int]]]:
    """Return, by lowest genotype quality and gene, genomes with one pair, and unexplained ones."""
    counts = {}
    for quality in qualities:
        compared, results = getrm(folder, ref, targets, Thresholds(quality=quality))
        counts[quality] = {
            gene: (
                sum(is_single(r[gene]) for r in results.values()),
                sum(c.gene == gene and c.verdict == "unexplained" for c in compared),
            )
            for gene in GENES
        }
    return counts


def render(folder: Path) -> str:
    ref = load_reference(ROOT / "reference")
    targets = load_targets(ref, GenomeBuild.GRCH38)
    compared, results = getrm(folder, ref, targets)
    lines = [
        "# Concordance",
        "",
        "Written by `python benchmarks/concordance.py FOLDER` on the public samples named below.",
        "",
        "## 50 genomes with published genotypes (GeT-RM)",
        "",
        "GATK gVCF, 30x, GRCh38, unphased. *Single* counts the genomes with one candidate, "
        "*phenotype agrees* those whose candidates share one phenotype (or have none).",
        "",
        "| gene | published | same or contained | retired name or bracket | "
        "allele not on the panel | unexplained | single of 50 | phenotype agrees |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for gene in GENES:
        mine = [c for c in compared if c.gene == gene]
        kinds = Counter(
            "panel"
            if "panel" in c.verdict
            else "name"
            if "name" in c.verdict
            else "good"
            if c.verdict in ("same", "contained")
            else "bad"
            for c in mine
        )
        found = [r[gene] for r in results.values()]
        single = sum(is_single(r) for r in found)
        agree = sum(len(r.phenotypes) <= 1 for r in found)
        lines.append(
            f"| {gene} | {len(mine)} | {kinds['good']} | {kinds['name']} | {kinds['panel']} | "
            f"{kinds['bad']} | {single} | {agree} |"
        )
    counts = by_threshold(folder, ref, targets)
    lines += [
        "",
        "### One candidate, by the lowest genotype quality that counts",
        "",
        "Genomes with one candidate; in brackets those with an unexplained difference. 20 is "
        "the default. A quality of 1 or 2 at a reference block says that another genotype is "
        "almost as likely, as at rs2279343 of CYP2B6, where reads of CYP2B7 align.",
        "",
        "| gene | " + " | ".join(str(q) for q in counts) + " |",
        "|---|" + "---|" * len(counts),
    ]
    for gene in GENES:
        cells = [f"{n[gene][0]} ({n[gene][1]})" for n in counts.values()]
        lines.append(f"| {gene} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "### Every genome whose published genotype reads differently",
        "",
        "| gene | sample | called | published | why |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {c.gene} | {c.sample} | {' or '.join(c.ours)} | {' ; '.join(c.published)} | "
        f"{c.verdict} |"
        for c in compared
        if c.verdict not in ("same", "contained")
    ]
    lines += [
        "",
        "## Pairs of named alleles, against PharmCAT 3.1.1",
        "",
        "| input | gene | result |",
        "|---|---|---|",
    ]
    for name, count in sorted(peer_pairs(folder, ref, targets).items()):
        form, gene = name.split(" ")
        said = ", ".join(f"{k}: {v}" for k, v in sorted(count.items()))
        lines.append(f"| {form} | {gene} | {said} |")
    lines += [
        "",
        "## 496 genomes of 1000 Genomes in three forms, against PharmCAT 3.1.1",
        "",
        "`ref`: absent positions written as reference; `unphased`: the same without phase; "
        "`asis`: absent positions left out.",
        "",
        "| form | gene | result |",
        "|---|---|---|",
    ]
    for name, count in sorted(peer_samples(folder, ref, targets).items()):
        form, gene = name.split(" ")
        said = ", ".join(f"{k}: {v}" for k, v in sorted(count.items()))
        lines.append(f"| {form} | {gene} | {said} |")
    lines += [
        "",
        "## The 2,504 genomes that both 1000 Genomes panels hold",
        "",
        "GRCh37 phase 3 against GRCh38 30x: different sequencing, calling and phasing.",
        "",
        "| gene | same candidates | genotype | phase | position absent in one | unexplained |",
        "|---|---|---|---|---|---|",
    ]
    for gene, count in two_builds(folder, ref).items():
        cells = ("same", "genotype", "phase", "position absent", "unexplained")
        lines.append(f"| {gene} | " + " | ".join(str(count[c]) for c in cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    (ROOT / "docs/concordance.md").write_text(render(Path(sys.argv[1])), encoding="utf-8")
