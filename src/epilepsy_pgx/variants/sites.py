"""The curated positions of one build, and the regions of a file that have to be read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intervals import Overlaps, merge
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import SITE_ALLELES_BY_SITE, CuratedSite
from epilepsy_pgx.trimming import left_align
from epilepsy_pgx.vocabulary import GenomeBuild

OTHER = 100
"""Allele code: an allele that the tables do not list at this site."""
UNKNOWN = -1
"""Allele code: no call."""
DOUBTFUL = -2
"""Allele code: a non-reference allele was called, but below the quality thresholds."""


Change = tuple[int, str, str]
"""POS (1-based), REF and ALT, trimmed to an anchor and moved to the left."""


@dataclass(frozen=True, slots=True)
class Site:
    """A curated position. Allele codes are indices into `alleles`."""

    name: str
    gene: str
    use: str
    """`allele` if star alleles are defined here, `variant` if it is read by itself."""
    chrom: str
    pos: int
    """1-based, in `build`."""
    ref: str
    """Bases of the reference genome of `build`, forward strand."""
    alleles: tuple[str, ...]
    """Base strings over the span of `ref`; the default one first."""
    flank_left: str
    flank_right: str
    elsewhere: frozenset[Change] = frozenset()
    """Changes that other sites list and that meet this one's span, as `listed_changes` has them."""

    def base_at(self, position: int) -> str | None:
        """Return the base of the reference genome at a 1-based position; None where not known."""
        known = self.flank_left + self.ref + self.flank_right
        at = position - self.first
        return known[at] if 0 <= at < len(known) else None

    @property
    def end(self) -> int:
        """Last 1-based position of the span."""
        return self.pos + len(self.ref) - 1

    @property
    def first(self) -> int:
        """First 1-based position at which a record may spell one of the alleles."""
        return self.pos - len(self.flank_left)

    @property
    def last(self) -> int:
        """Last 1-based position at which a record may spell one of the alleles."""
        return self.end + len(self.flank_right)

    @property
    def ref_code(self) -> int:
        """Code of the reference genome's own allele."""
        return self.alleles.index(self.ref)

    @property
    def is_indel(self) -> bool:
        """True if the listed alleles differ in length."""
        return len({len(a) for a in self.alleles}) > 1


@cache
def listed_changes(site: Site) -> Mapping[Change, int]:
    """Return the code of each change that a site lists.

    The flanks are in the tables, so that indels can be aligned without a FASTA.
    """
    return {
        left_align(site.pos, site.ref, allele, site.base_at): code
        for code, allele in enumerate(site.alleles)
        if allele != site.ref
    }


@dataclass(frozen=True, eq=False)
class SiteList:
    """All curated sites of a build, in genome order."""

    build: GenomeBuild
    sites: tuple[Site, ...]

    @cached_property
    def index(self) -> dict[str, int]:
        """Row number by site name."""
        return {s.name: i for i, s in enumerate(self.sites)}

    @cached_property
    def by_gene(self) -> dict[str, tuple[int, ...]]:
        """Row numbers by gene."""
        genes: dict[str, list[int]] = {}
        for i, site in enumerate(self.sites):
            genes.setdefault(site.gene, []).append(i)
        return {g: tuple(rows) for g, rows in genes.items()}

    def __len__(self) -> int:
        return len(self.sites)


@lru_cache(maxsize=8)
def load_sites(ref: Reference, build: GenomeBuild) -> SiteList:
    """Read the curated sites of one build."""
    listed = ref.grouped(SITE_ALLELES_BY_SITE)
    order = ref.contigs(build).order
    sites = []
    for row in ref.rows(CuratedSite):
        pos, base = row.place(build)
        default = row.default_allele
        others = [a.allele for a in listed[row.site] if a.allele != default]
        sites.append(
            Site(
                name=row.site,
                gene=row.gene,
                use=row.use,
                chrom=row.chrom,
                pos=pos,
                ref=base,
                # Code 0 is the default allele; the others keep the order of the table.
                alleles=(default, *others),
                flank_left=row.flank_left or "",
                flank_right=row.flank_right or "",
            )
        )
    sites.sort(key=lambda s: (order[s.chrom], s.pos, s.name))
    return SiteList(build, tuple(_note_elsewhere(sites)))


def _note_elsewhere(sites: Sequence[Site]) -> Iterator[Site]:
    """Yield each site with the changes that others list within its span."""
    rows = Overlaps((s.chrom, s.pos - 1, s.end) for s in sites)
    for number, site in enumerate(sites):
        met = (sites[i] for i in rows.meeting(site.chrom, site.pos - 1, site.end) if i != number)
        changes = {change for other in met for change in listed_changes(other)}
        yield replace(site, elsewhere=frozenset(changes - set(listed_changes(site))))


@dataclass(frozen=True, slots=True)
class Region:
    """An interval of the genome: 0-based, half-open; `chrom` without `chr`."""

    chrom: str
    start: int
    end: int


def site_regions(sites: Iterable[Site]) -> list[Region]:
    """Return the span of each site and its flanks, one base wider on both sides."""
    return [Region(s.chrom, max(0, s.first - 2), s.last + 1) for s in sites]


def merge_regions(regions: Iterable[Region], gap: int = 0) -> list[Region]:
    """Join regions with at most `gap` bases between them, in order of chromosome names."""
    return [Region(*span) for span in merge(((r.chrom, r.start, r.end) for r in regions), gap)]


def bed_text(regions: Iterable[Region], contig_names: Sequence[tuple[str, str]]) -> str:
    """Write regions as BED in a file's own contig names; regions it lacks are left out."""
    names: dict[str, list[str]] = {}
    for chrom, name in contig_names:
        names.setdefault(chrom, []).append(name)
    lines = [f"{name}\t{r.start}\t{r.end}\n" for r in regions for name in names.get(r.chrom, ())]
    return "".join(lines)
