"""Checks of curated positions, their bases, and of the coding sequences that are installed."""

from collections import defaultdict
from collections.abc import Iterator

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.checks.variants import placed_variants
from epilepsy_pgx.reference.genome import CODONS, is_iupac_free, translate
from epilepsy_pgx.reference.rows import (
    AlleleSite,
    ClassifiedVariant,
    CuratedSite,
    CuratedTranscript,
    SiteAllele,
    TableRow,
)
from epilepsy_pgx.vocabulary import GenomeBuild


@check(
    "coding-sequence",
    "An installed coding sequence starts, ends and reads through.",
    needs=("transcripts",),
)
def check_coding_sequence(package: Package) -> Found:
    """Translate the coding sequence of each gene whose exons are installed."""
    for build in GenomeBuild:
        genome = package.genome(build)
        rows = {r.gene: r for r in package.rows(CuratedTranscript) if r.build == build}
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


@check("bases-resolved", "Bases are A, C, G or T; ambiguity codes are resolved before they ship.")
def check_bases(package: Package) -> Found:
    """Look for ambiguity codes and other letters in columns of bases."""
    for row, bases in _columns_of_bases(package):
        for column, value in bases.items():
            if value is not None and not is_iupac_free(value):
                yield package.problem(
                    "bases-resolved",
                    row.TABLE,
                    row,
                    column,
                    value,
                    "bases A, C, G, T",
                    "Write one row for each possible base.",
                )


def _columns_of_bases(package: Package) -> Iterator[tuple[TableRow, dict[str, str | None]]]:
    """Yield each row that states bases, with those by their column."""
    for site in package.every(CuratedSite):
        yield (
            site,
            {
                "grch38_ref": site.grch38_ref,
                "grch37_ref": site.grch37_ref,
                "default_allele": site.default_allele,
                "flank_left": site.flank_left,
                "flank_right": site.flank_right,
            },
        )
    for base in package.every(SiteAllele):
        yield base, {"allele": base.allele}
    for defining in package.every(AlleleSite):
        yield defining, {"base": defining.base}
    for variant in package.every(ClassifiedVariant):
        yield (
            variant,
            {
                "grch38_ref": variant.grch38_ref,
                "grch38_alt": variant.grch38_alt,
                "grch37_ref": variant.grch37_ref,
                "grch37_alt": variant.grch37_alt,
            },
        )


@check(
    "site-bases",
    "A site lists its reference bases, its default and every base in use.",
    needs=("sites", "site_alleles"),
)
def check_site_bases(package: Package) -> Found:
    """Compare sites, their bases and the bases that alleles ask for."""
    listed: dict[str, set[str]] = defaultdict(set)
    for base in package.every(SiteAllele):
        listed[base.site].add(base.allele)
    for row in package.rows(CuratedSite):
        for column, value in (
            ("grch38_ref", row.grch38_ref),
            ("grch37_ref", row.grch37_ref),
            ("default_allele", row.default_allele),
        ):
            if value not in listed[row.site]:
                yield package.problem(
                    "site-bases",
                    "sites",
                    row,
                    column,
                    value,
                    "a base that site_alleles.tsv lists for the site",
                    "Add the base or correct it.",
                )
        if len(listed[row.site]) < 2:
            yield package.problem(
                "site-bases",
                "sites",
                row,
                "site",
                "one base only",
                "at least two",
                "Add the variant base.",
            )
    for defining in package.every(AlleleSite):
        if defining.base not in listed[defining.site]:
            yield package.problem(
                "site-bases",
                "allele_sites",
                defining,
                "base",
                defining.base,
                "a base that site_alleles.tsv lists for the site",
                "Add the base or correct it.",
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
        site = v.row
        if not isinstance(site, CuratedSite) or v.build is GenomeBuild.GRCH37 or not v.alts:
            continue
        if len({len(a) for a in (v.ref, *v.alts)}) == 1:
            continue
        if package.genome("GRCh38").bases(v.chrom, v.pos - 21, v.pos + len(v.ref) + 19):
            continue
        if not site.flank_right:
            yield package.problem(
                "indel-flanks",
                "sites",
                site,
                "flank_right",
                None,
                "the bases after the site",
                "Add about 20 bases of the forward strand.",
            )


@check(
    "rsid-one-to-one", "An rsID names one position and a position has one rsID.", needs=("sites",)
)
def check_rsid(package: Package) -> Found:
    """Compare rsIDs and coordinates both ways."""
    by_rsid: dict[str, CuratedSite] = {}
    by_place: dict[tuple[str, int, str], CuratedSite] = {}
    for row in package.rows(CuratedSite):
        rsid = row.rsid
        place = (row.chrom, row.grch38_pos, row.grch38_ref)
        if place in by_place:
            yield package.problem(
                "rsid-one-to-one",
                "sites",
                row,
                "grch38_pos",
                row.grch38_pos,
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
        site = row.site
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
