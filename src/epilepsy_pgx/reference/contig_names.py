"""The names under which files know the chromosomes, and those of other contigs of the references.

A name that no row knows may be anything, and among them a chromosome that the regions need.
"""

import re
from collections.abc import Mapping

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Contig, ContigName
from epilepsy_pgx.vocabulary import GenomeBuild

OTHER = "other"


@dataclass(frozen=True)
class ContigNames:
    """What the names of contigs mean in one build. Capitals do not matter."""

    aliases: dict[str, str]
    """Chromosome without `chr` by spelling in lower case."""
    builds: dict[str, str]
    """Build by accession that only one build has, in lower case."""
    accessions: frozenset[str]
    """Accessions of this build, in lower case."""
    others: re.Pattern[str]
    """Contigs of the usual references that are no chromosome."""
    lengths: Mapping[str, int]
    """Bases of each chromosome in this build."""

    def chrom(self, name: str) -> str | None:
        """Return the chromosome that a name stands for; None if it stands for none."""
        return self.aliases.get(name.lower())

    def is_other(self, name: str) -> bool:
        """Say whether a name is that of a known contig that is no chromosome."""
        return self.others.fullmatch(name) is not None

    def other_build(self, name: str) -> str | None:
        """Return the build that a name belongs to if it is not this one."""
        key = name.lower()
        return None if key in self.accessions else self.builds.get(key)

    def style(self, name: str) -> str:
        """Return in which way a chromosome is named."""
        key = name.lower()
        if key in self.builds:
            return key[:2]
        return "chr" if key.startswith("chr") else "plain"


def load_contig_names(ref: Reference, build: GenomeBuild) -> ContigNames:
    """Read the names of contigs for one build."""
    aliases: dict[str, str] = {}
    builds: dict[str, str] = {}
    others: list[str] = []
    contigs = ref.rows(Contig)
    chroms = {row.chrom for row in contigs}
    named: list[tuple[str, str | None, GenomeBuild]] = [
        (row.refseq, row.chrom, row.build) for row in contigs
    ]
    for own in chroms:
        aliases |= {own.lower(): own, f"chr{own}".lower(): own}
    table = ref.path / f"{ContigName.TABLE}.tsv"
    for row in ref.rows(ContigName) if table.is_file() else ():
        if row.kind == OTHER:
            others.append(row.name)
        elif row.build is not None:
            named.append((row.name, row.chrom, row.build))
        else:
            for each in [row.chrom] if row.chrom else sorted(chroms):
                if each in chroms:
                    aliases[row.name.replace("{chrom}", each).lower()] = each
    for name, chrom, owner in named:
        builds[name.lower()] = owner
        if owner == build and chrom is not None and chrom in chroms:
            aliases[name.lower()] = chrom
    mine = frozenset(name for name, owner in builds.items() if owner == build)
    known = re.compile("|".join(f"(?:{p})" for p in others) or r"(?!)", re.I)
    return ContigNames(aliases, builds, mine, known, ref.contigs(build).lengths)


def cut_list(names: "list[str] | tuple[str, ...]", most: int = 10) -> str:
    """Return names for a message, only the first of many."""
    shown = ", ".join(n[:60] for n in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
