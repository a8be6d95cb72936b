"""The tables of drugs, genes and variants in words."""

from collections.abc import Collection, Sequence
from functools import partial

from epilepsy_pgx.model import (
    DrugPrediction,
    FunctionalEvidence,
    GeneResult,
    PatientReport,
    SiteCall,
)
from epilepsy_pgx.report import drugtable
from epilepsy_pgx.report.evidence import gene_anchor
from epilepsy_pgx.report.gaps import Covered, covered_of
from epilepsy_pgx.report.genetable import group_genes
from epilepsy_pgx.report.lines import line_of
from epilepsy_pgx.report.pageone import finding_rank
from epilepsy_pgx.report.view.first import class_records, drug_target
from epilepsy_pgx.report.view.later import (
    DrugPart,
    DrugRow,
    Drugs,
    ExonRow,
    Functional,
    GeneLine,
    GeneRow,
    Genes,
    GeneTable,
    PlainGene,
    QuietClass,
    SharedNote,
    SiteList,
    VariantRow,
    Variants,
)
from epilepsy_pgx.report.view.model import Field, Hint, Link, Named, Target
from epilepsy_pgx.report.view.words import (
    IF_STARTED,
    Teller,
    capital,
    class_word,
    direction_word,
    exon_parts,
    frequency_words,
    listed_part,
    missing_genes,
    read_part,
    scores,
    status_word,
    undocumented,
    verdict,
)
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.vocabulary import Response

Classes = Sequence[drugtable.OfClass]
"""Per class of drugs: the rows of its table, and the drugs of which nothing is said."""


def rows_by_name(classes: Classes, words: ReportWords) -> list[tuple[str, drugtable.DrugRow]]:
    """Return the rows of the drug table from A to Z, each with its class."""
    rows = [(name, row) for name, rows, _ in classes for row in rows]
    return sorted(rows, key=lambda r: words.drugs(r[1].names))


def tell_drugs(
    report: PatientReport, classes: Classes, linked: Collection[str | None], teller: Teller
) -> Drugs:
    """Return the drug table; drugs in `linked` can be led to."""
    words, number = teller.words, teller.evidence.number
    results = {g.gene: g for g in report.genes}
    quiet = verdict(Response.NO_RULE, False, words)
    elsewhere = _urgent_elsewhere(report)

    def row(of_class: str, made: drugtable.DrugRow) -> DrugRow:
        found = {g: results[g] for g in made.genes if g in results}
        see = _see_urgent(made.names, elsewhere, words)
        return words.once(
            "drug-row",
            (made, *found.values()),
            (
                of_class,
                see,
                tuple(n in linked for n in made.names),
                tuple(number(line.statement) for p in made.parts for line in p.said),
            ),
            lambda: DrugRow(
                _names(made.names, linked, words),
                words.word("drugclass", of_class),
                verdict(made.response, made.conditional, words),
                see,
                tuple(_part(p, teller) for p in made.parts),
                tuple(
                    GeneLine(Link(g, Target(gene_anchor(g))), words.gene_line(result))
                    for g, result in found.items()
                ),
            ),
        )

    shared = drugtable.shared_notes(report.interpretation.drugs, words)
    started = any(map(words.each(_if_started), report.interpretation.drugs))
    return Drugs(
        words.say("heading-drugs"),
        words.say("label-if-started-note") if started else "",
        tuple(words.say(f"label-{x}") for x in ("drug", "verdict", "statements")),
        tuple(row(name, made) for name, made in rows_by_name(classes, words)),
        words.say("heading-shared-notes") if shared else "",
        tuple(SharedNote(words.drugs(names), teller.said(line)) for names, line in shared),
        capital(quiet.text),
        quiet,
        _all_quiet(classes, linked, words),
    )


def _all_quiet(
    classes: Classes, linked: Collection[str | None], words: ReportWords
) -> tuple[QuietClass, ...]:
    """Return the drugs of which nothing is said."""
    led = tuple([n for _, _, names in classes for n in names if n in linked])
    return words.once(
        "quiet",
        tuple([names for _, _, names in classes]),
        led,
        lambda: tuple(_quiet(name, names, linked, words) for name, _, names in classes if names),
    )


