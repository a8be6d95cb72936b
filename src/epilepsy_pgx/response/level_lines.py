"""What is said of the levels that were measured: a line each, with its limits.

Where the sources disagree on a level, so does the report. Nothing is taken off a warning.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from epilepsy_pgx.clinical_entry import SUBJECTS
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.reference.rows import LevelAlert, LevelRange
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.figures import significant
from epilepsy_pgx.response.levels import READ, TOXICITY, UNREADABLE, LevelAssessment
from epilepsy_pgx.statement import Evidence, Join, Message, Statement, Value, ValueKind
from epilepsy_pgx.vocabulary import LevelPart, LevelVerdict, Origin, Response, Tier

_TEXTS = {verdict: f"level-{verdict.value.replace('_', '-')}" for verdict in LevelVerdict}
_BELOW_PREGNANT = "level-below-pregnant"
_BELOW_LOWERED = "level-below-lowered"
_BELOW_NOT_TAKEN = "level-below-not-taken"
_BELOW_SUBSTANCE = "level-below-substance"
"""Said of a level whose ranges are those of the active metabolite: the drug itself is lower."""
BELOW_TEXTS = frozenset(
    {
        _TEXTS[LevelVerdict.BELOW],
        _BELOW_PREGNANT,
        _BELOW_LOWERED,
        _BELOW_NOT_TAKEN,
        _BELOW_SUBSTANCE,
    }
)
"""Texts on a level of a drug in use that lies below every range, whatever cause is entered."""
_FAILED_BELOW, _FAILED_SUBSTANCE = "level-failed-below", "level-failed-below-substance"
_ABOVE_FREE = "level-above-free"
_FREE_HIGHER = "level-free-higher"
"""Said of a total level that is too high where the free fraction has grown too."""
_MOST_BELOW, _MOST_ABOVE = "level-disagree-below", "level-disagree-above"
_MOST_WITHIN = "level-disagree-within"
"""Said where the sources disagree: more than half of them are on one side, or one alone is not
within."""
_FEW = 2
"""Sources among which one that disagrees is half of them, or all the rest."""
_ASKS = (
    LevelVerdict.BELOW,
    LevelVerdict.ABOVE,
    LevelVerdict.BEFORE_DRUG,
    LevelVerdict.FREE_CHANGED,
)
"""Verdicts after which something is to be done."""
_HIGH = (LevelVerdict.ABOVE,)
_SUBSTANCE = "substance"
_TAKEN = "taken"
_MISSED = ("often_missed", "sometimes_missed")
_NOT_TAKEN = "not_taken"
"""Said of the doses of all drugs in use together."""
_INFANT = 1
"""Years; no range here is of younger children. The number is ours."""
_ALERTS = ("level-alert", "level-alert-urgent")
"""What is said of a level at its alert limit: without a sign of toxicity, and with one."""
_DIGITS = 3
"""Significant digits of a level that is converted: no assay measures more."""


def level_statements(
    judged: Sequence[LevelAssessment],
    failed: Sequence[LevelAssessment],
    facts: PatientFacts,
    lowering: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> tuple[Statement, ...]:
    """Return the lines on the levels.

    A level that reaches its alert limit asks for somebody today and is urgent. With a sign that
    too high a level may cause so is a level above every range, or one that cannot exclude the
    cause.
    Of a low one the cause that is entered is named: `lowering` holds, by drug, what lowers it.
    """
    toxic = any(TOXICITY in facts.effects.get(sign, ()) for sign in facts.signs)
    texts = {**_TEXTS}
    if facts.clinical.pregnant:
        # The cause is entered: asking for it would be asked for nothing.
        texts[LevelVerdict.BELOW] = _BELOW_PREGNANT
    elif facts.clinical.adherence == _NOT_TAKEN:
        # What is not taken is lowered by nothing, and lowers nothing.
        texts[LevelVerdict.BELOW] = _BELOW_NOT_TAKEN
    lines = [line for n, one in enumerate(judged) for line in _lines(one, n, toxic, texts)]
    lines += [
        _statement(one, n, _FAILED_SUBSTANCE if _SUBSTANCE in one.unknown else _FAILED_BELOW)
        for n, one in enumerate(failed)
    ]
    later = {(one.drug, one.level.part): one.later for one in judged}
    said = (_with_cause(line, lowering, later) for line in lines)
    entry = facts.clinical
    infant = entry.age_years is not None and entry.age_years < _INFANT
    undetected = {(one.drug, one.level.part) for one in judged if one.level.undetected}
    taken = undetected if entry.adherence == _TAKEN else set()
    told = [_of_whom(line, infant, taken) for line in said]
    return tuple(_missed(line) for line in told) if entry.adherence in _MISSED else tuple(told)


def _missed(line: Statement) -> Statement:
    """Name missed doses, which are entered, among the reasons of a low level of a drug in use."""
    low = line.text_id in BELOW_TEXTS or line.text_id == _MOST_BELOW
    return replace(line, further=(*line.further, "level-doses-missed")) if low else line


def _of_whom(line: Statement, infant: bool, taken: Collection[tuple[str, LevelPart]]) -> Statement:
    """Say of whom the ranges are, and that a level too low to measure contradicts the entry."""
    _, drug, part, _ = line.statement_id.split(":")
    told = ("level-infant",) if infant else ()
    if line.text_id in BELOW_TEXTS and (drug, LevelPart(part)) in taken:
        told = (*told, "level-taken-undetected")
    return replace(line, further=(*line.further, *told)) if told else line


def _with_cause(
    line: Statement,
    lowering_by_drug: Mapping[str, tuple[str, ...]],
    later: Mapping[tuple[str, LevelPart], tuple[str, ...]],
) -> Statement:
    """Name the drugs that lower a level, if it is low and they were taken at its sample."""
    _, drug, part, _ = line.statement_id.split(":")
    since = later.get((drug, LevelPart(part)), ())
    lowering = tuple(name for name in lowering_by_drug.get(drug, ()) if name not in since)
    if line.text_id != _TEXTS[LevelVerdict.BELOW] or not lowering:
        return line
    named = Value("lowering", lowering, ValueKind.DRUG)
    return replace(line, text_id=_BELOW_LOWERED, values=(*line.values, named))


def _lines(
    one: LevelAssessment, number: int, toxic: bool, texts: Mapping[LevelVerdict, str]
) -> Iterator[Statement]:
    if one.alert is not None:
        text_id = "level-alert-urgent" if toxic else "level-alert"
        yield _statement(one, number, text_id, urgent=True)
        if one.verdict is LevelVerdict.ABOVE:
            return
    loud = _loud(one) if toxic and one.alert is None else None
    if loud is not None:
        yield _statement(one, number, loud, urgent=True)
    if loud != "level-alert-above":
        yield _statement(one, number, _most(one) or _of_substance(one) or texts[one.verdict])


def _of_substance(one: LevelAssessment) -> str | None:
    """Return the text for a level of which nobody knows which substance it is, or how much of it.

    A total level above all ranges, beside a free fraction that has grown, is higher still.
    """
    if one.free_higher:
        return _ABOVE_FREE
    low = one.verdict is LevelVerdict.BELOW and _SUBSTANCE in one.unknown
    return _BELOW_SUBSTANCE if low else None


def _most(one: LevelAssessment) -> str | None:
    """Return the text for a level that most of the sources, but not all, put in one place."""
    if one.verdict is not LevelVerdict.DISAGREE:
        return None
    if _SUBSTANCE in one.unknown and not one.above:
        return None
    for rows, text_id in ((one.below, _MOST_BELOW), (one.above, _MOST_ABOVE)):
        if 2 * len(rows) > len(one.ranges):
            return text_id
    # One source is no disagreement among many.
    many = len(one.ranges) > _FEW and len(one.within) >= len(one.ranges) - 1
    return _MOST_WITHIN if many else None


def _loud(one: LevelAssessment) -> str | None:
    """Return what a level says beside a sign of toxicity; None if it says nothing of it.

    A level that is too low to be measured is no toxic one, whenever it was taken.
    """
    if one.verdict is LevelVerdict.ABOVE:
        return "level-alert-above"
    if one.verdict is LevelVerdict.DISAGREE:
        return "level-alert-some" if one.above else None
    if one.verdict not in UNREADABLE or one.level.undetected:
        return None
    above = one.above and not (one.below or one.within)
    return "level-alert-untimely" if above else "level-alert-open"


def _statement(one: LevelAssessment, number: int, text_id: str, urgent: bool = False) -> Statement:
    acts = text_id.startswith("level-alert")
    alert = one.alert if text_id in _ALERTS else None
    read = one.verdict in READ or one.verdict is LevelVerdict.FREE_CHANGED
    unknown = one.unknown if read and not acts else ()
    # What these texts ask first is not asked again.
    unknown = tuple(w for w in unknown if w != _SUBSTANCE or not text_id.endswith(_SUBSTANCE))
    higher = acts and bool(one.causes) and bool(one.above or one.alert)
    asks = one.verdict in _ASKS or text_id in (_MOST_BELOW, _MOST_ABOVE)
    return Statement(
        # A sign more changes the words, and is no other statement.
        statement_id=f"{_ALERTS[0] if alert else text_id}:{one.drug}:{one.level.part}:{number}",
        text_id=text_id,
        tier=Tier.ACT if acts else Tier.CONSIDER if asks else Tier.CONTEXT,
        response=Response.CAUTION if acts or one.verdict in _HIGH else Response.NO_RULE,
        origin=Origin.CLINICAL,
        reasons=(),
        evidence=_evidence(one, alert),
        values=_values(one),
        drugs=(one.drug,),
        further=(
            *(f"level-unknown-{word}" for word in unknown),
            *((_FREE_HIGHER,) if higher else ()),
        ),
        conditional=not one.known,
        urgent=urgent,
    )


def _evidence(one: LevelAssessment, alert: LevelAlert | None) -> tuple[Evidence, ...]:
    if alert is not None:
        row = f"{alert.drug}|{alert.part}"
        return (Evidence(alert.source, ".", alert.citations, alert.TABLE, row, alert.verified),)
    if one.kinetics is not None and one.verdict not in (*READ, LevelVerdict.PARENT):
        why = one.kinetics
        key = f"{why.drug}|{why.part}"
        return (Evidence(why.source, ".", why.citations, why.TABLE, key, why.verified),)
    return tuple(
        Evidence(row.source, ".", row.citations, row.TABLE, row.range_id, row.verified)
        for row in one.ranges
    )


def _range(row: LevelRange) -> Message:
    return Message(
        "level-range",
        (
            Value("lower", (str(row.lower),), ValueKind.NUMBER),
            Value("upper", (str(row.upper),), ValueKind.NUMBER),
            Value("unit", (row.unit,)),
            Value("source", (row.source,), ValueKind.SOURCE),
        ),
    )


def _values(one: LevelAssessment) -> tuple[Value, ...]:
    quantity = one.level.quantity
    shown = [
        Message("level-undetected" if one.level.undetected else "level-measured", _measure(one))
    ]
    own = one.ranges[:1]
    limit = () if one.alert is None else (one.alert,)
    causes = tuple(
        Message(f"level-cause-{word.partition('<')[0].replace('_', '-')}")
        if word.partition("<")[0] in SUBJECTS
        else Message("level-cause-drug", (Value("cause", (word,), ValueKind.DRUG),))
        for word in one.causes
    )
    return (
        Value("level", messages=tuple(shown)),
        Value("range", messages=tuple(map(_range, own))),
        _listed("below", one.below),
        _listed("within", one.within),
        _listed("above", one.above),
        Value("causes", messages=causes),
        Value("ask", messages=(Message(_asked(one)),)),
        Value("time", messages=_asked_time(one)),
        Value("later", (*one.later, *one.settling), ValueKind.DRUG)
        if one.later or one.settling
        else Value("later", ("word-none",), ValueKind.TEXT),
        Value("compared", (str(len(one.ranges)),), ValueKind.NUMBER),
        Value("number_below", (str(len(one.below)),), ValueKind.NUMBER),
        Value("number_within", (str(len(one.within)),), ValueKind.NUMBER),
        Value("number_above", (str(len(one.above)),), ValueKind.NUMBER),
        Value("days", (str(one.days),) if one.days is not None else (), ValueKind.NUMBER),
        Value("unit", (quantity.unit,)),
        Value("limit", tuple(str(row.limit) for row in limit), ValueKind.NUMBER),
        Value("limit_unit", tuple(row.unit for row in limit)),
        Value("limit_source", tuple(row.source for row in limit), ValueKind.SOURCE),
    )


def _asked(one: LevelAssessment) -> str:
    """Return what to ask for where a level cannot be read: nothing that was entered."""
    if not (one.verdict is LevelVerdict.FREE_CHANGED or one.free_higher):
        return "level-ask-sample"
    return "level-ask-read-free" if one.free_given else "level-ask-free"


def _asked_time(one: LevelAssessment) -> tuple[Message, ...]:
    return () if one.level.hours_after_dose is not None else (Message("level-ask-time"),)


def rounded(number: Decimal) -> str:
    """Return a level that was converted as it is shown."""
    return significant(number, _DIGITS)


def _listed(name: str, rows: Sequence[LevelRange]) -> Value:
    """Return ranges one after the other, or the word for none."""
    if not rows:
        return Value(name, ("word-none",), ValueKind.TEXT)
    return Value(name, join=Join.SEMICOLON, messages=tuple(map(_range, rows)))


def _measure(one: LevelAssessment) -> tuple[Value, ...]:
    quantity, mass = one.level.quantity, one.mg_per_litre
    number = (
        Value("number", (str(quantity.value),), ValueKind.NUMBER),
        Value("unit", (quantity.unit,)),
    )
    if mass is None or quantity.unit == "mg/L":
        shown = Message("level-number", number)
    else:
        value = Value("mass", (rounded(mass),), ValueKind.NUMBER)
        shown = Message("level-number-converted", (*number, value))
    return (
        Value("part", (f"level-part-{one.level.part}",), ValueKind.TEXT),
        Value("number", messages=(shown,)),
        Value("day", (f" ({one.level.date})",) if one.level.date else ()),
    )
