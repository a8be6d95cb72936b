"""The rules of all tables by what they ask for, and the lines of a report by their rules."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import NamedTuple, TypeVar

from epilepsy_pgx.clinical_entry import SUBJECTS
from epilepsy_pgx.reference.conditions.base import Condition, members
from epilepsy_pgx.reference.conditions.numbers import number_test
from epilepsy_pgx.reference.conditions.patient import PERHAPS
from epilepsy_pgx.reference.conditions.registry import KINDS
from epilepsy_pgx.reference.conditions.verdict import Verdict
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.response.deciding import Deciding, GeneAssessment, assess_deciding
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.hearing import COUNTED, THERAPY
from epilepsy_pgx.response.ordering import TIERS
from epilepsy_pgx.response.resistance import AGGRAVATION
from epilepsy_pgx.response.rule_bits import Place, RuleBits
from epilepsy_pgx.response.rules import Fired, Rule, Within, fire

ENTRY = ""
"""Stands for the lines that say of the clinical entry what no row of a rule table says."""
_SCOPES = 1024
"""Sets of lines of which the rules are kept."""

Told = tuple[tuple[tuple[object, ...], ...], tuple[GeneAssessment, ...]]
"""How each condition on a gene is answered, and how far the gene is known for each drug."""

Asking = tuple[Place, tuple[Condition, ...], tuple[object, ...]]
"""A rule, its questions that may be answered otherwise, none for all of them, and how the others
are answered."""


class Group(NamedTuple):
    """Rules of one line and one table that ask for the same genes and positions."""

    about: tuple[str, ...]
    places: tuple[Place, ...]


class RuleQuestions:
    """The rules by what they ask for.

    Parameters
    ----------
    engine
        The rules.
    conditions
        The conditions of each.
    """

    def __init__(
        self, engine: ResponseEngine, conditions: Mapping[str, Sequence[RuleCondition]]
    ) -> None:
        self._engine = engine
        self._tables = engine.tables
        self._drugs = tuple(info.drug for info in engine.drugs)
        self.by_gene: dict[str, dict[Place, None]] = {}
        self._by_word: dict[tuple[str, str], int] = {}
        self._by_number: dict[str, list[tuple[Callable[[Decimal], bool], int]]] = {}
        self._by_field: dict[str, int] = {}
        self.by_kind = dict.fromkeys(KINDS, 0)
        """By kind of condition, the rules that ask so, as bits of a number."""
        self.by_trials = 0
        """Rules that ask how many trials count, as bits of a number."""
        rules = [
            ((number, place), rule)
            for number, index in enumerate(engine.tables)
            for place, rule in enumerate(index.rules)
        ]
        self.place = {id(rule): place for place, rule in rules}
        self.line_of = {
            place: f"{rule.first_id}:{rule.subject}" if place[0] >= THERAPY else rule.subject
            for place, rule in rules
        }
        self.bits = RuleBits(self.line_of)
        self.mask, self.unmask = self.bits.mask, self.bits.unmask
        self.least: dict[Place, int] = {}
        """The rank of the most urgent thing that a rule can say."""
        self.wide: set[Place] = set()
        """Rules on which more hangs than a line."""
        self._beside_variant: set[Place] = set()
        """Rules whose words are others if some gene, whichever it is, has a pathogenic variant."""
        self.needs: dict[frozenset[str], int] = {}
        """Words of which lists of drugs must have one, and the rules that need it."""
        # A row about several drugs is a rule for each, with the same conditions and words.
        rows: dict[tuple[int, str], list[tuple[Place, Rule]]] = {}
        for place, rule in rules:
            rows.setdefault((place[0], rule.rule_id), []).append((place, rule))
        for (_, rule_id), some in rows.items():
            self._note_row([place for place, _ in some], some[0][1], conditions.get(rule_id, ()))
        asked: dict[Place, set[str]] = {}
        for about, places in self.by_gene.items():
            for here in places:
                asked.setdefault(here, set()).add(about)
        self.about = {here: tuple(sorted(subjects)) for here, subjects in asked.items()}
        """The genes and positions for which each rule asks."""
        self.deciding: dict[str, set[str]] = {}
        for drug, items in engine.deciding.items():
            for item in items:
                self.deciding.setdefault(item.gene, set()).add(drug)
        self.beside_variant = frozenset(self.line_of[place] for place in self._beside_variant)
        """Lines in which such rules are."""
        self.found = tuple(engine.monogenic)
        """Genes of which rules ask what was found in them."""
        self._arrange(conditions)
        self._tell_apart()

    def _note_row(
        self, places: Sequence[Place], rule: Rule, conditions: Sequence[RuleCondition]
    ) -> None:
        """Take down what the rules of a row ask for, and what they can say."""
        forms, bits = self._engine.forms, self.mask(places)
        calls = rule.critical != "no" or rule.answers_sign or any(rule.actions.values())
        self.least |= dict.fromkeys(places, 0 if calls else 1 + TIERS.index(rule.tier))
        if rule.answers_sign or rule.effect == AGGRAVATION:
            self.wide.update(places)
        texts = [t for t in (rule.text_id, *rule.actions.values()) if t]
        for word in {w for t in texts for w in forms.conditions.get(t, ())}:
            _join(self._by_word, ("syndrome", word), bits)
        if rule.enzymes:
            # What the genotype of an enzyme says has other words beside a donor's liver.
            _join(self._by_field, "transplant", bits)
        if any(map(forms.differs_beside_variant, texts)):
            self._beside_variant.update(places)
        for row in conditions:
            self._note(row, places, bits)
        kinds = ((KINDS[row.kind], row) for row in conditions)
        words = [k.triggers(row, self._engine.groups) for k, row in kinds if k.of_lists]
        for keys in filter(None, words):
            _join(self.needs, keys, bits)

    def _arrange(self, conditions: Mapping[str, Sequence[RuleCondition]]) -> None:
        """Put the rules in lines."""
        drugs = self._drugs
        self.counting = {ENTRY, *self.lines_of(self.by_trials)}
        """Lines on which it bears how many trials count."""
        self._places: dict[str, set[Place]] = {ENTRY: set(), **{name: set() for name in drugs}}
        for here, line in self.line_of.items():
            self._places.setdefault(line, set()).add(here)
        self.lines = frozenset(
            line
            for line, places in self._places.items()
            if line in drugs or line == ENTRY or any(p[0] >= THERAPY for p in places)
        )
        """All lines that a report may have."""
        self._mentioned: dict[str, frozenset[str] | None] = {}
        self._by_history = self.by_kind["history"] | self.by_kind["exposure"]
        """Rules that ask what became of some drugs."""
        self._by_count = self.by_kind["computed"] | self.by_kind["regimen"]
        """Rules that ask how many drugs there are."""
        self._naming: dict[str, int] = {}
        self._naming_all = 0
        self._mention(conditions)
        self._of_line = {line: self.mask(places) for line, places in self._places.items()}
        self._wide = self.mask(self.wide)
        self.of_lines = lru_cache(maxsize=_SCOPES)(self._of_lines)
        """The rules that bear on some lines, as bits of a number."""
        self.within = lru_cache(maxsize=_SCOPES)(self._within)
        """The places of the rules of each table that bear on some lines; None for all."""
        self._groups_of = {line: self._grouped(places) for line, places in self._places.items()}
        wide = {line: places & self.wide for line, places in self._places.items()}
        self._wide_groups_of = {line: self._grouped(places) for line, places in wide.items()}
        self.groups = lru_cache(maxsize=_SCOPES)(self._groups)
        """The same rules, by table, in groups that ask for the same genes."""

    def _within(self, scope: frozenset[str]) -> Within | None:
        if scope == self.lines:
            return None
        return self._by_table(self.unmask(self.of_lines(scope)))

    def _groups(self, scope: frozenset[str]) -> tuple[tuple[Group, ...], ...]:
        counted = not scope.isdisjoint(self.counting)
        found = [
            group
            for line in self._places
            for group in (
                self._groups_of[line]
                if line in scope or scope == self.lines
                else self._wide_groups_of[line] * counted
            )
        ]
        tables = range(len(self._engine.tables))
        return tuple(tuple(g for g in found if g.places[0][0] == table) for table in tables)

    def _grouped(self, places: Iterable[Place]) -> tuple[Group, ...]:
        found: dict[tuple[int, tuple[str, ...]], list[Place]] = {}
        for place in sorted(places):
            found.setdefault((place[0], self.about.get(place, ())), []).append(place)
        return tuple(Group(about, tuple(some)) for (_, about), some in found.items())

    def _of_lines(self, scope: frozenset[str]) -> int:
        found = 0 if scope.isdisjoint(self.counting) else self._wide
        for line in scope:
            found |= self._of_line[line]
        return found

    def bearing_of(self, asking: Iterable[Asking], scope: frozenset[str]) -> tuple[Asking, ...]:
        """Return those of some rules that bear on some lines, each with its questions."""
        counted, line_of, wide = not scope.isdisjoint(self.counting), self.line_of, self.wide
        return tuple(x for x in asking if line_of[x[0]] in scope or (counted and x[0] in wide))

    def of_genes(
        self, genes: Sequence[str], known: PatientFacts, scope: frozenset[str]
    ) -> tuple[Asking, ...]:
        """Return the rules that ask for some genes, each with its questions to them.

        With them come those that say something else beside a pathogenic variant. Rules that
        cannot fire whatever the genes say are left out.
        """
        found = []
        places = {p for gene in genes for p in self.by_gene.get(gene, ())}
        if not known.findings.keys().isdisjoint(genes):
            places |= self._beside_variant
        for place in self.unmask(self.mask(places) & self.of_lines(scope)):
            rule = self.rule(place)
            own: list[Condition] = []
            others: list[Verdict] = []
            for condition, (_, about, *_) in zip(rule.conditions, rule.kinds, strict=True):
                if about in genes:
                    own.append(condition)
                else:
                    others.append(condition(known, rule.subject))
            if all(others):
                certain = tuple((v.truth, v.unconfirmed, v.open_ended, v.disputed) for v in others)
                found.append((place, tuple(own), certain))
        return tuple(found)

    def lines_of(self, rules: int) -> Iterator[str]:
        """Yield the lines of rules that are bits of a number."""
        return (self.line_of[place] for place in self.unmask(rules))

    def of_entry(
        self, values: Mapping[str, object], facts: PatientFacts, changed: AbstractSet[str]
    ) -> int:
        """Return the rules that may answer another clinical entry otherwise.

        Parameters
        ----------
        values
            What the entry says, by field.
        facts
            A patient with the other one.
        changed
            The fields that may differ.
        """
        found = 0
        for subject in changed & values.keys():
            value, before = facts.clinical_value(subject), values[subject]
            if value == before:
                continue
            found |= self._by_field.get(subject, 0)
            # A condition that holds neither with the one value nor with the other answers alike.
            for words in (value, before):
                if isinstance(words, tuple):
                    for word in words:
                        found |= self._by_word.get((subject, word.removesuffix(PERHAPS)), 0)
                elif isinstance(words, Decimal):
                    for test, rules in self._by_number.get(subject, ()):
                        if test(words):
                            found |= rules
        return found

    def of_failed(self, drugs: frozenset[str]) -> int:
        """Return the rules that may answer otherwise if some drugs were given up."""
        naming = 0
        for drug in drugs:
            naming |= self._naming.get(drug, 0)
        return self._by_history & naming | self._by_count

    def named_by(self, before: PatientFacts, after: PatientFacts) -> frozenset[str]:
        """Return the lines that differ beside a list of drugs.

        One drug is as good as another to a line whose rules and interactions name neither, so
        that the first of them stands for all.
        """
        one = after.clinical.current or ()
        plain = before.clinical.current is None and not before.signs
        # A sign is laid to each drug that is taken, so that no drug is as good as another.
        if len(one) != 1 or not plain or one[0].drug not in self.lines:
            return self.lines
        named = {*before.planned, *before.exposures}
        drug = one[0].drug
        if drug in named:
            return self.lines
        return self._lines_by_drug(frozenset(named)).get(drug, self._counting_lines)

    def _by_drug(self, named: frozenset[str]) -> dict[str, frozenset[str]]:
        """Return, by drug, the lines that differ if it is taken, beside drugs that are named."""
        found: dict[str, set[str]] = {}
        for line, mentioned in self._mentioned.items():
            if mentioned is not None:
                others = (d for d in self._drugs if d not in mentioned and d not in named)
                for drug in {*mentioned, *islice(others, 1)}:
                    found.setdefault(drug, {*self._counting_lines}).add(line)
        return {drug: frozenset(lines) for drug, lines in found.items()}

    def rules_naming(self, drug: str) -> int:
        """Return the rules that may tell a drug that is taken from another one."""
        return self._naming.get(drug, 0) | self._naming_all

    def naming(self, drugs: frozenset[str]) -> Iterator[str]:
        """Yield the lines that may name some drugs."""
        for line, mentioned in self._mentioned.items():
            if mentioned is None or not mentioned.isdisjoint(drugs):
                yield line

    def subjects(self) -> dict[str, frozenset[str]]:
        """Return the genes and positions on which each line may depend."""
        asked = self.about
        found = {
            line: set().union(*(asked.get(place, ()) for place in places))
            for line, places in self._places.items()
            if line in self.lines
        }
        for gene, drugs in self.deciding.items():
            for drug in drugs:
                found[drug].add(gene)
        worse = (p for p in self.line_of if self.rule(p).effect == AGGRAVATION)
        counted = set().union(*(asked.get(place, ()) for place in worse))
        for line in self.counting:
            found[line] |= counted
        found[ENTRY] |= self._engine.predicted
        return {line: frozenset(subjects) for line, subjects in found.items()}

    def told_apart(self, subject: str, facts: PatientFacts) -> Told | None:
        """Return all of a gene or position that a rule or a line can tell apart.

        That is how each condition on it is answered, and how far it is known for each drug about
        which it decides. None if something is asked of it that more than its result answers.
        """
        asked = self._told.get(subject)
        if asked is None:
            return None
        questions, items = asked
        verdicts = (question(facts, "") for question in questions)
        return (
            tuple((v.truth, v.unconfirmed, v.open_ended, v.disputed) for v in verdicts),
            assess_deciding(items, facts),
        )

    def _tell_apart(self) -> None:
        """Take down which conditions are answered by the result of a gene or position alone."""
        questions: dict[str, dict[int, Condition]] = {}
        others: set[str] = set()
        for index in self._engine.tables:
            for rule in index.rules:
                for condition, (kind, about, *_) in zip(rule.conditions, rule.kinds, strict=True):
                    if KINDS[kind].of_results:
                        # Rules about several drugs share the questions of their row.
                        questions.setdefault(about, {})[id(condition)] = condition
                    else:
                        others.add(about)
        items: dict[str, list[Deciding]] = {}
        for found in self._engine.deciding.values():
            for item in found:
                items.setdefault(item.gene, []).append(item)
        self._told = {
            about: (tuple(questions.get(about, {}).values()), tuple(items.get(about, ())))
            for about in (questions.keys() | items.keys()) - others
        }

    def asked_by(
        self, lines: frozenset[str], subjects: Iterable[str]
    ) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
        """Return which of what is told apart of genes and positions bears on some lines.

        By gene or position, the places of the conditions and of the assessments in `told_apart`.
        """
        bearing = set().union(*(self._places[line] for line in lines))
        if not lines.isdisjoint(self.counting):
            bearing |= self.wide
        asked = {id(c) for place in bearing for c in self.rule(place).conditions}
        found = {}
        for subject in subjects:
            questions, items = self._told.get(subject, ((), ()))
            found[subject] = (
                tuple(i for i, question in enumerate(questions) if id(question) in asked),
                tuple(i for i, item in enumerate(items) if item.drug in lines),
            )
        return found

    def rule(self, place: Place) -> Rule:
        """Return a rule."""
        return self._tables[place[0]].rules[place[1]]

    def fire(self, place: Place, facts: PatientFacts) -> Fired | None:
        """Return what a rule says about a patient, or None if it does not apply."""
        table, number = place
        index = self._tables[table]
        # Of most rules that are asked, what they wait for is there: their conditions answer it.
        return index.fixed.get(number) or fire(index.rules[number], facts)

    def fire_group(self, group: Group, facts: PatientFacts) -> Iterator[Fired]:
        """Yield what the rules of a group say about a patient."""
        index = self._tables[group.places[0][0]]
        return index.fire_some((place for _, place in group.places), facts)

    def _by_table(self, places: Collection[Place]) -> Within:
        return tuple(
            frozenset(place for number, place in places if number == table)
            for table in range(len(self._engine.tables))
        )

    def _note(self, row: RuleCondition, places: Sequence[Place], rules: int) -> None:
        """Take down what makes rules answer otherwise."""
        self.by_kind[row.kind] |= rules
        if row.kind == "computed" and row.about in COUNTED:
            self.by_trials |= rules
        field = SUBJECTS.get(row.about)
        compared = field is not None and field.limits is not None and row.operator != "missing"
        if row.kind != "clinical":
            self.by_gene.setdefault(row.about, {}).update(dict.fromkeys(places))
        # One that may hold while nothing is given answers otherwise as soon as anything is.
        elif compared and row.if_missing != "possible":
            self._by_number.setdefault(row.about, []).append((number_test(row), rules))
        elif row.operator in ("is", "any_of") and row.if_missing != "possible":
            for word in row.value:
                _join(self._by_word, (row.about, word), rules)
        else:
            _join(self._by_field, row.about, rules)

    def _mention(self, conditions: Mapping[str, Sequence[RuleCondition]]) -> None:
        """Take down which drugs each line tells apart when they are taken; None for all."""
        engine = self._engine
        found: dict[str, set[str]] = {line: {line} for line in self.lines}
        for item in engine.interactions.interactions:
            parties = {*item.perpetrators, item.victim}
            for party in parties & found.keys():
                found[party] |= parties
        counting = {*self.counting}
        drugs_of: dict[str, set[str]] = {}
        counted = set()
        for rule_id, rows in conditions.items():
            drugs_of[rule_id] = set().union(*(members(r.subject, engine.groups) for r in rows))
            # A number of drugs that are taken counts each of them.
            if any(row.kind == "regimen" for row in rows):
                counted.add(rule_id)
        for place, line in self.line_of.items():
            rule, bit = self.rule(place), self.bits.of[place]
            asked = drugs_of.get(rule.rule_id, set())
            for drug in {rule.subject, *asked}:
                _join(self._naming, drug, bit)
            if rule.rule_id in counted:
                counting.add(line)
                self._naming_all |= bit
            if line in found:
                found[line] |= asked
        self._mentioned = {
            line: None if line in counting else frozenset(drugs) for line, drugs in found.items()
        }
        self._counting_lines = frozenset(counting & found.keys())
        self._lines_by_drug = lru_cache(maxsize=_SCOPES)(self._by_drug)


_Key = TypeVar("_Key")


def _join(found: dict[_Key, int], key: _Key, rules: int) -> None:
    found[key] = found.get(key, 0) | rules
