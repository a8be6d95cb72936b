"""What was found in a patient's genes, as FHIR observations."""

import re

from epilepsy_pgx.model import GeneResult, VariantFinding
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Gene
from epilepsy_pgx.report.fhir_codes import (
    ABSENT_OF,
    BUILDS,
    CLASSES,
    CLINVAR,
    FUNCTION,
    HGNC,
    HGVS,
    INDETERMINATE,
    METABOLISER,
    ONE_BASED,
    PRESENT,
    REFSEQ,
    STATES,
    Json,
    answer,
    coding,
    component,
    line,
    missing,
    tbd,
    term,
)
from epilepsy_pgx.report.fhir_entries import Entries
from epilepsy_pgx.report.view.words import (
    class_author,
    class_word,
    direction_word,
    frequency_words,
    read_part,
    scores,
    status_word,
    undocumented,
    zygosity_word,
)
from epilepsy_pgx.vocabulary import GeneStatus, GenomeBuild, SiteStatus

_BASES = re.compile("[ACGTN]+")
_CLINVAR_ID = re.compile(r"VCV\d+(\.\d+)?")


class Results:
    """Adds genotypes, phenotypes and variants to the entries."""

    def __init__(self, made: Entries, ref: Reference) -> None:
        self._made = made
        self._build = GenomeBuild(made.report.provenance.build)
        self._hgnc = {r.gene: r.hgnc_id for r in ref.rows(Gene)}
        self._accessions = ref.contigs(self._build).accessions

    def add(self) -> None:
        """Add what the report has."""
        for number, finding in enumerate(self._made.report.findings):
            self._finding(f"finding/{number}", finding)
        for gene in self._made.report.genes:
            self._genotype(gene)
            self._phenotype(gene)

    def _gene_part(self, gene: str) -> Json:
        number = self._hgnc.get(gene)
        return component(
            term("48018-6"),
            valueCodeableConcept={
                "coding": [coding(HGNC, number, gene)] if number else None,
                "text": gene,
            },
        )

    def _genotype(self, gene: GeneResult) -> None:
        state = status_word(gene.status, self._made.terms)
        known = " | ".join(gene.shown) or ", ".join(gene.alleles_present)
        absent = ABSENT_OF.get(gene.status)
        if absent is None and (not known or gene.unlisted):
            absent = "unknown"
        if absent:
            value: Json = {"dataAbsentReason": missing(absent, f"{gene.gene}: {state}")}
        else:
            complete = gene.status is GeneStatus.COMPLETE
            text = f"{gene.gene} {known}" + ("" if complete else f" ({state})")
            value = {"valueCodeableConcept": {"text": text}}
        self._made.observe(
            f"genotype/{gene.gene}",
            None if absent else "genotype",
            term("84413-4"),
            **value,
            note=self._made.notes(*self._gene_notes(gene)),
            method=None if absent else {"text": self._made.wording.word("basis", gene.basis)},
            component=[self._gene_part(gene.gene)],
        )

    def _gene_notes(self, gene: GeneResult) -> list[str]:
        said = [self._made.say(c) for c in gene.caveats]
        if gene.sites_total:
            said.append(f"{read_part(gene)} {self._made.say('label-positions-known')}")
        if gene.not_excluded:
            said.append(f"{self._made.say('label-not-excluded')} {', '.join(gene.not_excluded)}")
        return [*said, undocumented(gene, self._made.terms)]

    def _phenotype(self, gene: GeneResult) -> None:
        """Add the phenotype; it is coded only if the gene was read in full and nothing is open."""
        if not gene.phenotypes or gene.status in ABSENT_OF:
            return
        state = status_word(gene.status, self._made.terms)
        complete = gene.status is GeneStatus.COMPLETE and not gene.lost_function
        terms = self._made.terms
        found = None
        if gene.phenotype and complete:
            found = (METABOLISER | FUNCTION).get(gene.phenotype.lower())
        shown = (self._made.terms.word("phenotype", p) for p in gene.phenotypes)
        text = " | ".join(shown) + ("" if complete else f" ({state})")
        value = answer(found, text)
        parts = [component(tbd("therapeutic-implication"), valueCodeableConcept=value)]
        code = tbd("therapeutic-implication")
        if any(p.lower().endswith("metabolizer") for p in gene.phenotypes):
            code = {"coding": [*code["coding"], *term("53040-2")["coding"]]}
            parts.append(component(term("53040-2"), valueCodeableConcept=value))
        code["text"] = f"{self._made.say('label-phenotype')}: {gene.gene}"
        self._made.observe(
            f"phenotype/{gene.gene}",
            "therapeutic-implication",
            code,
            note=self._made.notes(
                scores(gene, terms),
                *self._gene_notes(gene),
                *(
                    f"{self._made.say('label-adjusted')}: {terms.tell(a.adjusted)} "
                    f"({terms.acting(a)})"
                    for a in self._made.report.interpretation.adjusted_phenotypes
                    if a.gene == gene.gene
                ),
            ),
            derivedFrom=[self._made.to(f"genotype/{gene.gene}")],
            component=parts,
        )

    def _finding(self, key: str, finding: VariantFinding) -> None:
        seen = finding.status in (SiteStatus.CALLED, SiteStatus.PARTIAL)
        direction = direction_word(finding.direction, self._made.terms)
        self._made.observe(
            key,
            "variant",
            term("69548-6"),
            valueCodeableConcept=answer(PRESENT if seen else INDETERMINATE),
            note=self._made.notes(
                f"{self._made.say('label-consequence')}: "
                + self._made.terms.consequences(finding.consequences),
                f"{self._made.say('label-direction')}: {direction}. "
                + self._made.terms.alone(finding.direction_basis),
                *(self._made.say(n) for n in finding.notes),
                *(frequency_words(finding, self._made.terms) if finding.frequencies else ()),
            ),
            component=[self._gene_part(finding.gene), *self._names(finding), *self._place(finding)],
        )
        if finding.classifications:
            self._classified(f"{key}/class", key, finding)

    def _names(self, finding: VariantFinding) -> list[Json]:
        parts = []
        for code, system, name in (
            ("48004-6", HGVS, finding.hgvs_c),
            ("48005-3", HGVS, finding.hgvs_p),
            ("51958-7", REFSEQ, finding.transcript),
        ):
            if line(name) not in ("", "."):
                shown = line(name)
                parts.append(
                    component(
                        term(code), valueCodeableConcept={"coding": [coding(system, shown, shown)]}
                    )
                )
        state = STATES.get(finding.zygosity)
        said = zygosity_word(finding.zygosity, self._made.terms)
        value = (
            {"valueCodeableConcept": answer(state, said)}
            if state
            else {"dataAbsentReason": missing("unknown", said)}
        )
        parts.append(component(term("53034-5"), **value))
        if finding.curated_id and _CLINVAR_ID.fullmatch(finding.curated_id):
            parts.append(
                component(
                    term("81252-9"),
                    valueCodeableConcept={"coding": [coding(CLINVAR, finding.curated_id)]},
                )
            )
        return parts

    def _place(self, finding: VariantFinding) -> list[Json]:
        """Return coordinates in the build of the input, 1-based; no end where none is known."""
        where = finding.key
        parts = [component(term("62374-4"), valueCodeableConcept=answer(BUILDS[self._build]))]
        accession = self._accessions.get(where.chrom)
        if accession:
            parts.append(
                component(
                    term("48013-7"),
                    valueCodeableConcept={"coding": [coding(REFSEQ, accession, accession)]},
                )
            )
        parts.append(component(term("92822-6"), valueCodeableConcept=answer(ONE_BASED)))
        if _BASES.fullmatch(where.ref) and _BASES.fullmatch(where.alt):
            parts.append(component(term("69547-8"), valueString=where.ref))
            parts.append(component(term("69551-0"), valueString=where.alt))
            parts.append(
                component(
                    term("81254-5"),
                    valueRange={
                        "low": {"value": where.pos},
                        "high": {"value": where.pos + len(where.ref) - 1},
                    },
                )
            )
        else:
            parts.append(
                component({"text": self._made.say("label-variant")}, valueString=line(str(where)))
            )
        return parts

    def _classified(self, key: str, of: str, finding: VariantFinding) -> None:
        """Add the class; it is coded only if it is the laboratory's own."""
        found = finding.classification
        own = any(r.act for r in finding.classifications)
        said = class_word(found, self._made.terms)
        self._made.observe(
            key,
            "diagnostic-implication",
            tbd("diagnostic-implication"),
            note=self._made.notes(
                *(
                    f"{class_word(r.classification, self._made.terms)}: "
                    + class_author(r, self._made.terms)
                    for r in finding.classifications
                )
            ),
            derivedFrom=[self._made.to(of)],
            component=[
                component(
                    term("53037-8"),
                    valueCodeableConcept=answer(CLASSES.get(found) if own else None, said),
                )
            ],
        )
