"""Put the view of a report together."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from epilepsy_pgx.authorisation import name_edition
from epilepsy_pgx.model import ContextSection, GeneQuality, PatientReport, Provenance, SampleQuality
from epilepsy_pgx.report import evidence, pageone
from epilepsy_pgx.report.build import missing_transcripts, report_state
from epilepsy_pgx.report.drugtable import group_drugs, group_facts
from epilepsy_pgx.report.gaps import covered_of
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.lines import line_of
from epilepsy_pgx.report.notjudged import behind_page_one
from epilepsy_pgx.report.room import unchecked_pairs
from epilepsy_pgx.report.view.cohortpicture import draw_prediction
from epilepsy_pgx.report.view.factors import tell_exposure, tell_factors
from epilepsy_pgx.report.view.first import linked_drugs, tell_page_one
from epilepsy_pgx.report.view.history import draw_history
from epilepsy_pgx.report.view.later import (
    Chain,
    Citation,
    Citations,
    Evidence,
    Fact,
    FactRow,
    Facts,
    Interactions,
    Methods,
    Quality,
    QualityCheck,
    QualityGene,
    Section,
    Tier,
    Version,
)
from epilepsy_pgx.report.view.model import (
    Field,
    Head,
    Hint,
    Identity,
    Link,
    Named,
    Notice,
    Said,
    Target,
)
from epilepsy_pgx.report.view.orders import tell_orders
from epilepsy_pgx.report.view.overview import draw_overview
from epilepsy_pgx.report.view.summary import tell_person
from epilepsy_pgx.report.view.tables import rows_by_name, tell_drugs, tell_genes, tell_variants
from epilepsy_pgx.report.view.whole import View
from epilepsy_pgx.report.view.words import Teller, adjusted_result, capital, fields_of, recorded
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Message, Statement
from epilepsy_pgx.vocabulary import ReportState, ReportStatus


def build_view(
    report: PatientReport, words: ReportWords, letterhead: Letterhead, plan: pageone.PageOne
) -> View:
    """Return what every page of a report prints.

    Parameters
    ----------
    words
        Words of the language of the page.
    plan
        What page one shows: how much depends on the paper.
    """
    say = words.say
    drugs = report.interpretation.drugs
    classes = group_drugs(drugs, words)
    rows = [row for _, row in rows_by_name(classes, words)]
    chains = evidence.number_evidence(report, (n for row in rows for n in row.names), words)
    teller = Teller(report, words, chains)
    status = tell_status(report, words)
    anchors = chains.anchors | {evidence.gene_anchor(g) for row in rows for g in row.genes}
    facts = _facts(report, teller)
    # Densely printed, page one has no room for a source beside each line.
    sources = say(
        "label-sources-behind", drugs=say("heading-drugs"), evidence=say("heading-evidence")
    )
    refused = Notice(say("heading-not-reportable"), tuple(map(words.tell, report.not_reportable)))
    return View(
        title=say("heading-report"),
        sample=Hint(report.patient.sample_id),
        kind=ReportStatus(report.status),
        status=status,
        draft_mark=_mark(report, words),
        use=f"{say('label-intended-use')} {sources}",
        page=say("label-page"),
        skip=Hint(say("label-skip")),
        evidence_hint=Hint(say("label-evidence")),
        summary=Hint(say("label-in-short")),
        counts=Hint(say("label-in-numbers")),
        contents=Hint(say("label-contents")),
        links=_contents(report, words),
        head=_head(letterhead, words),
        identity=_identity(report, status, words),
        refused=refused if refused.said else None,
        page_one=tell_page_one(report, plan, teller),
        overview=draw_overview(report, words),
        drugs=tell_drugs(report, classes, linked_drugs(plan), teller),
        facts=facts if facts.rows else None,
        interactions=_interactions(report, plan, teller),
        factors=tell_factors(report, teller),
        sections=_sections(report, teller),
        orders=tell_orders(report, words),
        genes=tell_genes(report, anchors, words),
        variants=tell_variants(report, teller),
        quality=_quality(report, words),
        evidence=_evidence(chains, teller),
        methods=_methods(report, words),
        citations=_citations(report, words),
    )


def _contents(report: PatientReport, words: ReportWords) -> tuple[Link, ...]:
    """Return the table of contents of a screen, without what the report does not have."""
    places = (
        ("now", "heading-current", True),
        ("options", "heading-before-starting", True),
        ("cause", "heading-monogenic", True),
        ("unseen", "heading-limits", True),
        ("drugs", "heading-drugs", True),
        ("orders", "heading-order-list", bool(report.interpretation.next_tests)),
        ("genes", "heading-genes", True),
        ("variants", "heading-variants", True),
        ("quality", "heading-quality", report.quality is not None),
        ("citations", "heading-citations", True),
    )
    return tuple(Link(Hint(words.say(text)), Target(at)) for at, text, there in places if there)


def _mark(report: PatientReport, words: ReportWords) -> str:
    """Return what stands across each page: of a draft, and of a report that was withdrawn."""
    if report_state(report) is ReportState.WITHDRAWN:
        return words.say("label-withdrawn-mark")
    return words.say("label-draft-mark") if report.status == ReportStatus.DRAFT else ""


def tell_status(report: PatientReport, words: ReportWords) -> str:
    """Return how far a report is."""
    return words.say(f"status-{report_state(report).replace(' ', '-')}")


def _head(head: Letterhead, words: ReportWords) -> Head | None:
    if head.empty:
        return None
    alt = Hint(head.name or words.say("parameter-laboratory-logo")) if head.logo else Hint("")
    return Head(head.name, " · ".join(head.address), head.accreditation, alt)


def _identity(report: PatientReport, status: str, words: ReportWords) -> Identity:
    patient = report.patient
    edition = name_edition(report.report_id, report.authorisation)
    entry = recorded(report.authorisation, words)
    running = (
        patient.name,
        patient.birth_date,
        patient.record_number,
        patient.accession,
        patient.sample_id,
        f"{words.say('label-report-id')} {edition}",
        entry,
    )
    return Identity(
        Hint(words.say("heading-identity")),
        tell_issued(report, words),
        tuple(tell_fields(report, words)),
        tuple(x for x in running if x),
        (patient.sample_id, edition, *((entry,) if entry else ())),
    )


def tell_fields(report: PatientReport, words: ReportWords) -> Iterator[Field]:
    """Yield who the report is about, with age, sex and weight behind the name and no label."""
    name, *others = (Field(label, value) for label, value in fields_of(report, words) if value)
    yield name
    yield Field("", tell_person(report, words))
    yield from others


def tell_issued(report: PatientReport, words: ReportWords) -> Field:
    """Return which report it is, and of which day."""
    edition = name_edition(report.report_id, report.authorisation)
    return Field(words.say("label-report-id"), f"{edition}, {report.provenance.created}")


def _facts(report: PatientReport, teller: Teller) -> Facts:
    words = teller.words
    lines = group_facts(report.interpretation.drugs, words)
    cites = words.once("facts-cites", (lines,), (), lambda: _cites(x.statement for _, x in lines))
    return words.once(
        "facts",
        (lines,),
        tuple(map(teller.cited.get, cites)),
        lambda: Facts(
            words.say("heading-facts"),
            tuple(
                FactRow(words.drugs(names), line.text, teller.sources(line.statement))
                for names, line in lines
            ),
        ),
    )


def _interactions(
    report: PatientReport, plan: pageone.PageOne, teller: Teller
) -> Interactions | None:
    found, words = report.interpretation, teller.words
    pairs = unchecked_pairs(report, words) if plan.pairs_behind else ""
    unjudged = behind_page_one(report, words)
    unchecked = ". ".join(capital(x) for x in (*unjudged, pairs) if x)
    if not (found.interactions or found.adjusted_phenotypes or unchecked):
        return None
    return Interactions(
        words.say("heading-interactions"),
        tuple(Field(a.gene, adjusted_result(a, words)) for a in found.adjusted_phenotypes),
        tuple(teller.said(line_of(s, words)) for s in found.interactions),
        unchecked,
    )


def _sections(report: PatientReport, teller: Teller) -> tuple[Section, ...]:
    words, made = teller.words, []
    for section in report.interpretation.context:
        cites = words.once("section-cites", (section,), (), partial(_cites, section.statements))
        made.append(
            words.once(
                "section",
                (section, report.clinical),
                tuple(map(teller.cited.get, cites)),
                partial(_section, section, report, teller),
            )
        )
    exposure = tell_exposure(report, teller)
    return (*made, *((exposure,) if exposure else ()))


def _cites(statements: Iterable[Statement]) -> tuple[str, ...]:
    return tuple(c for s in statements for e in s.evidence for c in e.citations)


def _section(section: ContextSection, report: PatientReport, teller: Teller) -> Section:
    words = teller.words
    origin = words.shared_origin(section.statements)
    said = []
    for s in section.statements:
        told = teller.said(line_of(s, words), not origin, number=False)
        said.append(Said(told.text, told.tags, sources=teller.sources(s)))
    drawn = (
        draw_prediction(s, words) or draw_history(s, report.clinical, words)
        for s in section.statements
    )
    pictures = tuple(picture for picture in drawn if picture is not None)
    return Section(words.say(section.heading_id), origin, tuple(said), pictures)


def _quality(report: PatientReport, words: ReportWords) -> Quality | None:
    found = report.quality
    if found is None:
        return None
    return words.once("quality", (found,), (), lambda: _told(found, words))


def _told(found: SampleQuality, words: ReportWords) -> Quality:
    say = words.say
    return Quality(
        say("heading-quality"),
        tuple(
            QualityCheck(
                words.word("quality-check", c.check),
                words.word("check-outcome", c.outcome),
                words.tell(c.found),
            )
            for c in found.checks
        ),
        say("quality-genes") if found.genes else "",
        tuple(
            say(f"quality-column-{x}")
            for x in ("gene", "positions", "depth", "quality", "tiers")
            if found.genes
        ),
        tuple(
            words.once("gene-quality", (), g, partial(_gene_quality, g, words)) for g in found.genes
        ),
        say("label-caller") if found.caller else "",
        tuple(value for _, value in found.caller),
    )


def _gene_quality(gene: GeneQuality, words: ReportWords) -> QualityGene:
    say = words.say
    sets = (("1", gene.tier1_not_tested), ("2", gene.tier2_not_tested))
    missed = ", ".join(gene.tier1_not_tested + gene.tier2_not_tested)
    depth, quality = ("" if x is None else str(x) for x in (gene.depth_median, gene.quality_median))
    return QualityGene(
        gene.gene,
        f"{gene.usable}/{gene.positions}",
        depth,
        quality,
        tuple(Tier(say("quality-tier", number=n), ", ".join(names)) for n, names in sets if names),
        f"({say('quality-not-tested', alleles=missed)})" if missed else "",
    )


def _evidence(chains: evidence.EvidenceList, teller: Teller) -> Evidence | None:
    once, cited, made = teller.words.once, teller.cited.get, []
    cites = teller.words.each(_cites_of)
    for number, chain in enumerate(chains.chains, 1):
        numbers = [cited(c) for source in chain.sources for c in cites(source)]
        made.append(
            once(
                "chain-told",
                (*chain.reasons, *chain.sources),
                (number, chain.same_as, len(chain.sources), *numbers),
                partial(_chain, number, chain, teller),
            )
        )
    return Evidence(teller.words.say("heading-evidence"), tuple(made)) if made else None


def _cites_of(source: evidence.Source, _: ReportWords) -> tuple[str, ...]:
    return source.evidence.citations


def _chain(number: int, chain: evidence.Chain, teller: Teller) -> Chain:
    same = None
    if chain.same_as:
        name = teller.words.say("label-as-in", number=teller.chain_name(chain.same_as))
        same = Link(name, Target(f"e{chain.same_as}"))
    facts = () if same else tuple(Fact(r.name, Target(r.anchor), r.rest) for r in chain.reasons)
    return Chain(
        Named(teller.chain_name(number), Target(f"e{number}")),
        same,
        facts,
        tuple(map(teller.with_rows, chain.sources)),
        bool(chain.reasons),
    )


def _methods(report: PatientReport, words: ReportWords) -> Methods:
    say, made = words.say, report.provenance
    stated = words.once("stated", (covered_of(report, words),), (), partial(_stated, report, words))
    versions = [
        Version(say("label-software"), f"{made.software} {made.software_version}", ""),
        Version(say("label-tables"), made.reference_version, made.reference_digest),
        Version(say("label-build"), made.build, ""),
    ]
    inputs = words.once("inputs", (made,), (), partial(_inputs, made, words))
    return Methods(
        say("heading-methods"),
        tuple(words.tell(x) for x in report.limits if x not in stated),
        say("label-versions"),
        tuple(versions),
        inputs,
    )


def _stated(report: PatientReport, words: ReportWords) -> list[Message]:
    """Return the limits that the genes not read tell already."""
    unread = covered_of(report, words).unread
    return [missing_transcripts([c.gene for c in genes]) for _, genes in unread]


def _inputs(made: Provenance, words: ReportWords) -> tuple[Version, ...]:
    """Return what was read, and how."""
    return (
        *(Version(words.word("role", f.role), f.name, f.digest) for f in made.inputs),
        *(Version(words.word("parameter", k), words.number(v), "") for k, v in made.parameters),
    )


def _citations(report: PatientReport, words: ReportWords) -> Citations:
    cited = report.citations
    return words.once("citations", cited, (), lambda: _cited(cited, words))


_READ_ON = re.compile(r"[,;] read \d{4}-\d\d-\d\d")
"""The day of a reading, which the tables and their documentation tell."""
_YEAR_AGAIN = re.compile(r"\b(\d{4})\b(.*) \(\1\)$")
"""The year of a source of which the words tell it already."""


def _cited(cited: Sequence[tuple[str, str, str]], words: ReportWords) -> Citations:
    return Citations(
        words.say("heading-citations"),
        tuple(
            Citation(
                Target(f"c{number}"),
                _YEAR_AGAIN.sub(r"\1\2", _READ_ON.sub("", said)) + ".",
                key,
                Target(link if link.startswith("https://") else ""),
            )
            for number, (key, said, link) in enumerate(cited, 1)
        ),
    )
