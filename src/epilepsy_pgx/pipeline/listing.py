"""The plain tables of `call`, `annotate` and `sites`."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from epilepsy_pgx.calling.class_words import load_class_words
from epilepsy_pgx.calling.clinvar import BESIDE, ClinvarClasses
from epilepsy_pgx.calling.findings import find_haplotypes, make_findings, unread_classes
from epilepsy_pgx.calling.frequencies import add_frequencies
from epilepsy_pgx.calling.genes import call_genes, sample_results, site_call
from epilepsy_pgx.calling.joined import mark_joined, settle_joined, with_open_notes
from epilepsy_pgx.calling.novel_variants import apply_novel_loss_of_function
from epilepsy_pgx.intake.clinvar import ClinvarFile
from epilepsy_pgx.intake.contigs import load_contig_names
from epilepsy_pgx.model import GeneResult, SiteCall, VariantFinding, VariantKey
from epilepsy_pgx.pipeline.extract import CLASS_ELSEWHERE, Extraction
from epilepsy_pgx.pipeline.targets import Targets
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.tables import (
    GENE_COLUMNS,
    VARIANT_COLUMNS,
    cell,
    finding_cells,
    gene_cells,
)
from epilepsy_pgx.tsv import line
from epilepsy_pgx.variants.annotate import Annotator, SiteAnnotation, annotate_sites
from epilepsy_pgx.variants.fileannotation import load_consequence_words
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.variants.store import UNPHASED
from epilepsy_pgx.vocabulary import Sex

_log = logging.getLogger(__name__)
SITE_COLUMNS = (
    "sample_id",
    "gene",
    "site",
    "chrom",
    "pos",
    "alleles",
    "depth",
    "quality",
    "status",
    "reason",
)
KEPT_LINES = 100_000
"""Most ends of lines that are kept to be written again."""


def gene_lines(extraction: Extraction, ref: Reference) -> Iterator[str]:
    """Yield the lines of one sample after another, a line for each gene.

    All of a line but the name is written once for the samples that have the same result.
    """
    calls = call_genes(extraction.store, ref)
    keys = sorted({c.key for c in extraction.undocumented})
    annotations = annotate_sites(keys, extraction.targets.build, ref, extraction.targets.sequences)
    carried: dict[int, dict[str, tuple[int, ...]]] = {}
    for number, carriers in enumerate(extraction.undocumented):
        for column in carriers.columns:
            novel = carried.setdefault(column, {})
            novel[carriers.gene] = (*novel.get(carriers.gene, ()), number)
    genes = {gene: place for place, gene in enumerate(calls)}
    plain = [[_line_end(r) for r in call.results] for call in calls.values()]
    members = [call.member.tolist() for call in calls.values()]
    withdrawn: dict[tuple[str, int, tuple[int, ...]], str] = {}
    for column, sample in _believed(extraction):
        ends = [texts[found[column]] for texts, found in zip(plain, members, strict=True)]
        for gene, numbers in carried.get(column, {}).items():
            if gene not in genes:
                continue
            which = members[genes[gene]][column]
            if (gene, which, numbers) not in withdrawn:
                variants = [extraction.undocumented[n] for n in numbers]
                one = apply_novel_loss_of_function(
                    {gene: calls[gene].results[which]}, variants, annotations
                )
                withdrawn[gene, which, numbers] = _line_end(one[gene])
            ends[genes[gene]] = withdrawn[gene, which, numbers]
        name = cell(sample)
        yield "".join([name + end for end in ends])


def gene_results(
    extraction: Extraction, ref: Reference
) -> Iterator[tuple[str, tuple[GeneResult, ...]]]:
    """Yield each sample with its results, the same that `gene_lines` writes."""
    calls = call_genes(extraction.store, ref)
    keys = sorted({c.key for c in extraction.undocumented})
    annotations = annotate_sites(keys, extraction.targets.build, ref, extraction.targets.sequences)
    for column, sample in _believed(extraction):
        results = sample_results(calls, extraction.store, column)
        carried = [c for c in extraction.undocumented if column in c.columns]
        yield sample, tuple(apply_novel_loss_of_function(results, carried, annotations).values())


def _believed(extraction: Extraction) -> Iterator[tuple[int, str]]:
    """Yield column and name of the samples of which the file may be read."""
    refused = {p.sample for p in extraction.sample_problems}
    return (
        (column, sample)
        for column, sample in enumerate(extraction.store.samples)
        if sample not in refused
    )


def unread_lines(
    unread: Mapping[str, str], columns: Sequence[str] = VARIANT_COLUMNS
) -> Iterator[str]:
    """Yield a row of the table of variants for each gene that could not be read, in any sample."""
    for gene, reason in unread.items():
        known = {"gene": gene, "consequence": reason, "status": "not_assessed"}
        yield line(known.get(c, ".") for c in columns)


def _line_end(result: GeneResult) -> str:
    return line(["", *gene_cells(result)])


def clinvar_classes(file: ClinvarFile, targets: Targets, ref: Reference) -> ClinvarClasses:
    """Return a copy of ClinVar with what it is read with."""
    return ClinvarClasses(
        file,
        load_contig_names(ref, targets.build),
        targets.sequences,
        load_class_words(ref),
        [(t.chrom, max(0, t.start0 - BESIDE), t.end0 + BESIDE) for t in targets.coding],
        load_consequence_words(ref).terms,
    )


def annotate_keys(
    keys: Iterable[VariantKey],
    extraction: Extraction,
    ref: Reference,
    clinvar: Sequence[ClinvarFile],
    annotator: Annotator | None = None,
) -> Mapping[VariantKey, tuple[SiteAnnotation, ...]]:
    """Annotate distinct variants, with the classes of the user's copies of ClinVar."""
    targets = extraction.targets
    annotator = annotator or Annotator(ref, targets.build, targets.sequences)
    annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]]
    annotations = annotator.annotate(sorted(keys))
    for file in clinvar:
        copy = clinvar_classes(file, targets, ref)
        copy.compare = annotator.listed.compare
        annotations = copy.add_to(annotations)
    return annotations


