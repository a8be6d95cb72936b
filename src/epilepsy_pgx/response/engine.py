"""From gene results and a clinical entry to what a report may say, drug by drug."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from epilepsy_pgx.intake.druglist import show_suggestion
from epilepsy_pgx.model import (
    ClinicalEntry,
    ContextSection,
    DrugExposure,
    DrugPrediction,
    FailedDrug,
    GeneCoverage,
    GeneResult,
    Interpretation,
    VariantFinding,
)
from epilepsy_pgx.reference.conditions.base import SELF
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.phenotypes import load_all_phenotypes
from epilepsy_pgx.response.actions import (
    Decision,
    Said,
    load_actions,
    settle_actions,
    settle_group,
)
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
from epilepsy_pgx.statement import Evidence, Message, Statement, Value
from epilepsy_pgx.vocabulary import Origin, Response, Tier

SECTIONS = (
    "situations", "drug-resistance", "pseudoresistance", "referral", "regulatory", "not-covered",
)
"""Sections of the clinical context, in the order of the report."""
_GENETIC = (Origin.GENOTYPE, Origin.TYPING)
_ILAE = "context-resistance-definition"
_OWN_TABLES = "tables of this software"


class ResponseEngine:
    """The rule tables, ready to be asked about many patients.

    Parameters
    ----------
    ref
        The data package.

    Raises
    ------
    TableError
        If a rule table uses a word, text or number that the method does not know.
    """

    def __init__(self, ref: Reference) -> None:
        self.groups = load_groups(ref)
        self.drugs = tuple(
            DrugInfo(row.need("drug"), row.need("drug_class"), row.many("groups"))
            for row in ref.table("drugs") if row["kind"] == "antiseizure"
        )
        names = {info.drug for info in self.drugs}
        rules = load_rules(ref, "drug_rules", "rule_id", "drug", self.groups)
        self.rules = RuleIndex([rule for rule in rules if rule.subject in names])
        self.safety = RuleIndex(
            load_rules(ref, "drug_safety", "fact_id", "drug", self.groups)
        )
        self.therapy = RuleIndex(
            load_rules(ref, "gene_therapy", "therapy_id", "gene", self.groups)
        )
        self.context = RuleIndex(
            load_rules(ref, "clinical_context", "context_id", "section", self.groups)
        )
        self._stop_rules = tuple(
            rule for rule in self.rules.rules
            if any(kind == "reaction" and subject == SELF for kind, subject, *_ in rule.kinds)
        )
        self._effects = {
            row.need("sign"): frozenset(row.many("effects")) for row in ref.table("signs")
        }
        self.actions = load_actions(ref, self.groups)
        self.deciding = load_deciding(ref, self.groups)
        self.interactions = InteractionIndex(load_interactions(ref, self.groups))
        self._sized = _rows_with_size(ref)
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
        notes: dict[str, list[Fired]] = {d.drug: [] for d in self.drugs}
        for hit in self._fire(self.safety, facts):
            notes.setdefault(hit.rule.subject, []).append(hit)
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
        said = {d.drug: self._said(d, facts) for d in drugs}
        drugs = tuple(self._settle(d, said[d.drug]) for d in drugs)
        monogenic = tuple(
            self._settle_group(hit.statement, said) for hit in self._fire(self.therapy, facts)
        )
        urgent = self._urgent(drugs, facts)
        urgent += [s for s in monogenic if s.urgent]
        lines = [
            resistance_statement(trials, self._definition()),
            *merge_repeats(explain_failures(clinical, fired)),
        ]
        return Interpretation(
            drugs=drugs,
            urgent=tuple(order(merge_repeats(urgent))),
            context=self._context(facts, lines, said),
            not_considered=self._not_considered(clinical),
            interactions=order([
                self._settle_beside(line, said.get(victim, ()))
                for victim in sorted(facts.current & met.keys()) for line in met[victim]
            ]),
            adjusted_phenotypes=adjust_phenotypes(facts, self.enzyme_effects, self.tables_of_genes),
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
            hit = fire(rule, facts) if rule.conditions else self._always(rule, facts)
            if hit is not None:
                yield hit

    def _always(self, rule: Rule, facts: PatientFacts) -> Fired | None:
        """Return what a rule without conditions says: the same for everyone."""
        key = (rule.rule_id, rule.subject)
        if key not in self._fixed:
            hit = fire(rule, facts)
            if hit is None:
                return None
            self._fixed[key] = hit
        return self._fixed[key]

    def _urgent(
        self, drugs: Sequence[DrugPrediction], facts: PatientFacts
    ) -> list[Statement]:
        """Return what needs a telephone call; one line a rule where no list says which drug."""
        urgent = [s for d in drugs for s in d.statements if s.urgent]
        if facts.list_given:
            return urgent
        groups: dict[Statement, list[Statement]] = {}
        for statement in urgent:
            shared = replace(statement, statement_id=_rule_of(statement), drugs=())
            groups.setdefault(shared, []).append(statement)
        return [_join(members) for members in groups.values()]

    def _interaction_lines(
        self, items: Sequence[Interaction], facts: PatientFacts
    ) -> list[Statement]:
        """Return the lines about one victim; if it is not taken, only those that matter."""
        shown = [i for i in items if facts.takes(i.victim) or i.tier is not Tier.CONTEXT]
        lines = [
            interaction_statement(item, facts, item.evidence.row in self._sized) for item in shown
        ]
        opposing = opposing_statement(items, facts)
        return [*lines, opposing] if opposing is not None else lines

    def _predict(
        self,
        info: DrugInfo,
        hits: Sequence[Fired],
        interactions: Sequence[Statement],
        notes: Sequence[Fired],
        facts: PatientFacts,
    ) -> DrugPrediction:
        status = judge_deciding(self.deciding.get(info.drug, ()), facts)
        key = None
        if not hits and not interactions and not any(n.rule.conditions for n in notes):
            # Nothing but the deciding genes speaks: the same line for many patients.
            possible = tuple(
                found.phenotypes if (found := facts.genes.get(item.gene)) else None
                for item in status
            )
            read = tuple(
                (part.known_absent, part.known_total)
                if (part := facts.coverage.get(item.gene)) else None
                for item in status
            )
            key = (info.drug, facts.exposure(info.drug), tuple(status.values()), possible, read)
            if key in self._quiet:
                return self._quiet[key]
        prediction = predict_drug(
            info, [*(hit.statement for hit in hits), *interactions],
            [hit.statement for hit in hits if hit.open_ended], status, facts,
            order([n.statement for n in notes]), self._nothing[info.drug],
        )
        if key is not None:
            self._quiet[key] = prediction
        return prediction

    def _said(self, prediction: DrugPrediction, facts: PatientFacts) -> tuple[Said, ...]:
        """Return what a drug's line asks for."""
        taken = facts.takes(prediction.drug) or facts.may_take(prediction.drug)
        return tuple(
            Said(s.text_id, s.action_id, s.conditional, taken) for s in prediction.statements
        )

    def _settle(self, prediction: DrugPrediction, said: Sequence[Said]) -> DrugPrediction:
        """Return a drug's line without actions that exclude each other, each said once."""
        settled = settle_actions(said, self.actions)
        if not any(now.action_id or now.by for now in settled):
            return prediction
        statements = map(_decide, prediction.statements, settled)
        return replace(
            prediction, statements=say_actions_once(tuple(statements)),
            safety_notes=tuple(self._settle_beside(n, said) for n in prediction.safety_notes),
        )

    def _settle_beside(self, statement: Statement, said: Sequence[Said]) -> Statement:
        """Return a statement that stands beside the line of its drug."""
        if statement.text_id not in self.actions.actions:
            return statement
        own = Said(statement.text_id, statement.action_id, statement.conditional)
        return _decide(statement, settle_actions([own, *said], self.actions)[0])

    def _settle_group(
        self, statement: Statement, said: Mapping[str, Sequence[Said]]
    ) -> Statement:
        """Return a statement that stands in no drug's line, beside the lines of its drugs."""
        own = Said(statement.text_id, statement.action_id, statement.conditional)
        return _decide(statement, settle_group(own, said, self.actions))

    def _nothing_line(self, info: DrugInfo, has_rules: bool) -> Statement:
        key = "drug-nothing-fired" if has_rules else "drug-no-rule"
        return Statement(
            statement_id=f"drug-no-finding:{info.drug}", text_id=key, tier=Tier.NONE,
            response=Response.NO_RULE, origin=Origin.GENOTYPE, reasons=(),
            evidence=(Evidence(_OWN_TABLES, ".", (), "drugs", info.drug),), drugs=(info.drug,),
        )

    def _definition(self) -> Evidence:
        for rule in self.context.rules:
            if rule.rule_id == _ILAE:
                return rule.evidence
        return Evidence(Origin.CLINICAL, ".", (), "clinical_context", _ILAE, False)

    def _context(
        self,
        facts: PatientFacts,
        lines: Sequence[Statement],
        said: Mapping[str, Sequence[Said]],
    ) -> tuple[ContextSection, ...]:
        sections: dict[str, list[Statement]] = {name: [] for name in SECTIONS}
        sections["drug-resistance"] += lines
        found = sorted(
            self._fire(self.context, facts), key=lambda hit: (hit.rule.priority, hit.rule.rule_id)
        )
        for hit in found:
            sections[hit.rule.subject].append(self._settle_group(hit.statement, said))
        return tuple(
            ContextSection(f"section-{name}", tuple(lines))
            for name, lines in sections.items() if lines
        )

    def _not_considered(self, clinical: ClinicalEntry) -> tuple[Message, ...]:
        words: dict[Message, None] = {}
        entries: list[DrugExposure | FailedDrug] = [
            *(clinical.current or ()), *(clinical.failed or ())
        ]
        for item in entries:
            values = [Value("word", (item.entered or item.drug,))]
            if not item.known and item.suggestion:
                key = "not-considered-suggest"
                values.append(Value("suggestion", (show_suggestion(item.suggestion),)))
            elif not item.known:
                key = "not-considered"
            elif item.drug not in self._considered:
                key = "not-considered-no-row"
            else:
                continue
            words[Message(key, tuple(values))] = None
        return tuple(words)


def _decide(statement: Statement, settled: Decision) -> Statement:
    if settled.by is None:
        return statement
    return replace(statement, text_id=settled.text_id, action_id=settled.action_id)


def _rule_of(statement: Statement) -> str:
    return statement.statement_id.rpartition(":")[0]


def _join(statements: Sequence[Statement]) -> Statement:
    """Return statements of one rule that differ only in the drug as one about all drugs."""
    if len(statements) == 1:
        return statements[0]
    drugs = tuple(sorted(s.drugs[0] for s in statements))
    name = f"{_rule_of(statements[0])}:{'+'.join(drugs)}"
    return replace(statements[0], statement_id=name, drugs=drugs)


def _rows_with_size(ref: Reference) -> frozenset[str]:
    """Return the interactions whose size the texts table puts into words."""
    return frozenset(
        row.need("id").removeprefix("size-") for row in ref.table("texts")
        if row.need("id").startswith("size-")
    )
