"""Checks of positions, bases and names of variants."""

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.genome import CODONS, is_iupac_free, translate
from epilepsy_pgx.reference.naming import (
    coding_change,
    genomic_change,
    protein_name,
    same_protein_name,
)
from epilepsy_pgx.reference.package import Row

BUILDS = ("GRCh38", "GRCh37")
NEIGHBOURS_MAY_DIFFER = 5
"""Bases within ten of a site that may differ between the builds; a wrong position gives more."""
_KEY = re.compile(r"([0-9]{1,2}|X|Y|MT)-([0-9]+)-([ACGT]+)-([ACGT]+)\Z")
_SIMPLE = re.compile(
    r"c\.[-*]?\d+([+-]\d+)?(_[-*]?\d+([+-]\d+)?)?"
    r"([ACGT]>[ACGT]|del|dup|ins[ACGT]+|delins[ACGT]+)\Z"
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A variant of some table in one build. `alts` is empty where the row gives none."""

    table: str
    row: Row
    column: str
    build: str
    gene: str | None
    chrom: str
    pos: int
    ref: str
    alts: tuple[str, ...]


def placed_variants(package: Package) -> Iterator[Placed]:
    """Return every variant that any table places on a build."""
    listed: dict[str, list[str]] = defaultdict(list)
    for row in package.rows("site_alleles"):
        listed[row.need("site")].append(row.need("allele"))
    for table in package.tables:
        columns = package.columns(table)
        for build in BUILDS:
            prefix = build.lower()
            if {"chrom", f"{prefix}_pos", f"{prefix}_ref"} <= columns:
                for row in package.rows(table):
                    if not (row["chrom"] and row[f"{prefix}_pos"] and row[f"{prefix}_ref"]):
                        continue
                    ref = row.need(f"{prefix}_ref")
                    alt = row.get(f"{prefix}_alt")
                    alts: tuple[str, ...] = (alt,) if alt else ()
                    if table == "sites":
                        alts = tuple(a for a in listed[row.need("site")] if a != ref)
                    yield Placed(
                        table,
                        row,
                        f"{prefix}_ref",
                        build,
                        row.get("gene"),
                        row.need("chrom"),
                        int(row.need(f"{prefix}_pos")),
                        ref,
                        alts,
                    )
            elif prefix in columns:
                for row in package.rows(table):
                    match = _KEY.match(row[prefix] or "")
                    if match:
                        yield Placed(
                            table,
                            row,
                            prefix,
                            build,
                            row.get("gene"),
                            match[1],
                            int(match[2]),
                            match[3],
                            (match[4],),
                        )


@check("ref-base", "REF is what the installed reference sequence of the build has there.")
def check_ref_base(package: Package) -> Found:
    """Compare REF with the slices, wherever they reach."""
    for v in placed_variants(package):
        bases = package.genome(v.build).bases(v.chrom, v.pos - 1, v.pos - 1 + len(v.ref))
        if bases is not None and bases != v.ref and "N" not in bases:
            yield package.problem(
                "ref-base",
                v.table,
                v.row,
                v.column,
                v.ref,
                f"{bases} at {v.build} {v.chrom}:{v.pos}",
                "Check strand, build and position.",
            )


@check(
    "coding-sequence",
    "An installed coding sequence starts, ends and reads through.",
    needs=("transcripts",),
)
def check_coding_sequence(package: Package) -> Found:
    """Translate the coding sequence of each gene whose exons are installed."""
    for build in BUILDS:
        genome = package.genome(build)
        rows = {r["gene"]: r for r in package.rows("transcripts") if r["build"] == build}
        for gene in genome.transcripts:
            coding = genome.coding_sequence(gene)
            if coding is None:
                continue
            protein = translate(coding)
            fault = None
            if len(coding) % 3:
                fault = f"{len(coding)} coding bases"
            elif CODONS.get(coding[:3]) != "M":
                fault = f"a coding sequence that starts with {coding[:3]}"
            elif protein[-1] != "*" or "*" in protein[:-1]:
                fault = f"a stop at codon {protein.find('*') + 1} of {len(protein)}"
            if fault:
                yield package.problem(
                    "coding-sequence",
                    "transcripts",
                    rows[gene],
                    "exon_starts",
                    f"{fault} in {build}",
                    "whole codons from Met to one stop",
                    "Check the exons and the slices.",
                )


@check("position-on-contig", "Positions lie on the chromosome of their build.", needs=("contigs",))
def check_position(package: Package) -> Found:
    """Compare positions with the lengths of chromosomes."""
    lengths = {
        (r.need("chrom"), r.need("build")): int(r.need("length")) for r in package.rows("contigs")
    }
    for v in placed_variants(package):
        length = lengths.get((v.chrom, v.build))
        if length is None or not 1 <= v.pos <= length:
            yield package.problem(
                "position-on-contig",
                v.table,
                v.row,
                v.column,
                f"{v.build} {v.chrom}:{v.pos}",
                "a chromosome of contigs.tsv and a position on it",
                "Correct chromosome or position.",
            )


@check("builds-agree", "The coordinates of the two builds name the same change.")
def check_builds(package: Package) -> Found:
    """Name each variant in both builds by its transcript and compare.

    Where a gene has no transcript, or the transcript does not reach the position, the bases
    around it are compared if they are installed. A REF that differs between the builds must be
    said in the row's note.
    """
    pairs: dict[tuple[str, int], dict[str, Placed]] = defaultdict(dict)
    for v in placed_variants(package):
        pairs[v.table, v.row.line][v.build] = v
    for pair in pairs.values():
        if len(pair) < 2:
            continue
        new, old = pair["GRCh38"], pair["GRCh37"]
        bases = {v.build: {v.ref, *v.alts} for v in (new, old)}
        names = [
            t.coding_name(v.pos) if t is not None and t.chrom == v.chrom else None
            for v in (new, old)
            for t in [package.genome(v.build).transcripts.get(v.gene or "")]
        ]
        if None not in names and names[0] != names[1]:
            yield package.problem(
                "builds-agree",
                new.table,
                new.row,
                "grch37_pos",
                f"c.{names[1]} in GRCh37",
                f"c.{names[0]}, as in GRCh38",
                "Correct one of the positions.",
            )
        elif new.alts and old.alts and bases["GRCh38"] != bases["GRCh37"]:
            yield package.problem(
                "builds-agree",
                new.table,
                new.row,
                "grch37_ref",
                "/".join(sorted(bases["GRCh37"])),
                "/".join(sorted(bases["GRCh38"])) + ", as in GRCh38",
                "Both builds must list the same bases.",
            )
        elif new.ref != old.ref and not new.row.get("note"):
            yield package.problem(
                "builds-agree",
                new.table,
                new.row,
                "note",
                None,
                "a note that REF differs between the builds",
                "Write the note, or correct REF.",
            )
        else:
            around = [
                package.genome(v.build).bases(v.chrom, v.pos - 11, v.pos + len(v.ref) + 9)
                for v in (new, old)
            ]
            if _differences(around) > NEIGHBOURS_MAY_DIFFER:
                yield package.problem(
                    "builds-agree",
                    new.table,
                    new.row,
                    "grch37_pos",
                    f"{around[1]} around it in GRCh37",
                    f"{around[0]}, as in GRCh38",
                    "Correct one of the positions.",
                )


def _differences(around: list[str | None]) -> int:
    """Count the bases that differ; 0 where one of the stretches is not installed."""
    first, second = (bases or "" for bases in around)
    return sum(a != b for a, b in zip(first, second, strict=False))


@check("bases-resolved", "Bases are A, C, G or T; ambiguity codes are resolved before they ship.")
def check_bases(package: Package) -> Found:
    """Look for ambiguity codes and other letters in columns of bases."""
    wanted = {
        "sites": ("grch38_ref", "grch37_ref", "default_allele", "flank_left", "flank_right"),
        "site_alleles": ("allele",),
        "allele_sites": ("base",),
        "classified_variants": ("grch38_ref", "grch38_alt", "grch37_ref", "grch37_alt"),
    }
    for table, columns in wanted.items():
        for row in package.every(table):
            for column in columns:
                value = row.get(column)
                if value is not None and not is_iupac_free(value):
                    yield package.problem(
                        "bases-resolved",
                        table,
                        row,
                        column,
                        value,
                        "bases A, C, G, T",
                        "Write one row for each possible base.",
                    )


@check(
    "site-bases",
    "A site lists its reference bases, its default and every base in use.",
    needs=("sites", "site_alleles"),
)
def check_site_bases(package: Package) -> Found:
    """Compare sites, their bases and the bases that alleles ask for."""
    listed: dict[str, set[str | None]] = defaultdict(set)
    for row in package.every("site_alleles"):
        listed[row.get("site") or ""].add(row.get("allele"))
    for row in package.rows("sites"):
        for column in ("grch38_ref", "grch37_ref", "default_allele"):
            value = row[column]
            if value is not None and value not in listed[row.need("site")]:
                yield package.problem(
                    "site-bases",
                    "sites",
                    row,
                    column,
                    value,
                    "a base that site_alleles.tsv lists for the site",
                    "Add the base or correct it.",
                )
        if len(listed[row.need("site")]) < 2:
            yield package.problem(
                "site-bases",
                "sites",
                row,
                "site",
                "one base only",
                "at least two",
                "Add the variant base.",
            )
    for row in package.every("allele_sites"):
        if row.get("base") not in listed[row.get("site") or ""]:
            yield package.problem(
                "site-bases",
                "allele_sites",
                row,
                "base",
                row.get("base"),
                "a base that site_alleles.tsv lists for the site",
                "Add the base or correct it.",
            )


def _spellings(package: Package) -> Iterator[tuple[Placed, str]]:
    for v in placed_variants(package):
        for alt in v.alts:
            yield v, alt


@check("indel-trimmed", "Alleles of a site share no more than one leading base.")
def check_trimmed(package: Package) -> Found:
    """Look for bases that all alleles of a variant share."""
    for v in placed_variants(package):
        alleles = [v.ref, *v.alts]
        if len(alleles) < 2 or min(map(len, alleles)) == 0:
            continue
        if len(set(alleles)) < len(alleles):
            yield package.problem(
                "indel-trimmed",
                v.table,
                v.row,
                v.column,
                "/".join(alleles),
                "alleles that differ from REF",
                "Correct REF or the allele.",
            )
            continue
        prefix = len(os.path.commonprefix(alleles))
        suffix = len(os.path.commonprefix([a[::-1] for a in alleles]))
        same_length = len(set(map(len, alleles))) == 1
        spare = min(map(len, alleles)) - 1
        if (same_length and prefix + suffix) or (suffix and spare) or prefix > 1:
            yield package.problem(
                "indel-trimmed",
                v.table,
                v.row,
                v.column,
                "/".join(alleles),
                "alleles without shared bases but the anchor of an indel",
                "Trim them and correct the position.",
            )
        elif not same_length and prefix == 0 and _is_pure(v):
            yield package.problem(
                "indel-trimmed",
                v.table,
                v.row,
                v.column,
                "/".join(alleles),
                "the base before it as an anchor",
                "Add the anchor base.",
            )


def _is_pure(v: Placed) -> bool:
    return all(v.ref.startswith(a) or a.startswith(v.ref) for a in v.alts)


@check("indel-left-aligned", "Insertions and deletions stand as far left as they can.")
def check_left_aligned(package: Package) -> Found:
    """An indel could move left if its last base equals its anchor."""
    for v, alt in _spellings(package):
        if len(v.ref) == len(alt) or v.ref[0] != alt[0]:
            continue
        longer, shorter = (v.ref, alt) if len(v.ref) > len(alt) else (alt, v.ref)
        if len(shorter) == 1 and longer[-1] == longer[0]:
            yield package.problem(
                "indel-left-aligned",
                v.table,
                v.row,
                v.column,
                f"{v.ref}>{alt} at {v.build} {v.chrom}:{v.pos}",
                "an anchor that differs from the last base",
                "Move it left.",
            )


@check(
    "indel-flanks",
    "A defining indel carries the bases after it, or the sequence is installed.",
    needs=("sites", "site_alleles"),
)
def check_flanks(package: Package) -> Found:
    """Look for indels that could not be recognised in another spelling.

    The indel stands as far left as it can, so that only the bases to its right matter.
    """
    for v in placed_variants(package):
        if v.table != "sites" or v.build != "GRCh38" or not v.alts:
            continue
        if len({len(a) for a in (v.ref, *v.alts)}) == 1:
            continue
        if package.genome("GRCh38").bases(v.chrom, v.pos - 21, v.pos + len(v.ref) + 19):
            continue
        if not v.row["flank_right"]:
            yield package.problem(
                "indel-flanks",
                "sites",
                v.row,
                "flank_right",
                None,
                "the bases after the site",
                "Add about 20 bases of the forward strand.",
            )


@check("hgvs-names", "Names g., c. and p. follow from position, bases and transcript.")
def check_hgvs(package: Package) -> Found:
    """Recompute every HGVS name that the installed data allow."""
    for v, alt in _spellings(package):
        named = v.row.get("hgvs_c")
        if named and v.gene and v.table != "sites":
            accession, _, name = named.rpartition(":")
            known = package.genome(v.build).transcripts.get(v.gene)
            if accession and known is not None and accession != known.accession:
                continue
            computed = coding_change(package.genome(v.build), v.gene, v.chrom, v.pos, v.ref, alt)
            if computed is not None and _SIMPLE.match(name) and computed != name:
                yield package.problem(
                    "hgvs-names",
                    v.table,
                    v.row,
                    "hgvs_c",
                    name,
                    f"{computed} from the {v.build} coordinates",
                    "Correct the name or the coordinates.",
                )
        protein = v.row.get("hgvs_p")
        if protein and v.gene and v.table != "sites":
            genome = package.genome(v.build)
            expected = protein_name(genome, v.gene, v.chrom, v.pos, v.ref, alt)
            if expected is not None and not same_protein_name(protein, expected):
                yield package.problem(
                    "hgvs-names",
                    v.table,
                    v.row,
                    "hgvs_p",
                    protein,
                    f"{expected} from the {v.build} coordinates",
                    "Correct the name or the coordinates.",
                )
    yield from _check_genomic_names(package)


def _check_genomic_names(package: Package) -> Found:
    accessions = {
        r.need("chrom"): r.need("refseq") for r in package.rows("contigs") if r["build"] == "GRCh38"
    }
    sites = {r.need("site"): r for r in package.rows("sites")}
    for row in package.rows("site_alleles"):
        site = sites.get(row.need("site"))
        name = row["hgvs_g"]
        if site is None or name is None:
            continue
        accession = accessions.get(site.need("chrom"), "")
        pos, ref = int(site.need("grch38_pos")), site.need("grch38_ref")
        computed = genomic_change(
            accession, pos, ref, row.need("allele"), site["flank_right"] or ""
        )
        repeat = "[" in name
        if computed is not None and name != computed and not repeat:
            yield package.problem(
                "hgvs-names",
                "site_alleles",
                row,
                "hgvs_g",
                name,
                computed,
                "Correct the name or the coordinates.",
            )
        elif computed is None and not name.startswith(f"{accession}:g."):
            yield package.problem(
                "hgvs-names",
                "site_alleles",
                row,
                "hgvs_g",
                name,
                f"a name on {accession}",
                "Correct the name.",
            )
        elif computed is None and row["allele"] == ref:
            yield package.problem(
                "hgvs-names",
                "site_alleles",
                row,
                "hgvs_g",
                name,
                "no name for the reference's own base",
                "Write '.' here.",
            )


@check(
    "rsid-one-to-one", "An rsID names one position and a position has one rsID.", needs=("sites",)
)
def check_rsid(package: Package) -> Found:
    """Compare rsIDs and coordinates both ways."""
    by_rsid: dict[str, Row] = {}
    by_place: dict[tuple[str | None, ...], Row] = {}
    for row in package.rows("sites"):
        rsid = row["rsid"]
        place = (row["chrom"], row["grch38_pos"], row["grch38_ref"])
        if place in by_place:
            yield package.problem(
                "rsid-one-to-one",
                "sites",
                row,
                "grch38_pos",
                row["grch38_pos"],
                f"a position of its own (line {by_place[place].line} has it)",
                "Join the rows.",
            )
        by_place.setdefault(place, row)
        if rsid is not None:
            if rsid in by_rsid:
                yield package.problem(
                    "rsid-one-to-one",
                    "sites",
                    row,
                    "rsid",
                    rsid,
                    f"an rsID of its own (line {by_rsid[rsid].line} has it)",
                    "Correct one of the rsIDs.",
                )
            by_rsid.setdefault(rsid, row)
        site = row.need("site")
        if site.startswith("rs") and site != rsid:
            yield package.problem(
                "rsid-one-to-one",
                "sites",
                row,
                "site",
                site,
                f"the row's rsID {rsid}",
                "Name the site by its rsID.",
            )
        elif not site.startswith("rs") and site != "-".join(str(p) for p in place):
            yield package.problem(
                "rsid-one-to-one",
                "sites",
                row,
                "site",
                site,
                "-".join(str(p) for p in place),
                "Name a site without rsID by chrom-pos-ref.",
            )
