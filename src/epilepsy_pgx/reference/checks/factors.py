"""Checks of the tables on why drugs failed, and on exposure by genotype."""

from collections.abc import Collection, Iterator

from epilepsy_pgx.errors import Problem
from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.conditions.base import Tables
from epilepsy_pgx.reference.conditions.registry import Fault, is_genotypic, problem_of
from epilepsy_pgx.reference.rows import (
    CONDITIONS_BY_SIGN,
    CuratedText,
    DrugRule,
    ExposureChange,
    ExposureEffect,
    FactorCondition,
    FactorRow,
    FactorSign,
    LevelAnalyte,
    RuleCondition,
)
from epilepsy_pgx.reference.rows.factors import ASKED_OF, MEDICINE, STATEMENT, UNSETTLED, WORDS_OF
from epilepsy_pgx.vocabulary import FactorSide, FailureReason, LevelPart

_LEVEL = "level-"
_DATED = ("level-within", "level-disagree-within")
"""Statements that may speak against a factor, besides words of the clinical entry."""
_POSITIVE = ("is", "any_of")


_TEXTS = ((STATEMENT, "text"), (STATEMENT, "untried"), (MEDICINE, "trial"))
"""What is asked for by the id of a text."""
_METABOLITE = f"/{LevelPart.METABOLITE}"
"""End of the words for what is said of a level of a metabolite."""


@check(
    "factor-last",
    "One factor is the last, at the end of the list, and no two have one place.",
    needs=("factors",),
)
def check_places(package: Package) -> Found:
    """Look at the places of the factors."""
    rows = sorted(package.rows(FactorRow), key=lambda row: row.order)
    for before, row in zip(rows, rows[1:], strict=False):
        if before.order == row.order:
            yield _problem(package, "factor-last", row, "order", row.order, "a place of its own")
    for row in rows:
        if row.last != (row is rows[-1]):
            expected = "'yes' for the factor in the last place, and for it alone"
            yield _problem(package, "factor-last", row, "last", row.last, expected)


def _problem(
    package: Package,
    name: str,
    row: FactorRow | FactorSign | FactorCondition | ExposureEffect | DrugRule,
    column: str,
    found: object,
    expected: str,
) -> Problem:
    return package.problem(name, row.TABLE, row, column, found, expected, "Correct the row.")


def rule_condition(row: FactorCondition) -> RuleCondition:
    """Return a condition on the patient as the rule tables write one."""
    return RuleCondition(
        row.line, row.sign_id, row.kind, row.subject, row.operator, row.value, "no"
    )


@check(
    "factor-conditions",
    "Signs have conditions that can be met; only what is entered speaks against a factor, and a "
    "metaboliser status speaks for none without a level.",
    needs=("factor_signs", "factor_conditions"),
)
def check_signs(package: Package) -> Found:
    """Look at the conditions of each sign."""
    tables = package.once(Tables)
    conditions = package.grouped(CONDITIONS_BY_SIGN)
    for sign in package.rows(FactorSign):
        rows = conditions.get(sign.sign_id, ())
        if (sign.text_undated is None) == (sign.side is FactorSide.AGAINST):
            expected = "a text for what speaks against a factor, and for that alone"
            yield _problem(
                package,
                "factor-conditions",
                sign,
                "text_undated",
                sign.text_undated or ".",
                expected,
            )
        if not rows:
            expected = "a condition in factor_conditions.tsv"
            yield _problem(package, "factor-conditions", sign, "sign_id", sign.sign_id, expected)
        for row in rows:
            fault = _fault(package, row, tables)
            if fault is None and sign.side is FactorSide.AGAINST and not _entered(row):
                fault = Fault("kind", "of what speaks against a factor: words of the entry")
            if fault is not None:
                found = row.cells()[fault.column]
                yield _problem(
                    package, "factor-conditions", row, fault.column, found, fault.expected
                )
        status = [r for r in rows if r.kind not in ASKED_OF and is_genotypic(rule_condition(r))]
        if status and sign.side is FactorSide.FOR and not any(map(_of_level, rows)):
            expected = "beside a metaboliser status, a condition on what a level says"
            yield _problem(
                package, "factor-conditions", status[0], "kind", status[0].kind, expected
            )


