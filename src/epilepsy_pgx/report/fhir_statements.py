"""What the report says about drugs, as FHIR observations."""

import re

from epilepsy_pgx.model import DrugPrediction
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.fhir_codes import (
    ATC,
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
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import Origin, Tier

_ASKS = (Tier.ACT, Tier.CONSIDER)


class Statements:
    """Adds the statements that ask for something to the entries."""

    def __init__(self, made: Entries, ref: Reference) -> None:
        self._made = made
        self._cited = {key: (said, link) for key, said, link in made.report.citations}
        self._drugs = {
            r.need("drug"): r for r in ref.table("drugs") if r["verified"] == "yes"
        }

    def add(self) -> None:
        """Add every statement that asks for action or thought, each once for its drug."""
        found = self._made.report.interpretation
        done: set[str] = set()
        number = 0
        several = [
            *((s, d) for d in found.drugs for s in d.statements),
            *((s, None) for s in (
                *found.urgent, *found.interactions, *found.monogenic,
                *(s for c in found.context for s in c.statements),
            )),
        ]
        for statement, drug in several:
            if statement.tier not in _ASKS or (drug is None and statement.text in done):
                continue
            done.add(statement.text)
            self._statement(f"statement/{number}", statement, drug)
            number += 1

    def _statement(self, key: str, statement: Statement, drug: DrugPrediction | None) -> None:
        derived = self._derived(statement)
        genomic = bool(derived) and statement.origin is not Origin.CLINICAL
        origin = statement.origin.value.replace(" ", "-").lower()
        words = [self._made.say(f"label-tier-{statement.tier.value}")]
        if drug is not None:
            response = statement.response.value.replace(" ", "-")
            words.insert(0, self._made.say(f"label-response-{response}"))
        if statement.urgent:
            words.insert(0, self._made.say("heading-urgent"))
        if statement.conditional:
            words.append(self._made.say("label-conditional"))
        parts = [
            component(tbd("therapeutic-implication"),
                      valueCodeableConcept={"text": "; ".join(words)}),
            component(tbd("conclusion-string"), valueString=line(statement.text)),
        ]
        if drug is not None:
            parts.append(component(
                term("51963-7"), valueCodeableConcept=self._medication(drug.drug)
            ))
        terms = self._made.terms
        levels = dict.fromkeys(
            f"{terms.source_name(e)}: {terms.word('level', e.level)}" + (
                "" if e.verified else f" ({self._made.say('label-unverified')})"
            )
            for e in statement.evidence if e.level not in ("", ".")
        )
        parts += [
            component(term("93044-6"), valueCodeableConcept={"text": line(level)})
            for level in levels
        ]
        label = self._made.say(f"label-origin-{origin}")
        resolve = self._made.say("label-resolve")
        self._made.observe(
            key, "therapeutic-implication" if genomic else None,
            tbd("therapeutic-implication") if genomic else {"text": label},
            "laboratory" if genomic else "therapy",
            extension=self._citations(statement),
            note=self._made.notes(
                label,
                *statement.because,
                f"{resolve} {statement.resolve}" if statement.resolve else "",
                *(f"{self._made.say('label-evidence')}: {terms.source_name(e)} ({e.table}: {e.row})"
                  for e in statement.evidence),
            ),
            derivedFrom=[self._made.to(k) for k in derived],
            component=parts,
        )

    def _medication(self, drug: str) -> Json:
        row = self._drugs.get(drug)
        codes = []
        if row is not None:
            if row["rxnorm"]:
                codes.append(coding(RXNORM, row["rxnorm"]))
            codes += [coding(ATC, code) for code in row.many("atc")]
        return {"coding": codes, "text": self._made.wording.names([drug])}

    def _citations(self, statement: Statement) -> list[Json]:
        keys = dict.fromkeys(c for e in statement.evidence for c in e.citations)
        made = []
        for key in keys:
            said, link = self._cited.get(key, (key, "."))
            whole = link.startswith("https://") and len(link.split()) == 1
            made.append({
                "url": RELATED,
                "valueRelatedArtifact": {
                    "type": "citation", "label": line(key), "citation": line(said),
                    "url": link if whole else None,
                },
            })
        return made

    def _derived(self, statement: Statement) -> list[str]:
        """Return the observations that a statement's reasons name.

        A reason begins with its gene; one that gives a variant's name rests on that variant alone.
        """
        found: dict[str, None] = {}
        for because in statement.because:
            head = because.split("(", 1)[0]
            named = [
                f"finding/{n}" for n, f in enumerate(self._made.report.findings)
                if names_word(head, f.gene) and names_word(because, f.hgvs_c or str(f.key))
            ]
            if not named:
                named = [f"genotype/{g.gene}" for g in self._made.report.genes
                         if names_word(head, g.gene)]
                named += [f"coverage/{c.gene}" for c in self._made.report.coverage
                          if names_word(head, c.gene)]
            found.update(dict.fromkeys(named))
        return list(found)


def names_word(text: str, word: str) -> bool:
    """Say whether a text has this name as a whole, not as a part of a longer one."""
    return re.search(rf"(?<![\w.:-]){re.escape(word)}(?![\w-])", text) is not None
