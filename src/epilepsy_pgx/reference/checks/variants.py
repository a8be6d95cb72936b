"""Checks of variants wherever a table places them: bases, positions, spelling and names."""

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.genome import Genome
from epilepsy_pgx.reference.naming import (
    coding_change,
    genomic_change,
    protein_name,
    same_protein_name,
)
from epilepsy_pgx.reference.rows import (
    SITE_ALLELES_BY_SITE,
    CisMember,
    ClassifiedVariant,
    CuratedSite,
    SiteAllele,
    VariantFrequency,
)
from epilepsy_pgx.vocabulary import GenomeBuild

NEIGHBOURS_MAY_DIFFER = 5
"""Bases within ten of a site that may differ between the builds; a wrong position gives more."""
_KEY = re.compile(r"([0-9]{1,2}|X|Y|MT)-([0-9]+)-([ACGT]+)-([ACGT]+)\Z")
_SIMPLE = re.compile(
    r"c\.[-*]?\d+([+-]\d+)?(_[-*]?\d+([+-]\d+)?)?"
    r"([ACGT]>[ACGT]|del|dup|ins[ACGT]+|delins[ACGT]+)\Z"
)


@dataclass(frozen=True, slots=True)
class PlacedVariant:
    """A variant of some table in one build. `alts` is empty where the row gives none."""

    row: CuratedSite | ClassifiedVariant | CisMember | VariantFrequency
    column: str
    build: GenomeBuild
    chrom: str
    pos: int
    ref: str
    alts: tuple[str, ...]

    @property
    def table(self) -> str:
        """Table of the row."""
        return self.row.TABLE

    @property
    def gene(self) -> str:
        """Gene of the row."""
        return self.row.gene

    @property
    def note(self) -> str | None:
        """Note of the row, in the table that has notes."""
        return self.row.note if isinstance(self.row, CuratedSite) else None


def placed_variants(package: Package) -> tuple[PlacedVariant, ...]:
    """Return every variant that a table places on a build."""
    return package.once(_placed)


def _placed(package: Package) -> tuple[PlacedVariant, ...]:
    return tuple(_place(package))


def _place(package: Package) -> Iterator[PlacedVariant]:
    bases = package.grouped(SITE_ALLELES_BY_SITE)
    for build in GenomeBuild:
        column = f"{build.prefix}_ref"
        for site in package.rows(CuratedSite):
            pos, ref = site.place(build)
            alts = tuple(a.allele for a in bases.get(site.site, ()) if a.allele != ref)
            yield PlacedVariant(site, column, build, site.chrom, pos, ref, alts)
        for row in package.rows(ClassifiedVariant):
            place, alt = row.site(build), row.alt(build)
            if place is not None:
                alts = (alt,) if alt else ()
                yield PlacedVariant(row, column, build, row.chrom, *place, alts)
        for common in package.rows(VariantFrequency):
            pos, ref, other = common.place(build)
            yield PlacedVariant(common, column, build, common.chrom, pos, ref, (other,))
        for member in package.rows(CisMember):
            match = _KEY.match(member.variant(build) or "")
            if match:
                chrom, pos_text, ref, alt = match.groups()
                yield PlacedVariant(member, build.prefix, build, chrom, int(pos_text), ref, (alt,))


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


@check("position-on-contig", "Positions lie on the chromosome of their build.", needs=("contigs",))
def check_position(package: Package) -> Found:
    """Compare positions with the lengths of chromosomes."""
    lengths = {build: package.contigs(build).lengths for build in GenomeBuild}
    for v in placed_variants(package):
        length = lengths[v.build].get(v.chrom)
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
    pairs: dict[tuple[str, int], dict[GenomeBuild, PlacedVariant]] = defaultdict(dict)
    for v in placed_variants(package):
        pairs[v.table, v.row.line][v.build] = v
    for pair in pairs.values():
        if len(pair) < 2:
            continue
        new = pair[GenomeBuild.GRCH38]
        fault = _difference(package, new, pair[GenomeBuild.GRCH37])
        if fault is not None:
            yield package.problem("builds-agree", new.table, new.row, *fault)


