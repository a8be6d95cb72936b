"""Which rules an answer bears on: all that may answer otherwise, and few others."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from epilepsy_pgx.clinical_entry import SUBJECTS, ClinicalEntry, PlannedDrug
from epilepsy_pgx.reference.conditions.base import members
from epilepsy_pgx.reference.conditions.registry import KINDS
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.hearing import CONTEXT, RULES, THERAPY
from epilepsy_pgx.response.ordering import TIERS
from epilepsy_pgx.response.questions import ENTRY, RuleQuestions
from epilepsy_pgx.response.resistance import AGGRAVATION
from epilepsy_pgx.response.rule_bits import Place
from epilepsy_pgx.response.rules import Rule, load_conditions
from epilepsy_pgx.vocabulary import Sex
from tests.response.builders import gave_up, star_gene, takes

Conditions = Mapping[str, tuple[RuleCondition, ...]]


@pytest.fixture(scope="module")
def conditions(reference: Reference) -> Conditions:
    return load_conditions(reference)


@pytest.fixture(scope="module")
def questions(plain: ResponseEngine, conditions: Conditions) -> RuleQuestions:
    return RuleQuestions(plain, conditions)


@pytest.fixture(scope="module")
def rules(plain: ResponseEngine) -> dict[Place, Rule]:
    return {
        (number, place): rule
        for number, index in enumerate(plain.tables)
        for place, rule in enumerate(index.rules)
    }


def test_rules_are_found_by_the_kind_of_each_of_their_conditions(
    questions: RuleQuestions, rules: dict[Place, Rule], conditions: Conditions
) -> None:
    for kind in KINDS:
        asking = [
            place
            for place, rule in rules.items()
            if any(row.kind == kind for row in conditions.get(rule.rule_id, ()))
        ]
        assert questions.unmask(questions.by_kind[kind]) == asking, kind
    assert questions.by_kind.keys() == KINDS.keys()
    assert all(questions.rule(place) is rule for place, rule in rules.items())
    assert questions.place == {id(rule): place for place, rule in rules.items()}


def test_of_a_rule_the_most_urgent_thing_it_can_say_is_known(
    questions: RuleQuestions, rules: dict[Place, Rule]
) -> None:
    for place, rule in rules.items():
        urgent = rule.critical != "no" or rule.answers_sign or any(rule.actions.values())
        assert questions.least[place] == (0 if urgent else 1 + TIERS.index(rule.tier))
        assert (place in questions.wide) is (rule.answers_sign or rule.effect == AGGRAVATION)
        alone = f"{rule.first_id}:{rule.subject}"
        assert questions.line_of[place] == (alone if place[0] >= THERAPY else rule.subject)
    assert {0, 1, 2} <= set(questions.least.values())
    assert questions.wide
    assert (RULES, CONTEXT) == (0, 3)


Change = tuple[str, Callable[[ClinicalEntry], ClinicalEntry], object, object]


def number(column: str, before: str | None, after: str | None) -> Change:
    def put(entry: ClinicalEntry) -> ClinicalEntry:
        return replace(entry, **{column: None if after is None else Decimal(after)})

    return column, put, None if before is None else Decimal(before), after


def words(column: str, before: object, after: object) -> Change:
    return column, lambda entry: replace(entry, **{column: after}), before, after


CHANGES: tuple[Change, ...] = (
    number("age_years", None, "1"),
    number("age_years", "1", "1.5"),
    number("age_years", "1.9", "2"),
    number("age_years", "2", "1.9"),
    number("age_years", "17.9", "18"),
    number("age_years", "40", "41"),
    number("age_years", "70", None),
    number("albumin_g_l", None, "20"),
    number("albumin_g_l", "40", "41"),
    words("sex", ("female",), Sex.MALE),
    words("affected", None, True),
    words("affected", None, False),
    words("affected", ("no",), True),
    words("sex", None, Sex.MALE),
    words("pregnant", None, False),
    words("pregnant", ("no",), True),
    words("syndromes", ("dravet",), ("focal_epilepsy",)),
    words("syndromes", None, ("dravet",)),
    words("seizure_types", ("absence",), ("focal",)),
)


@pytest.mark.parametrize("change", CHANGES, ids=[f"{c[0]}: {c[2]} {c[3]}" for c in CHANGES])
def test_another_entry_asks_the_rules_that_may_answer_otherwise(
    plain: ResponseEngine,
    questions: RuleQuestions,
    rules: dict[Place, Rule],
    conditions: Conditions,
    change: Change,
) -> None:
    """Beside them only such as hold whether or not something is given."""
    column, put, before, _ = change
    subject = next(name for name, field in SUBJECTS.items() if field.attribute == column)
    given = {} if before is None else {column: before_of(column, before)}
    first = plain.facts({}, (), {}, ClinicalEntry(**given))
    second = plain.facts({}, (), {}, put(ClinicalEntry(**given)))
    assert first.clinical_value(subject) == before
    found = {*questions.unmask(questions.of_entry({subject: before}, second, {subject}))}
    needed, allowed = set(), set()
    for place, rule in rules.items():
        asked = [k[0] == "clinical" and k[1] == subject for k in rule.kinds]
        for condition, mine in zip(rule.conditions, asked, strict=True):
            if mine:
                answers = [condition(facts, rule.subject) for facts in (first, second)]
                if answers[0].truth is not answers[1].truth:
                    needed.add(place)
                if any(answers):
                    allowed.add(place)
        for row in conditions.get(rule.rule_id, ()):
            if row.about == subject and (row.if_missing == "possible" or row.operator == "missing"):
                allowed.add(place)
    assert needed <= found <= allowed | needed
    assert not questions.of_entry({subject: second.clinical_value(subject)}, second, {subject})
    assert not questions.of_entry({subject: before}, second, frozenset())


def before_of(column: str, value: object) -> object:
    """Return what an entry holds where facts hold this."""
    if column in ("affected", "pregnant"):
        return value == ("yes",)
    return Sex.FEMALE if column == "sex" else value


def test_a_number_asks_only_the_rules_whose_limits_it_meets(
    plain: ResponseEngine, questions: RuleQuestions
) -> None:
    """Else each value that is tried would ask every rule on it."""
    facts = plain.facts({}, (), {}, ClinicalEntry(age_years=Decimal("17.9")))
    few = questions.of_entry({"age_years": Decimal("17.8")}, facts, frozenset({"age_years"}))
    clinical = questions.unmask(questions.by_kind["clinical"])
    assert {*questions.unmask(few)} < {p for p in clinical if asks(questions.rule(p), "age_years")}


def asks(rule: Rule, subject: str) -> bool:
    return any(kind == "clinical" and about == subject for kind, about, *_ in rule.kinds)


def test_drugs_that_were_given_up_ask_whatever_counts_trials(
    plain: ResponseEngine,
    questions: RuleQuestions,
    rules: dict[Place, Rule],
    conditions: Conditions,
) -> None:
    """What became of a drug is asked by rules that name it, how many there are by others too."""
    drug = "carbamazepine"
    found = {*questions.unmask(questions.of_failed(frozenset({drug})))}
    for place, rule in rules.items():
        rows = conditions.get(rule.rule_id, ())
        kinds = {row.kind for row in rows}
        named = {rule.subject}.union(*(members(row.subject, plain.groups) for row in rows))
        counted = bool(kinds & {"computed", "regimen"})
        history = bool(kinds & {"history", "exposure"})
        assert (place in found) is (counted or (history and drug in named))
    assert {place for place in found if rules[place].subject == drug}
    assert {*questions.unmask(questions.of_failed(frozenset()))} < found


@pytest.fixture(params=["drug", "two drugs", "entry", "nothing"])
def scope(request: pytest.FixtureRequest) -> frozenset[str]:
    names = {"drug": ["valproate"], "two drugs": ["valproate", "phenytoin"], "entry": [ENTRY]}
    return frozenset(names.get(request.param, ()))


def test_the_rules_of_some_lines(
    questions: RuleQuestions, rules: dict[Place, Rule], scope: frozenset[str]
) -> None:
    """Where it bears on a line how many trials count, so do the rules on harm by a drug."""
    counted = bool(scope & questions.counting)
    wanted = sorted(
        place
        for place in rules
        if questions.line_of[place] in scope or (counted and place in questions.wide)
    )
    assert questions.unmask(questions.of_lines(scope)) == wanted
    within = questions.within(scope)
    if scope:
        assert within is not None
        assert sorted((t, p) for t, places in enumerate(within) for p in places) == wanted
    assert ENTRY in questions.counting
    assert questions.within(questions.lines) is None


@pytest.mark.parametrize("genes", [("CYP2C9",), ("HLA-B",), ("POLG", "SCN1A"), ("no gene",)])
@pytest.mark.parametrize(
    "entry", [ClinicalEntry(), ClinicalEntry(affected=True, current=(takes("valproate"),))]
)
def test_rules_that_ask_for_a_gene_and_can_be_met(
    plain: ResponseEngine,
    questions: RuleQuestions,
    rules: dict[Place, Rule],
    genes: tuple[str, ...],
    entry: ClinicalEntry,
) -> None:
    known: PatientFacts = plain.facts({"CYP2C9": star_gene("CYP2C9", "*1/*3")}, (), {}, entry)
    found = {place: (own, rest) for place, own, rest in asked_of(questions, genes, known)}
    assert list(found) == sorted(found)
    for place, rule in rules.items():
        mine = [kind != "clinical" and about in genes for kind, about, *_ in rule.kinds]
        others = [
            condition(known, rule.subject)
            for condition, own in zip(rule.conditions, mine, strict=True)
            if not own
        ]
        assert (place in found) is (any(mine) and all(others)), rule.rule_id
        if place in found:
            own, rest = found[place]
            assert own == tuple(c for c, m in zip(rule.conditions, mine, strict=True) if m)
            assert [answer[0] for answer in rest] == [v.truth for v in others]
    assert bool(found) is (genes != ("no gene",))


def asked_of(questions: RuleQuestions, genes: tuple[str, ...], known: PatientFacts) -> list:
    return [*questions.of_genes(genes, known, questions.lines)]


def test_what_each_line_may_depend_on(
    plain: ResponseEngine, questions: RuleQuestions, rules: dict[Place, Rule]
) -> None:
    expected: dict[str, set[str]] = {line: set() for line in questions.lines}
    counted: set[str] = set()
    for place, rule in rules.items():
        genes = {about for kind, about, *_ in rule.kinds if kind != "clinical"}
        expected.get(questions.line_of[place], set()).update(genes)
        if rule.effect == AGGRAVATION:
            counted |= genes
    for drug, items in plain.deciding.items():
        for item in items:
            assert drug in questions.deciding[item.gene]
            expected[drug].add(item.gene)
    for line in questions.counting:
        expected[line] |= counted
    expected[ENTRY] |= plain.predicted
    assert questions.subjects() == expected


@pytest.mark.parametrize(
    ("before", "after", "every"),
    [
        (ClinicalEntry(), (takes("phenytoin"),), False),
        (ClinicalEntry(), (takes("phenytoin"), takes("valproate")), True),
        (ClinicalEntry(), (), True),
        (ClinicalEntry(current=()), (takes("phenytoin"),), True),
        (ClinicalEntry(signs=("rash",)), (takes("phenytoin"),), True),
        (ClinicalEntry(), (takes("no drug"),), True),
        (ClinicalEntry(planned=(PlannedDrug("phenytoin", True),)), (takes("phenytoin"),), True),
        (ClinicalEntry(failed=(gave_up("phenytoin"),)), (takes("phenytoin"),), True),
        (ClinicalEntry(planned=(PlannedDrug("valproate", True),)), (takes("phenytoin"),), False),
    ],
)
def test_one_drug_stands_for_others_where_nothing_names_it(
    plain: ResponseEngine, questions: RuleQuestions, before: ClinicalEntry, after, every: bool
) -> None:
    first = plain.facts({}, (), {}, before)
    second = plain.facts({}, (), {}, replace(before, current=after))
    found = questions.named_by(first, second)
    assert (found == questions.lines) is every
    assert after == () or after[0].drug not in questions.lines or after[0].drug in found
    assert found >= questions.counting & questions.lines


def test_each_line_meets_a_drug_that_it_does_not_name(
    plain: ResponseEngine, questions: RuleQuestions
) -> None:
    """The first such drug stands for all: each other one is named by the line."""
    nobody = plain.facts({}, (), {}, ClinicalEntry())
    met: dict[str, list[str]] = {line: [] for line in questions.lines}
    for info in plain.drugs:
        taken = plain.facts({}, (), {}, ClinicalEntry(current=(takes(info.drug),)))
        for line in questions.named_by(nobody, taken):
            met[line].append(info.drug)
    every = [info.drug for info in plain.drugs]
    told_apart = 0
    for line, drugs in met.items():
        named = questions._mentioned[line]
        if named is None:
            assert drugs == every
            continue
        first = next((d for d in every if d not in named), None)
        assert drugs == [d for d in every if d in named or d == first]
        told_apart += 1
    assert told_apart > 20