def _names(
    names: Sequence[str], linked: Collection[str | None], words: ReportWords
) -> tuple[Named, ...]:
    return tuple(
        Named(words.drug(n), drug_target(n)) if n in linked else Named(words.drug(n)) for n in names
    )


def _quiet(
    of_class: str, names: tuple[str, ...], linked: Collection[str | None], words: ReportWords
) -> QuietClass:
    """Return the drugs of a class of which nothing is said."""
    return words.once(
        "quiet-class",
        (),
        (of_class, names, tuple(n in linked for n in names)),
        lambda: QuietClass(words.word("drugclass", of_class), _names(names, linked, words)),
    )


def _if_started(drug: DrugPrediction, _: ReportWords) -> bool:
    return any(IF_STARTED in s.part_ids for s in drug.statements)


def _part(part: drugtable.RowPart, teller: Teller) -> DrugPart:
    """Return what is said of some drugs of a row."""
    return DrugPart(
        teller.words.drugs(part.names),
        tuple(map(teller.said, part.said)),
        missing_genes(part.not_assessed, teller.words),
    )


def _urgent_elsewhere(report: PatientReport) -> frozenset[str]:
    """Return the drugs about which the urgent box says what does not stand in their own line."""
    said = report.interpretation
    if not said.urgent:
        return frozenset()
    # The box joins what is the same for several drugs, so that texts are compared.
    own = {line.drug: {s.text_id for s in line.statements} for line in said.drugs}
    return frozenset(
        drug for s in said.urgent for drug in s.drugs if s.text_id not in own.get(drug, {s.text_id})
    )


def _see_urgent(names: Sequence[str], elsewhere: Collection[str], words: ReportWords) -> str:
    """Return the reference of a row to the urgent box, with its drugs if others share the row."""
    meant = tuple(name for name in names if name in elsewhere)
    if not meant:
        return ""
    see = words.say("label-see-urgent")
    return see if len(meant) == len(names) else f"{words.drugs(meant)}: {see}"


def tell_genes(report: PatientReport, anchors: Collection[str], words: ReportWords) -> Genes:
    """Return the genes; those in `anchors` can be led to."""
    say, groups = words.say, group_genes(report)
    tabled = (*groups.deciding, *groups.other)
    caveats = dict.fromkeys(c for g in tabled for c in g.caveats)
    numbers = {c: n for n, c in enumerate(caveats, 1)}

    def row(gene: GeneResult) -> GeneRow:
        led, at = gene_anchor(gene) in anchors, tuple(numbers[c] for c in gene.caveats)
        return words.once("gene-row", (gene,), (led, at), partial(_gene, gene, led, at, words))

    def plain(gene: GeneResult) -> PlainGene:
        led = gene_anchor(gene) in anchors
        return words.once("plain-gene", (gene,), led, partial(_plain, gene, led, words))

    silent = groups.not_assessed
    led = tuple(gene_anchor(g) in anchors for g in silent)

    tables = (
        GeneTable(say(caption), tuple(map(row, genes)))
        for caption, genes in (
            ("label-genes-deciding", groups.deciding),
            ("label-genes-other", groups.other),
        )
        if genes
    )
    return Genes(
        say("heading-genes"),
        tuple(say(f"label-{x}") for x in ("gene", "result", "phenotype", "how-complete")),
        tuple(tables),
        say("label-genes-plain") if groups.plain else "",
        tuple(map(plain, groups.plain)),
        f"{capital(say('status-gene-not-assessed'))}:" if silent else "",
        words.once("not-assessed", silent, led, lambda: tuple(map(_named, silent, led))),
        say("label-caveats") if caveats else "",
        tuple(Named(say(c), Target(f"k{n}")) for c, n in numbers.items()),
    )


def _named(gene: GeneResult, led: bool) -> Named:
    """Return the name of a gene; `led` if something leads to it."""
    return Named(gene.gene, Target(gene_anchor(gene))) if led else Named(gene.gene)


def _plain(gene: GeneResult, led: bool, words: ReportWords) -> PlainGene:
    return PlainGene(
        _named(gene, led),
        words.gene_line(gene),
        f"({read_part(gene)})" if gene.sites_assessed < gene.sites_total else "",
    )