class Difference(NamedTuple):
    """Where the builds of a variant differ, and what to do."""

    column: str
    found: str | None
    expected: str
    fix: str


def _difference(package: Package, new: PlacedVariant, old: PlacedVariant) -> Difference | None:
    """Return how GRCh37 differs from GRCh38; None if both name the same change."""
    bases = sorted({new.ref, *new.alts}), sorted({old.ref, *old.alts})
    names = _coding_name(package, new), _coding_name(package, old)
    if None not in names and names[0] != names[1]:
        return Difference(
            "grch37_pos",
            f"c.{names[1]} in GRCh37",
            f"c.{names[0]}, as in GRCh38",
            "Correct one of the positions.",
        )
    if new.alts and old.alts and bases[0] != bases[1]:
        return Difference(
            "grch37_ref",
            "/".join(bases[1]),
            "/".join(bases[0]) + ", as in GRCh38",
            "Both builds must list the same bases.",
        )
    if new.ref != old.ref and not new.note:
        return Difference(
            "note",
            None,
            "a note that REF differs between the builds",
            "Write the note, or correct REF.",
        )
    around = _bases_around(package, new), _bases_around(package, old)
    if sum(a != b for a, b in zip(*around, strict=False)) > NEIGHBOURS_MAY_DIFFER:
        return Difference(
            "grch37_pos",
            f"{around[1]} around it in GRCh37",
            f"{around[0]}, as in GRCh38",
            "Correct one of the positions.",
        )
    return None


def _coding_name(package: Package, v: PlacedVariant) -> str | None:
    """Return the c. coordinate of a variant; None without a transcript of its gene there."""
    transcript = package.genome(v.build).transcripts.get(v.gene)
    if transcript is None or transcript.chrom != v.chrom:
        return None
    return transcript.coding_name(v.pos)


def _bases_around(package: Package, v: PlacedVariant) -> str:
    """Return the bases from ten before to ten behind REF; empty where they are not installed."""
    return package.genome(v.build).bases(v.chrom, v.pos - 11, v.pos + len(v.ref) + 9) or ""


def _spellings(package: Package) -> Iterator[tuple[PlacedVariant, str]]:
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


def _is_pure(v: PlacedVariant) -> bool:
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


@check("hgvs-names", "Names g., c. and p. follow from position, bases and transcript.")
def check_hgvs(package: Package) -> Found:
    """Recompute every HGVS name that the installed data allow."""
    for v, alt in _spellings(package):
        if isinstance(v.row, CuratedSite | VariantFrequency):
            continue
        genome = package.genome(v.build)
        if v.row.hgvs_c and (fault := _coding_fault(genome, v, alt, v.row.hgvs_c)):
            yield package.problem("hgvs-names", v.table, v.row, "hgvs_c", *fault)
        protein = v.row.hgvs_p
        if protein:
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


def _coding_fault(
    genome: Genome, v: PlacedVariant, alt: str, named: str
) -> tuple[str, str, str] | None:
    """Return (found, expected, fix) if a c. name is not that of the coordinates."""
    accession, _, name = named.rpartition(":")
    known = genome.transcripts.get(v.gene)
    if accession and known is not None and accession != known.accession:
        return None
    computed = coding_change(genome, v.gene, v.chrom, v.pos, v.ref, alt)
    if computed is None or not _SIMPLE.match(name) or computed == name:
        return None
    fix = "Correct the name or the coordinates."
    return name, f"{computed} from the {v.build} coordinates", fix


def _check_genomic_names(package: Package) -> Found:
    accessions = package.contigs(GenomeBuild.GRCH38).accessions
    sites = {r.site: r for r in package.rows(CuratedSite)}
    for row in package.rows(SiteAllele):
        site = sites.get(row.site)
        name = row.hgvs_g
        if site is None or name is None:
            continue
        accession = accessions.get(site.chrom, "")
        pos, ref = site.grch38_pos, site.grch38_ref
        computed = genomic_change(accession, pos, ref, row.allele, site.flank_right or "")
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
        elif computed is None and row.allele == ref:
            yield package.problem(
                "hgvs-names",
                "site_alleles",
                row,
                "hgvs_g",
                name,
                "no name for the reference's own base",
                "Write '.' here.",
            )
