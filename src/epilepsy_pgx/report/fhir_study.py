"""What was read of which gene, as the guide has it: a genomic study, its analysis and its regions.

The guide has no observation for it since its third edition. The study holds the genes as codes;
one plain observation says the same for whoever shows observations only.
"""

from itertools import groupby

from epilepsy_pgx.model import GeneCoverage
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Gene
from epilepsy_pgx.report.fhir_codes import (
    ABSENT_OF,
    BUILDS,
    CATEGORY,
    HGNC,
    PROFILES,
    Json,
    answer,
    coding,
    component,
    missing,
)
from epilepsy_pgx.report.fhir_entries import Entries
from epilepsy_pgx.report.view.words import exon_parts, listed_part, status_word
from epilepsy_pgx.vocabulary import GeneStatus, GenomeBuild

KEY = "coverage"
"""Key of the observation that says how far the genes were read."""
STUDY = "study"


class Study:
    """Adds the study of the genes that are read for rare variants."""

    def __init__(self, made: Entries, ref: Reference) -> None:
        self._made = made
        self._hgnc = {r.gene: r.hgnc_id for r in ref.rows(Gene)}

    def add(self) -> None:
        """Add the study, its analysis, and what both say in words."""
        items = self._made.report.coverage
        if not items:
            return
        self._observation(items)
        build = answer(BUILDS[GenomeBuild(self._made.report.provenance.build)])
        self._procedure(
            STUDY,
            "genomic-study",
            [_extension("genomic-study-analysis-ext", valueReference=self._made.to("analysis"))],
        )
        self._procedure(
            "analysis",
            "genomic-study-analysis",
            [
                _extension("genomic-study-analysis-genome-build", valueCodeableConcept=build),
                _extension("genomic-study-analysis-regions", extension=self._regions(items)),
            ],
        )

    def _procedure(self, key: str, profile: str, extension: list[Json]) -> None:
        gone = self._made.status == "entered-in-error" and key == STUDY
        self._made.found[key] = {
            "resourceType": "Procedure",
            "meta": {"profile": [PROFILES + profile]},
            "extension": extension,
            # The guide allows an analysis no other status; that of the report counts.
            "status": "entered-in-error" if gone else "completed",
            "category": {"coding": [coding(CATEGORY, "laboratory", "Laboratory")]},
            "subject": self._made.to("patient"),
        }

    def _regions(self, items: tuple[GeneCoverage, ...]) -> list[Json]:
        """Return each gene as studied, and as called only if it was read in full."""
        told: list[Json] = []
        for item in items:
            number = self._hgnc.get(item.gene)
            gene = {
                "coding": [coding(HGNC, number, item.gene)] if number else None,
                "text": item.gene,
            }
            called = "called" if item.status is GeneStatus.COMPLETE else "uncalled"
            kinds = ("studied", called) if item.assessed else (called,)
            told += [{"url": kind, "valueCodeableConcept": gene} for kind in kinds]
        return told

    def _observation(self, items: tuple[GeneCoverage, ...]) -> None:
        parts, notes = [], []
        for (status, reason), group in groupby(sorted(items, key=_sorting), _sorting):
            genes = [*group]
            state = status_word(GeneStatus(status), self._made.terms)
            why = self._made.terms.alone(reason).rstrip(" :")
            absent = ABSENT_OF.get(GeneStatus(status))
            named = ", ".join(listed_part(g, self._made.terms) for g in genes)
            value: Json = {"valueString": named}
            if absent:
                value = {"dataAbsentReason": missing(absent, named)}
            parts.append(component({"text": f"{state}: {why}" if why else state}, **value))
            for gene in genes:
                if not absent and (exons := "; ".join(exon_parts(gene))):
                    label = self._made.say("label-exon-coverage")
                    notes.append(f"{gene.gene}: {label} {exons}")
        self._made.observe(
            KEY,
            None,
            {"text": self._made.say("label-how-complete")},
            note=self._made.notes(*notes),
            component=parts,
        )


def _sorting(item: GeneCoverage) -> tuple[str, str]:
    return item.status.value, item.reason


def _extension(name: str, **more: object) -> Json:
    return {"url": PROFILES + name, **more}
