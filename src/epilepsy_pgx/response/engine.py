"""From gene results and a clinical entry to what a report may say, drug by drug."""

from collections.abc import Iterator, Mapping, Sequence

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
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.deciding import load_deciding
from epilepsy_pgx.response.facts import PatientFacts, gather_facts
from epilepsy_pgx.response.interactions import (
    Interaction,
    InteractionIndex,
    adjust_phenotypes,
    interaction_statement,
    load_bands,
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
    Rule,
    RuleIndex,
    fire,
    load_groups,
    load_rules,
    merge_repeats,
    order,
)
from epilepsy_pgx.response.synthesis import DrugInfo, predict_drug
from epilepsy_pgx.response.wording import Wording
from epilepsy_pgx.vocabulary import Origin, Response, Tier

SECTIONS = (
    "situations", "drug-resistance", "pseudoresistance", "referral", "regulatory", "not-covered",
)
"""Sections of the clinical context, in the order of the report."""
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
        self.deciding = load_deciding(ref, self.groups)
        self.interactions = InteractionIndex(load_interactions(ref, self.groups))
        self.enzyme_effects = load_enzyme_effects(ref)
        self.bands = load_bands(ref)
        self.haplotypes = load_cis_haplotypes(ref)
        asked = {
            subject
            for table in self.tables for rule in table.rules
            for kind, subject, _, _ in rule.kinds if kind == "finding"
        }
        self.monogenic = tuple(sorted(asked))
        self._nothing = {
            info.drug: self._nothing_line(info, any(r.subject == info.drug for r in rules))
            for info in self.drugs
        }
        self._fixed: dict[tuple[str, str], Statement] = {}

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
        fired: dict[str, list[tuple[Rule, Statement]]] = {d.drug: [] for d in self.drugs}
        for rule, statement in self._fire(self.rules, facts):
            fired[rule.subject].append((rule, statement))
        notes: dict[str, list[Statement]] = {d.drug: [] for d in self.drugs}
        for rule, statement in self._fire(self.safety, facts):
            notes.setdefault(rule.subject, []).append(statement)
        trials = count_trials(
            clinical, {drug: [rule for rule, _ in hits] for drug, hits in fired.items()}
        )
        facts.computed["resistance"] = trials.status
        met = {
            victim: self._interaction_lines(items, facts)
            for victim, items in self.interactions.active(facts).items()
        }
        drugs = tuple(
            self._predict(
                info, [s for _, s in fired[info.drug]] + met.get(info.drug, []),
                notes[info.drug], facts,
            )
            for info in self.drugs
        )
        monogenic = tuple(statement for _, statement in self._fire(self.therapy, facts))
        urgent = [s for d in drugs for s in (*d.statements, *d.safety_notes) if s.urgent]
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
                facts, self.enzyme_effects, self.bands, self.wording
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
            monogenic=self.monogenic, haplotypes=self.haplotypes,
        )

    def _fire(self, index: RuleIndex, facts: PatientFacts) -> Iterator[tuple[Rule, Statement]]:
        for rule in index.candidates(facts):
            if rule.conditions:
                statement = fire(rule, facts, self.wording)
            else:
                statement = self._fixed_statement(rule, facts)
            if statement is not None:
                yield rule, statement

    def _fixed_statement(self, rule: Rule, facts: PatientFacts) -> Statement | None:
        """Return the statement of a rule without conditions: the same for everyone."""
        key = (rule.rule_id, rule.subject)
        if key not in self._fixed:
            statement = fire(rule, facts, self.wording)
            if statement is None:
                return None
            self._fixed[key] = statement
        return self._fixed[key]

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
        statements: Sequence[Statement],
        notes: Sequence[Statement],
        facts: PatientFacts,
    ) -> DrugPrediction:
        return predict_drug(
            info, statements, self.deciding.get(info.drug, ()), facts, order(notes),
            self._nothing[info.drug], self.wording,
        )

    def _nothing_line(self, info: DrugInfo, has_rules: bool) -> Statement:
        key = "drug-nothing-fired" if has_rules else "drug-no-rule"
        return Statement(
            text_id=key, text=self.wording.say(key, drug=info.drug), tier=Tier.NONE,
            response=Response.NO_RULE, origin=Origin.GENOTYPE, because=(),
            evidence=(Evidence("this software's tables", ".", (), "drugs", info.drug),),
        )

    def _definition(self) -> Evidence:
        for rule in self.context.rules:
            if rule.rule_id == _ILAE:
                return rule.evidence
        return Evidence("clinical entry", ".", (), "clinical_context", _ILAE, False)

    def _context(
        self, facts: PatientFacts, lines: Sequence[Statement]
    ) -> tuple[ContextSection, ...]:
        sections: dict[str, list[Statement]] = {name: [] for name in SECTIONS}
        sections["drug-resistance"] += lines
        found = sorted(self._fire(self.context, facts), key=lambda f: (f[0].priority, f[0].rule_id))
        for rule, statement in found:
            sections[rule.subject].append(statement)
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
            if item.known:
                continue
            key = "not-considered-suggest" if item.suggestion else "not-considered"
            words[
                self.wording.say(key, word=item.entered or item.drug,
                                 suggestion=item.suggestion or "")
            ] = None
        return tuple(words)
