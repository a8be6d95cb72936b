"""From gene results and a clinical entry to what a report may say, drug by drug."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from epilepsy_pgx.intake.druglist import show_suggestion
from epilepsy_pgx.model import (
    ClinicalEntry,
    ContextSection,
    DrugExposure,
    DrugPrediction,
    Evidence,
    FailedDrug,
    GeneCoverage,
    GeneResult,
    Interpretation,
    Statement,
    VariantFinding,
)
from epilepsy_pgx.reference.conditions.base import SELF
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.phenotypes import load_all_phenotypes
from epilepsy_pgx.response.deciding import judge_deciding, load_deciding
from epilepsy_pgx.response.facts import PatientFacts, gather_facts
from epilepsy_pgx.response.interactions import (
    Interaction,
    InteractionIndex,
    adjust_phenotypes,
    interaction_statement,
    load_enzyme_effects,
    load_interactions,
    opposing_statement,
)
from epilepsy_pgx.response.monogenic import load_cis_haplotypes
from epilepsy_pgx.response.resistance import (
    count_trials,
    explain_failures,
    resistance_statement,
)
from epilepsy_pgx.response.rules import (
    Fired,
    Rule,
    RuleIndex,
    fire,
    load_groups,
    load_rules,
    merge_repeats,
    must_stop,
    order,
    say_actions_once,
)
from epilepsy_pgx.response.synthesis import DrugInfo, predict_drug
from epilepsy_pgx.response.wording import Wording
from epilepsy_pgx.vocabulary import Origin, Response, Tier

SECTIONS = (
    "situations", "drug-resistance", "pseudoresistance", "referral", "regulatory", "not-covered",
)
"""Sections of the clinical context, in the order of the report."""
_GENETIC = (Origin.GENOTYPE, Origin.TYPING)
_ILAE = "context-resistance-definition"


class ResponseEngine:
    """The rule tables, ready to be asked about many patients.

    Parameters
    ----------
    ref
        The data package.
    language
        Language of the texts; what is not translated is said in English.

    Raises
    ------
    TableError
        If a rule table uses a word, text or number that the method does not know.
    """

    def __init__(self, ref: Reference, language: str = "en") -> None:
        self.wording = Wording(ref, language)
        self.groups = load_groups(ref)
        self.drugs = tuple(
            DrugInfo(row.need("drug"), row.need("drug_class"), row.many("groups"))
            for row in ref.table("drugs") if row["kind"] == "antiseizure"
        )
        names = {info.drug for info in self.drugs}
        rules = load_rules(ref, "drug_rules", "rule_id", "drug", self.wording, self.groups)
        self.rules = RuleIndex([rule for rule in rules if rule.subject in names])
        self.safety = RuleIndex(
            load_rules(ref, "drug_safety", "fact_id", "drug", self.wording, self.groups)
        )
        self.therapy = RuleIndex(
            load_rules(ref, "gene_therapy", "therapy_id", "gene", self.wording, self.groups)
        )
        self.context = RuleIndex(
            load_rules(
                ref, "clinical_context", "context_id", "section", self.wording, self.groups
            )
        )
        self._stop_rules = tuple(
            rule for rule in self.rules.rules
            if any(kind == "reaction" and subject == SELF for kind, subject, *_ in rule.kinds)
        )
        self._effects = {
            row.need("sign"): frozenset(row.many("effects")) for row in ref.table("signs")
        }
        self.deciding = load_deciding(ref, self.groups)
        self.interactions = InteractionIndex(load_interactions(ref, self.groups))
        self.enzyme_effects = load_enzyme_effects(ref)
        self._considered = (
            names
            | {d for i in self.interactions.interactions for d in (*i.perpetrators, i.victim)}
            | {effect.drug for effect in self.enzyme_effects}
        )
        self.tables_of_genes = load_all_phenotypes(ref)
        self.haplotypes = load_cis_haplotypes(ref)
        asked = {
            subject
            for table in self.tables for rule in table.rules
            for kind, subject, _, _ in rule.kinds if kind == "finding"
        }
        self.monogenic = tuple(sorted(asked))
        self._nothing = {
            info.drug: self._nothing_line(
                info, any(r.subject == info.drug and r.origin in _GENETIC for r in rules)
            )
            for info in self.drugs
        }
        self._fixed: dict[tuple[str, str], Fired] = {}
        self._fixed_ids: set[int] = set()
        self._quiet: dict[tuple[object, ...], DrugPrediction] = {}

    @property
    def tables(self) -> tuple[RuleIndex, ...]:
        """The four rule tables."""
        return self.rules, self.safety, self.therapy, self.context

    def interpret(
        self,
        genes: Mapping[str, GeneResult],
        findings: Sequence[VariantFinding],
        coverage: Mapping[str, GeneCoverage],
        clinical: ClinicalEntry,
    ) -> Interpretation:
        """Return everything the response stage says about one patient.

        Parameters
        ----------
        genes
            Gene results by symbol; a gene that is not there was not assessed.
        findings
            Rare variants of the patient.
        coverage
            How far each gene that is read for rare variants could be judged.
        clinical
            The clinical entry; may be empty.
        """
        return self.interpret_facts(self.facts(genes, findings, coverage, clinical))

    def interpret_facts(self, facts: PatientFacts) -> Interpretation:
        """Return everything the response stage says about a patient whose facts are known."""
        clinical = facts.clinical
        if facts.signs:
            facts = facts.with_stopping(must_stop(self._stop_rules, facts))
        fired: dict[str, list[Fired]] = {d.drug: [] for d in self.drugs}
        for hit in self._fire(self.rules, facts):
            fired[hit.rule.subject].append(hit)
        notes: dict[str, list[Statement]] = {d.drug: [] for d in self.drugs}
        for hit in self._fire(self.safety, facts):
            notes.setdefault(hit.rule.subject, []).append(hit.statement)
        trials = count_trials(
            clinical, {drug: [hit.rule for hit in hits] for drug, hits in fired.items()}
        )
        facts = facts.with_computed({"resistance": trials.status})
        met = {
            victim: self._interaction_lines(items, facts)
            for victim, items in self.interactions.active(facts).items()
        }
        drugs = tuple(
            self._predict(
                info, fired[info.drug], met.get(info.drug, []), notes[info.drug], facts
            )
            for info in self.drugs
        )
        monogenic = tuple(hit.statement for hit in self._fire(self.therapy, facts))
        urgent = self._urgent(drugs, fired, facts)
        urgent += [s for s in monogenic if s.urgent]
        lines = [
            resistance_statement(trials, self._definition(), self.wording),
            *merge_repeats(explain_failures(clinical, fired, self.wording)),
        ]
        return Interpretation(
            drugs=drugs,
            urgent=tuple(order(merge_repeats(urgent))),
            context=self._context(facts, lines),
            not_considered=self._not_considered(clinical),
            interactions=order(
                [line for victim in sorted(facts.current & met.keys()) for line in met[victim]]
            ),
            adjusted_phenotypes=adjust_phenotypes(
                facts, self.enzyme_effects, self.tables_of_genes, self.wording
            ),
            monogenic=tuple(order(merge_repeats(monogenic))),
        )

    def facts(
        self,
        genes: Mapping[str, GeneResult],
        findings: Sequence[VariantFinding],
        coverage: Mapping[str, GeneCoverage],
        clinical: ClinicalEntry,
    ) -> PatientFacts:
        """Return a patient as the rules see it."""
        return gather_facts(
            genes, findings, coverage, clinical,
            monogenic=self.monogenic, haplotypes=self.haplotypes, effects=self._effects,
            tables=self.tables_of_genes,
        )

    def _fire(self, index: RuleIndex, facts: PatientFacts) -> Iterator[Fired]:
        for rule in index.candidates(facts):
            hit = fire(rule, facts, self.wording) if rule.conditions else self._always(rule, facts)
            if hit is not None:
                yield hit

    def _always(self, rule: Rule, facts: PatientFacts) -> Fired | None:
        """Return what a rule without conditions says: the same for everyone."""
        key = (rule.rule_id, rule.subject)
        if key not in self._fixed:
            hit = fire(rule, facts, self.wording)
            if hit is None:
                return None
            self._fixed[key] = hit
            self._fixed_ids.add(id(hit.statement))
        return self._fixed[key]

    def _urgent(
        self,
        drugs: Sequence[DrugPrediction],
        fired: Mapping[str, Sequence[Fired]],
        facts: PatientFacts,
    ) -> list[Statement]:
        """Return what needs a telephone call; one line a rule where no list says which drug."""
        urgent = [(d.drug, s) for d in drugs for s in d.statements if s.urgent]
        if facts.list_given:
            return [statement for _, statement in urgent]
        groups: dict[tuple[str, bool], list[tuple[str, Statement]]] = {}
        for drug, statement in urgent:
            key = (statement.evidence[0].row, statement.conditional)
            groups.setdefault(key, []).append((drug, statement))
        lines = []
        for (row, _), members in groups.items():
            first, statement = members[0]
            rule = next(hit.rule for hit in fired[first] if hit.rule.rule_id == row)
            names = ", ".join(sorted(drug for drug, _ in members))
            joined = fire(replace(rule, subject=names), facts, self.wording)
            lines.append(joined.statement if joined and len(members) > 1 else statement)
        return lines

    def _interaction_lines(
        self, items: Sequence[Interaction], facts: PatientFacts
    ) -> list[Statement]:
        """Return the lines about one victim; if it is not taken, only those that matter."""
        shown = [i for i in items if facts.takes(i.victim) or i.tier is not Tier.CONTEXT]
        lines = [interaction_statement(item, facts, self.wording) for item in shown]
        opposing = opposing_statement(items, facts, self.wording)
        return [*lines, opposing] if opposing is not None else lines

    def _predict(
        self,
        info: DrugInfo,
        hits: Sequence[Fired],
        interactions: Sequence[Statement],
        notes: Sequence[Statement],
        facts: PatientFacts,
    ) -> DrugPrediction:
        status = judge_deciding(self.deciding.get(info.drug, ()), facts)
        key = None
        if not hits and not interactions and all(id(n) in self._fixed_ids for n in notes):
            # Nothing but the deciding genes speaks: the same line for many patients.
            possible = tuple(
                found.phenotypes if (found := facts.genes.get(item.gene)) else None
                for item in status
            )
            key = (info.drug, facts.exposure(info.drug), tuple(status.values()), possible)
            if key in self._quiet:
                return self._quiet[key]
        prediction = predict_drug(
            info, [*(hit.statement for hit in hits), *interactions],
            [hit.statement for hit in hits if hit.open_ended], status, facts, order(notes),
            self._nothing[info.drug], self.wording,
        )
        actions = {hit.rule.rule_id: hit.action for hit in hits if hit.action}
        prediction = replace(
            prediction, statements=say_actions_once(prediction.statements, actions)
        )
        if key is not None:
            self._quiet[key] = prediction
        return prediction

    def _nothing_line(self, info: DrugInfo, has_rules: bool) -> Statement:
        key = "drug-nothing-fired" if has_rules else "drug-no-rule"
        return Statement(
            text_id=key, text=self.wording.say(key, **self.wording.about(info.drug)),
            tier=Tier.NONE, response=Response.NO_RULE, origin=Origin.GENOTYPE, because=(),
            evidence=(
                Evidence(self.wording.say("source-own-tables"), ".", (), "drugs", info.drug),
            ),
        )

    def _definition(self) -> Evidence:
        for rule in self.context.rules:
            if rule.rule_id == _ILAE:
                return rule.evidence
        return Evidence(Origin.CLINICAL, ".", (), "clinical_context", _ILAE, False)

    def _context(
        self, facts: PatientFacts, lines: Sequence[Statement]
    ) -> tuple[ContextSection, ...]:
        sections: dict[str, list[Statement]] = {name: [] for name in SECTIONS}
        sections["drug-resistance"] += lines
        found = sorted(
            self._fire(self.context, facts), key=lambda hit: (hit.rule.priority, hit.rule.rule_id)
        )
        for hit in found:
            sections[hit.rule.subject].append(hit.statement)
        return tuple(
            ContextSection(
                f"section-{name}", self.wording.say(f"section-{name}"), tuple(lines)
            )
            for name, lines in sections.items() if lines
        )

    def _not_considered(self, clinical: ClinicalEntry) -> tuple[str, ...]:
        words: dict[str, None] = {}
        entries: list[DrugExposure | FailedDrug] = [
            *(clinical.current or ()), *(clinical.failed or ())
        ]
        for item in entries:
            word = item.entered or item.drug
            if not item.known:
                key = "not-considered-suggest" if item.suggestion else "not-considered"
            elif item.drug not in self._considered:
                key = "not-considered-no-row"
            else:
                continue
            meant = show_suggestion(item.suggestion) if item.suggestion else ""
            words[self.wording.say(key, word=word, suggestion=meant)] = None
        return tuple(words)