def find_variants(
    extraction: Extraction,
    ref: Reference,
    sexes: Sequence[Sex | None] | None = None,
    clinvar: Sequence[ClinvarFile] = (),
) -> Iterator[tuple[str, VariantFinding]]:
    """Yield sample and finding, one per variant and gene of the genes read for variants.

    Neighbours on one chromosome copy are read together, as in a report. Coding changes of which
    nothing is known for want of bases are among them, where a report counts them.
    """
    by_column: dict[int, list[ObservedVariant]] = {}
    for variant in extraction.observed:
        by_column.setdefault(variant.sample, []).append(variant)
    annotator = Annotator(ref, extraction.targets.build, extraction.targets.sequences)
    joined = {column: annotator.join(mine) for column, mine in by_column.items()}
    keys = {v.key for v in extraction.observed}
    keys |= {j.variant.key for found in joined.values() for j in found}
    annotations = annotate_keys(keys, extraction, ref, clinvar, annotator)
    words = load_class_words(ref)
    _warn_of_classes(extraction, unread_classes(extraction.observed, annotations, words))
    for column, sample in _believed(extraction):
        mine = by_column.get(column, [])
        sex = sexes[column] if sexes else None
        joint = annotator.annotate_haplotypes(find_haplotypes(mine, annotations))
        known = settle_joined(joined.get(column, ()), annotations, {})
        found = make_findings(
            [*mine, *known.variants],
            with_open_notes(known, annotations),
            {},
            sex,
            haplotypes=joint,
            words=words,
            with_unjudged=True,
        )
        found = mark_joined(found, known, annotations)
        for finding in add_frequencies(found, mine, ref, extraction.targets.build):
            yield sample, finding


def list_variants(
    extraction: Extraction, ref: Reference, sexes: Sequence[Sex | None] | None = None
) -> Iterator[tuple[str, ...]]:
    """Yield a row for each finding."""
    return (finding_cells(name, finding) for name, finding in find_variants(extraction, ref, sexes))


