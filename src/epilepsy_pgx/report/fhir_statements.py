"""What the report says about drugs, as FHIR observations."""

from epilepsy_pgx.model import DrugPrediction
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Drug
from epilepsy_pgx.report.fhir_codes import (
    ATC,
    PROFILES,
    RELATED,
    RXNORM,
    Json,
    coding,
    component,
    line,
    tbd,
    term,
)
from epilepsy_pgx.report.fhir_entries import Entries
from epilepsy_pgx.report.fhir_study import KEY
from epilepsy_pgx.report.lines import BESIDE_GENES
from epilepsy_pgx.report.view.words import settle, source_level
from epilepsy_pgx.statement import Statement, SubjectKind
from epilepsy_pgx.vocabulary import Tier

_ASKS = (Tier.ACT, Tier.CONSIDER)
_STANDS = ("final", "amended", "corrected")
"""Statuses in which a report proposes something: a draft does not, nor does a withdrawn report."""


class Statements:
    """Adds the statements that ask for something to the entries."""

    def __init__(self, made: Entries, ref: Reference) -> None:
        self._made = made
        self._cited = {key: (said, link) for key, said, link in made.report.citations}
        self._drugs = {r.drug: r for r in ref.rows(Drug) if r.verified}

    def add(self) -> None:
        """Add every statement that asks for action or thought, each once for its drug."""
        found = self._made.report.interpretation
        done: set[object] = set()
        number = 0
        several = [
            *((s, d) for d in found.drugs for s in d.statements),
            *(
                (s, None)
                for s in (
                    *found.urgent,
                    *found.interactions,
                    *found.monogenic,
                    *(s for c in found.context for s in c.statements),
                    *found.exposure,
                )
            ),
        ]
        for statement, drug in several:
            if statement.tier not in _ASKS or (drug is None and statement.wording in done):
                continue
            done.add(statement.wording)
            self._statement(f"statement/{number}", statement, drug)
            number += 1

    def _statement(self, key: str, statement: Statement, drug: DrugPrediction | None) -> None:
        derived = self._derived(statement)
        genomic = bool(derived) and statement.origin not in BESIDE_GENES
        terms = self._made.terms
        words = [self._made.say(f"label-tier-{statement.tier.value}")]
        if drug is not None:
            words.insert(0, terms.verdict(statement.response))
        if statement.urgent:
            words.insert(0, self._made.say("heading-urgent"))
        if statement.conditional:
            words.append(self._made.say("label-conditional"))
        parts = [
            component(
                tbd("therapeutic-implication"), valueCodeableConcept={"text": "; ".join(words)}
            ),
            component(tbd("conclusion-string"), valueString=line(terms.sentence(statement))),
        ]
        if drug is not None:
            parts.append(
                component(term("51963-7"), valueCodeableConcept=self._medication(drug.drug))
            )
        levels = dict.fromkeys(source_level(e, terms) for e in statement.evidence)
        parts += [
            component(term("93044-6"), valueCodeableConcept={"text": line(level)})
            for level in levels
            if level
        ]
        label = terms.origin(statement)
        self._made.observe(
            key,
            "therapeutic-implication" if genomic else None,
            tbd("therapeutic-implication") if genomic else {"text": label},
            "laboratory" if genomic else "therapy",
            extension=self._citations(statement),
            note=self._made.notes(
                label,
                *map(terms.tell, statement.reasons),
                settle(statement.resolve, terms),
                *(
                    f"{self._made.say('label-evidence')}: {terms.source_name(e)} "
                    f"({e.table}: {e.row})"
                    for e in statement.evidence
                ),
            ),
            derivedFrom=[self._made.to(k) for k in derived],
            component=parts,
        )
        asked = genomic and drug is not None and statement.tier is Tier.ACT
        if asked and self._made.status in _STANDS:
            self._recommend(key, statement)

    def _recommend(self, key: str, statement: Statement) -> None:
        """Add what is asked for about a drug as the guide has it: a proposed task."""
        made = self._made
        made.found[f"recommendation/{key}"] = {
            "resourceType": "Task",
            "meta": {"profile": [PROFILES + "medication-recommendation"]},
            "status": "requested",
            "intent": "proposal",
            "priority": "urgent" if statement.urgent else None,
            "description": line(made.terms.sentence(statement)),
            "for": made.to("patient"),
            "reasonReference": made.to(key),
        }

    def _medication(self, drug: str) -> Json:
        row = self._drugs.get(drug)
        codes = []
        if row is not None:
            if row.rxnorm:
                codes.append(coding(RXNORM, row.rxnorm))
            codes += [coding(ATC, code) for code in row.atc]
        return {"coding": codes, "text": self._made.wording.names([drug])}

    def _citations(self, statement: Statement) -> list[Json]:
        keys = dict.fromkeys(c for e in statement.evidence for c in e.citations)
        made = []
        for key in keys:
            said, link = self._cited.get(key, (key, "."))
            whole = link.startswith("https://") and len(link.split()) == 1
            made.append(
                {
                    "url": RELATED,
                    "valueRelatedArtifact": {
                        "type": "citation",
                        "label": line(key),
                        "citation": line(said),
                        "url": link if whole else None,
                    },
                }
            )
        return made

    def _derived(self, statement: Statement) -> list[str]:
        """Return the observations that a statement's reasons are about.

        A reason about a variant rests on that variant alone.
        """
        report = self._made.report
        found: dict[str, None] = {}
        for reason in statement.reasons:
            subject = reason.subject
            if subject.kind not in (SubjectKind.GENE, SubjectKind.VARIANT):
                continue
            named = [
                f"finding/{n}"
                for n, f in enumerate(report.findings)
                if subject.kind is SubjectKind.VARIANT
                and (f.gene, str(f.key)) == (subject.gene, subject.names[0])
            ]
            if not named:
                genes = {subject.gene} if subject.gene else {*subject.names}
                named = [f"genotype/{g.gene}" for g in report.genes if g.gene in genes]
                named += [KEY] if any(c.gene in genes for c in report.coverage) else []
            found.update(dict.fromkeys(named))
        return list(found)
