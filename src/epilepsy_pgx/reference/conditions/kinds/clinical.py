"""Conditions on a field of the clinical entry."""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from epilepsy_pgx.clinical_entry import SUBJECTS
from epilepsy_pgx.reference.conditions.base import (
    Condition,
    ConditionKind,
    Groups,
    Tables,
    bad_row,
    lost_words,
)
from epilepsy_pgx.reference.conditions.numbers import NUMERIC, number_problem, number_test
from epilepsy_pgx.reference.conditions.patient import PERHAPS, Facts
from epilepsy_pgx.reference.conditions.reasons import (
    enter_word,
    entry_reason,
    field_value,
    not_given,
)
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.statement import Reason, ReasonKind, Value, ValueKind

_COMPARING = NUMERIC[1:]
_VERDICTS = 4096
"""Verdicts that are kept: many patients have the same words and numbers."""
_OTHER_THAN = "other_than"
_ANY_SEIZURE = ("seizures_per_month", "more_than", ("0",))
"""What a seizure of the last week answers, where no number is entered."""
_LAST_SEIZURE = "last_seizure"


class Clinical(ConditionKind):
    """A field of the clinical entry has one of some words, compares so with a number, or is \
missing; or it has none of some words (`other_than`), which a missing one has not either."""

    name = "clinical"
    operators = ("is", "any_of", _OTHER_THAN, "missing", *_COMPARING)
    subject = (
        "field of the clinical entry, `syndrome`, `sign`, `childbearing`, `months_since_onset`"
    )
    value = "words, or numbers"
    valueless = ("missing",)
    heeds_missing = True

    def lost_subject(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for a field."""
        return lost_words([row.about], SUBJECTS, "a field of the clinical entry")

    def problem(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for a value that the field can have."""
        subject, operator, values = row.about, row.operator, row.value
        if operator == "missing":
            return None
        field = SUBJECTS[subject]
        if _is_number(subject):
            words = operator in ("any_of", _OTHER_THAN)
            return "a number to compare with" if words else number_problem(row)
        if operator in _COMPARING:
            return f"a word: '{subject}' is no number"
        if field.table:
            known = tables.of_vocabulary(field)
            return lost_words(values, known, f"words of {field.table}.tsv")
        return lost_words(values, dict(field.choices), f"an answer of '{subject}'")

    def question(self, row: RuleCondition, groups: Groups) -> Condition:
        """Ask for the field; one that was not given may count as possible."""
        wanted = frozenset(row.value)
        subject = row.about
        if subject not in SUBJECTS:
            raise bad_row(row, "subject", ", ".join(SUBJECTS))
        numeric = _is_number(subject) and row.operator in NUMERIC
        test = number_test(row) if numeric or row.operator in _COMPARING else None
        missing = not_given(Truth.YES, subject)
        possible = not_given(Truth.MAYBE, subject) if row.if_missing == "possible" else None
        # A newborn whose last seizure is of today waits for no number of them.
        told_by_day = possible and (subject, row.operator, row.value) == _ANY_SEIZURE

        def ask_missing(facts: Facts, drug: str) -> Verdict:
            return missing if facts.entered(subject) is None else NO

        def ask_other(facts: Facts, drug: str) -> Verdict:
            value = facts.clinical_value(subject)
            has = isinstance(value, tuple) and not wanted.isdisjoint(value)
            return NO if has else Verdict(Truth.YES)

        if row.operator == "missing":
            return ask_missing
        if row.operator == _OTHER_THAN:
            return ask_other

        def ask(facts: Facts, drug: str) -> Verdict:
            value = facts.clinical_value(subject)
            if value is None:
                day = facts.recent_seizure if told_by_day else None
                return possible or NO if day is None else _last_seizure(day)
            if isinstance(value, Decimal):
                if test is None or not test(value):
                    return NO
                return _given(subject, (str(value),), ValueKind.NUMBER)
            hits = tuple(word for word in value if word in wanted)
            if not hits:
                perhaps = _perhaps(facts, subject, wanted, value)
                return perhaps or (possible if possible and "possible" in value else NO)
            if (elsewhere := facts.heard_from(subject, hits[0])) is not None:
                return Verdict(Truth.YES, (_other_reason(*elsewhere),))
            return _given(subject, hits, ValueKind.SIGN)

        return ask

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """A field of words must have one of them, unless a missing entry counts too."""
        subject = row.about
        if row.operator == "missing":
            return frozenset({f"missing:{subject}"})
        if row.if_missing == "possible" or row.operator == _OTHER_THAN or _is_number(subject):
            return None
        return frozenset(f"entry:{subject}:{word}" for word in row.value)

    def keys(self, facts: Facts) -> Iterable[str]:
        """Return the words of the entry, and which fields it leaves open."""
        for name in SUBJECTS:
            value = facts.clinical_value(name)
            if value is None:
                yield "missing:" + name
            elif not isinstance(value, Decimal):
                yield from ["entry:" + name + ":" + word.removesuffix(PERHAPS) for word in value]
                if facts.entered(name) is None:
                    yield "missing:" + name


@lru_cache(maxsize=_VERDICTS)
def _given(subject: str, shown: tuple[str, ...], kind: ValueKind) -> Verdict:
    """Return the verdict that a field holds what is asked for."""
    value = Value("value", shown, kind)
    reason = entry_reason(ReasonKind.CLINICAL, subject, field_value(subject), value)
    return Verdict(Truth.YES, (reason,))


def _last_seizure(day: str) -> Verdict:
    """Return the verdict that seizures go on by the day of the last one."""
    shown = Value("value", (day,))
    column = field_value(_LAST_SEIZURE)
    return Verdict(Truth.YES, (entry_reason(ReasonKind.CLINICAL, _LAST_SEIZURE, column, shown),))


def _other_reason(column: str, word: str) -> Reason:
    """Return as a reason a word of another field that says the same."""
    shown = Value("value", (word,), ValueKind.SIGN)
    return entry_reason(ReasonKind.CLINICAL, column, field_value(column), shown)


def _perhaps(
    facts: Facts, subject: str, wanted: frozenset[str], value: tuple[str, ...]
) -> Verdict | None:
    """Return the verdict on a field that another one makes possible, if it does."""
    for word in value:
        elsewhere = facts.heard_from(subject, word)
        meant = word.removesuffix(PERHAPS)
        if meant in wanted and elsewhere is not None:
            settles = (enter_word(subject, meant),)
            return Verdict(Truth.MAYBE, (_other_reason(*elsewhere),), settles)
    return None


def _is_number(subject: str) -> bool:
    field = SUBJECTS.get(subject)
    return field is not None and field.limits is not None


KIND = Clinical()