def _gene(gene: GeneResult, led: bool, numbers: tuple[int, ...], words: ReportWords) -> GeneRow:
    say = words.say
    caveats = tuple(Link(str(n), Target(f"k{n}")) for n in numbers)
    activity = scores(gene, words)
    sites = SiteList(
        say("label-sites"), Hint(f"({len(gene.sites)})"), tuple(_site(s, words) for s in gene.sites)
    )
    return GeneRow(
        _named(gene, led),
        words.gene_line(gene),
        undocumented(gene, words),
        sites if gene.sites else None,
        words.phenotypes(gene),
        f"({activity})" if activity else "",
        status_word(gene.status, words),
        read_part(gene),
        say("label-not-excluded") if gene.not_excluded else "",
        ", ".join(gene.not_excluded),
        say("label-caveats") if caveats else "",
        caveats,
    )


def _site(site: SiteCall, words: ReportWords) -> str:
    parts = [
        site.site,
        f"{site.chrom}:{site.pos}",
        ("|" if site.phased else "/").join(site.alleles),
    ]
    if site.depth is not None:
        parts.append(f"DP {site.depth}")
    if site.quality is not None:
        parts.append(f"GQ {site.quality}")
    if site.reason != ".":
        parts.append(f"({words.word('site', site.reason)})")
    return " ".join(parts)


def tell_variants(report: PatientReport, teller: Teller) -> Variants:
    """Return the genes that are read for rare variants."""
    words = teller.words
    say = words.say
    covered = covered_of(report, words)
    exons, unread = words.once("exons-told", (covered,), (), partial(_coverage, covered, words))
    ranked = sorted(enumerate(report.findings, 1), key=lambda f: finding_rank(f[1]))
    return Variants(
        say("heading-variants"),
        tuple(teller.said(line_of(s, words)) for s in report.interpretation.monogenic),
        tuple(
            say(f"label-{x}")
            for x in ("gene", "variant", "consequence", "class", "direction")
            if ranked
        ),
        tuple(_variant(report, number, teller) for number, _ in ranked),
        "" if ranked else say("label-no-variant-reported"),
        say("label-exon-coverage") if exons else "",
        exons,
        unread,
    )


def _coverage(
    covered: Covered, words: ReportWords
) -> tuple[tuple[ExonRow, ...], tuple[Field, ...]]:
    """Return how far exons were read, and the genes that were not, each group with its reason.

    Beside a gene stands how many of its listed variants were read and are absent.
    """
    return (
        tuple(ExonRow(c.gene, exon_parts(c)) for c in covered.assessed),
        tuple(
            Field(words.alone(reason), ", ".join(listed_part(c, words) for c in genes))
            for reason, genes in covered.unread
        ),
    )


def _variant(report: PatientReport, number: int, teller: Teller) -> VariantRow:
    words, f = teller.words, report.findings[number - 1]
    place = f"{f.key.chrom}:{f.key.pos} {f.key.ref}>{f.key.alt}"
    return VariantRow(
        Named(f.gene, Target(f"v{number}")),
        (place, f.hgvs_c or "", f.hgvs_p or "", *map(words.alias, f.aliases)),
        words.consequences(f.consequences),
        tuple(map(words.feature, f.features)),
        frequency_words(f, words),
        class_word(f.classification, words),
        class_records(f, words),
        direction_word(f.direction, words),
        words.alone(f.direction_basis),
        words.say("label-functional") if f.functional else "",
        Hint(f"({len(f.functional)})"),
        tuple(_functional(e, teller) for e in f.functional),
    )


def _functional(e: FunctionalEvidence, teller: Teller) -> Functional:
    words = teller.words
    # A direction that nobody checked is not printed: a reader would take it for a finding.
    checked = e.evidence.verified
    shown = direction_word(e.direction, words) if checked else words.say("label-direction-withheld")
    text = (
        f"{words.word('relation', e.relation)}: {e.gene} {e.protein_change}, "
        f"{shown}, {words.word('method', e.method)}"
    )
    return Functional(text, teller.source(e.evidence))