def _fault(package: Package, row: FactorCondition, tables: Tables) -> Fault | None:
    if row.kind not in ASKED_OF:
        return problem_of(rule_condition(row), tables)
    asked = ASKED_OF[row.kind]
    subject = "|".join(row.subject)
    if subject not in asked:
        return Fault("subject", ", ".join(asked))
    if row.operator not in asked[subject]:
        return Fault("operator", ", ".join(asked[subject]))
    if bool(row.value) == (row.operator == "missing"):
        return Fault("value", "words, but for the operator 'missing'")
    return _fault_of_words(package, row, subject, tables)


def _fault_of_words(
    package: Package, row: FactorCondition, subject: str, tables: Tables
) -> Fault | None:
    if (row.kind, subject) in _TEXTS:
        known = {text.id for text in package.rows(CuratedText)}
        plain = (word.removesuffix(_METABOLITE).removesuffix(UNSETTLED) for word in row.value)
        if not known.issuperset(plain):
            return Fault("value", "ids of texts.tsv")
    if (row.kind, subject) == (MEDICINE, "untried") and tables.lost_drugs(row.value):
        return Fault("value", "drugs of drugs.tsv")
    if (words := WORDS_OF.get(subject)) and not words.issuperset(row.value):
        return Fault("value", ", ".join(sorted(words)))
    if subject.startswith("effect_of_") or subject == "explained":
        effects = {rule.effect for rule in package.rows(DrugRule)}
        if not effects.issuperset(row.value):
            return Fault("value", "effects of drug_rules.tsv")
    return None


def _of_level(row: FactorCondition) -> bool:
    """Say whether a condition asks what a level says."""
    texts = row.kind == STATEMENT and row.subject == ("text",)
    return texts and all(word.startswith(_LEVEL) for word in row.value)


def _entered(row: FactorCondition) -> bool:
    """Say whether a condition asks for something that is entered, and not for its absence."""
    if row.kind == STATEMENT:
        dated = row.subject == ("text",) and set(row.value) <= set(_DATED)
        return dated and row.operator in _POSITIVE
    return row.kind == "clinical" and row.operator in _POSITIVE


@check(
    "explains-effect",
    "No rule on a dose explains a lack of effect: that takes a level.",
    needs=("drug_rules",),
)
def check_explanations(package: Package) -> Found:
    """Look at what the rules on doses explain."""
    for row in package.rows(DrugRule):
        if row.effect == "dose" and FailureReason.LACK_OF_EFFECT in row.explains:
            found = "|".join(row.explains)
            yield _problem(
                package, "explains-effect", row, "explains", found, "no 'lack_of_effect'"
            )


@check(
    "exposure-effects",
    "An effect on exposure has a genotype that can be met, a size, and what it needs besides.",
    needs=("exposure_effects", "level_analytes"),
)
def check_exposure(package: Package) -> Found:
    """Look at each effect."""
    tables = package.once(Tables)
    measured = {(row.drug, row.part) for row in package.rows(LevelAnalyte)}
    for row in package.rows(ExposureEffect):
        for column, expected in _faults_of_effect(row, tables, measured):
            found = row.cells()[column]
            yield _problem(package, "exposure-effects", row, column, found, expected)


def _faults_of_effect(
    row: ExposureEffect, tables: Tables, measured: Collection[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    condition = RuleCondition(
        row.line, row.effect_id, row.kind, (row.subject,), row.operator, row.value, "no"
    )
    if fault := problem_of(condition, tables):
        yield fault.column, fault.expected
    if (row.drug, row.part) not in measured:
        yield "part", "a drug and part of level_analytes.tsv"
    if (row.low is None) != (row.change is ExposureChange.NONE):
        yield "low", "a size, but for the change 'none'"
    if row.high is not None and (row.low is None or row.high <= row.low):
        yield "high", "a number above the lower end"
    given = [x is not None for x in (row.per_dose, row.per_dose_sd, row.age_below)]
    if any(given) and not all(given):
        yield "per_dose", "a mean with its standard deviation and the age of the people"
    if row.per_dose is not None and row.per_dose_sd is not None:
        if not 0 < row.per_dose_sd < row.per_dose:
            yield "per_dose_sd", "a number below the mean"