def _warn_of_classes(
    extraction: Extraction, unread: Sequence[tuple[ObservedVariant, tuple[str, ...]]]
) -> None:
    """Say on standard error which classes were not read, without the variants and who has them."""
    files = "|".join(f.name for f in extraction.inputs)
    if CLASS_ELSEWHERE in extraction.warnings:
        _log.warning(
            "%s: warning: INFO holds classes in another field than --class-field names: "
            "they were not read",
            files,
        )
    counts = Counter((v.info_field, v.info_fits, words) for v, words in unread)
    for (field, fits, words), count in sorted(counts.items()):
        reason = "words that are not known" if fits else "a list that does not fit the alleles"
        said = ", ".join(f"'{w}'" for w in words)
        _log.warning(
            "%s: warning: class in %s not read, %d time(s): %s: %s",
            files,
            field,
            count,
            reason,
            said,
        )


def site_lines(extraction: Extraction) -> Iterator[str]:
    """Yield a line per sample and curated site: what the file says there, and why."""
    store = extraction.store
    written: dict[tuple[object, ...], str] = {}
    for column, sample in _believed(extraction):
        name = cell(sample)
        seen = zip(
            range(len(store.sites)),
            map(tuple, store.alleles[:, column].tolist()),
            (store.phase[:, column] == UNPHASED).tolist(),
            store.status[:, column].tolist(),
            store.reason[:, column].tolist(),
            store.depth[:, column].tolist(),
            store.quality[:, column].tolist(),
            strict=True,
        )
        lines = []
        for what in seen:
            if what not in written:
                if len(written) >= KEPT_LINES:
                    written.clear()
                written[what] = _site_end(site_call(store, what[0], column))
            lines.append(name + written[what])
        yield "".join(lines)


def _site_end(call: SiteCall) -> str:
    cells = (
        call.gene,
        call.site,
        call.chrom,
        call.pos,
        ("|" if call.phased else "/").join(call.alleles),
        call.depth,
        call.quality,
        call.status.value,
        call.reason,
    )
    return line(["", *map(cell, cells)])


def positions_bed(targets: Targets, prefix: str) -> Iterator[str]:
    """Yield BED lines of every position that has to be called so that nothing is missing."""
    for site in targets.sites.sites:
        yield f"{prefix}{site.chrom}\t{site.pos - 1}\t{site.end}\t{site.gene}:{site.name}\n"
    exons: dict[str, list[tuple[int, int]]] = {}
    for target in targets.coding:
        if target.exon_number:
            exons.setdefault(target.gene, []).append((target.start0, target.end0))
    for target in targets.coding:
        read = () if target.exon_number else exons.get(target.gene, ())
        repeated = any(low <= target.start0 and target.end0 <= high for low, high in read)
        if target.gene in targets.rare_genes and not repeated:
            part = f"coding_exon_{target.exon_number}" if target.exon_number else "listed_variant"
            name = f"{target.gene}:{part}"
            yield f"{prefix}{target.chrom}\t{target.start0}\t{target.end0}\t{name}\n"


def positions_vcf(targets: Targets, prefix: str, lengths: Mapping[str, int]) -> Iterator[str]:
    """Yield a sites-only VCF of the curated alleles, to force-call them."""
    build = targets.build.value
    yield "##fileformat=VCFv4.2\n"
    for chrom, length in lengths.items():
        yield f"##contig=<ID={prefix}{chrom},length={length},assembly={build}>\n"
    yield '##INFO=<ID=GENE,Number=1,Type=String,Description="Gene">\n'
    yield "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    for site in targets.sites.sites:
        alts = [a for a in site.alleles if a != site.ref]
        name = site.name if site.name.startswith("rs") else "."
        yield (
            f"{prefix}{site.chrom}\t{site.pos}\t{name}\t{site.ref}\t{','.join(alts) or '.'}"
            f"\t.\t.\tGENE={site.gene}\n"
        )


__all__ = [
    "GENE_COLUMNS",
    "SITE_COLUMNS",
    "VARIANT_COLUMNS",
    "cell",
    "finding_cells",
    "gene_cells",
    "gene_lines",
    "list_variants",
    "positions_bed",
    "positions_vcf",
    "site_lines",
    "unread_lines",
]
