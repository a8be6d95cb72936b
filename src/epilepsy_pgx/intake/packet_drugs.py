"""Read what a packet says of drugs and other treatments."""

import re
from collections.abc import Iterator
from dataclasses import field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from epilepsy_pgx.clinical_entry import Quantity
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intake.clinical import resolve_drug
from epilepsy_pgx.intake.druglist import drug_words
from epilepsy_pgx.intake.packet_json import Element
from epilepsy_pgx.intake.packet_terms import REASONS, SIGN_OF_REASON, Term, Terms, normal
from epilepsy_pgx.intake.packet_times import read_time
from epilepsy_pgx.model import DrugExposure, FailedDrug, Suggestion
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Drug, EntryWord, InputWord
from epilepsy_pgx.reference.units import units_of
from epilepsy_pgx.vocabulary import FailureReason, Transplant, UnitKind

_BETWEEN = re.compile(r"\s*(?:[,;+/&|]|\band\b|\bwith\b)\s*", re.IGNORECASE)
_TRANSPLANTS = (
    (Transplant.BONE_MARROW, re.compile(r"bone marrow|stem.cell|h(a?)ematopoietic", re.IGNORECASE)),
    (Transplant.LIVER, re.compile(r"liver|hepat", re.IGNORECASE)),
    (Transplant.OTHER, re.compile("")),
)
_ACTIONS = (
    "procedure",
    "treatment",
    "radiationTherapy",
    "therapeuticRegimen",
    "treatmentTarget",
    "treatmentIntent",
    "responseToTreatment",
    "adverseEvents",
    "treatmentTerminationReason",
)
NO_DRUG = frozenset(
    {
        "none",
        "nothing",
        "nil",
        "unknown",
        "not known",
        "na",
        "n/a",
        "no",
        "no drug",
        "no drugs",
        "no medication",
        "no medications",
        "not applicable",
        "not available",
        "-",
        "?",
        "other",
    }
)
_DAILY = (UnitKind.DAILY_DOSE, UnitKind.DAILY_DOSE_BY_WEIGHT)
_TREATMENT = ("agent", "routeOfAdministration", "doseIntervals", "drugType", "cumulativeDose")


@dataclass
class Actions:
    """The drugs of a packet, and what else its medical actions say."""

    current: tuple[DrugExposure, ...] = ()
    failed: tuple[FailedDrug, ...] = ()
    transplant: Transplant | None = None
    listed: dict[str, dict[str, None]] = field(default_factory=dict)
    """By column, the words that procedures and treatments stand for."""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Doses:
    ended: bool
    start: str | None
    dose: str | None
    daily: Quantity | None
    """The dose of a whole day; None if it is not certain."""

    def of(self, name: str, ref: Reference) -> "_Doses":
        """Return them for a drug: of a product for what it is listed as, and for no other part."""
        if drug_words(ref).part_of(name) == name:
            return self
        return replace(self, dose=None, daily=None)


def read_actions(
    top: Element, ref: Reference, terms: Terms, created: date | None, birth: date | None
) -> Actions:
    """Read the medical actions of a packet.

    A drug is over if a reason for its end is given, or if each of its dose intervals ended
    before the day of the packet. Whatever else the packet leaves open, the drug counts as taken.

    Parameters
    ----------
    top
        The packet.
    ref
        The data package.
    terms
        What terms mean.
    created
        Day of the packet.
    birth
        Date of birth.
    """
    found = Actions()
    for action in top.items("medicalActions"):
        action.known(*_ACTIONS)
        kinds = [k for k in _ACTIONS[:4] if action.get(k).value is not None]
        if len(kinds) > 1:
            action.faults.add(
                action.path, "one-of", " and ".join(kinds), "one of them", "Make an action of each."
            )
        if "treatment" in kinds:
            _read_treatment(action, found, ref, terms, created)
        elif "procedure" in kinds:
            _read_procedure(action.get("procedure"), found, ref, terms, birth)
        elif "therapeuticRegimen" in kinds:
            regimen = action.get("therapeuticRegimen")
            if _read_regimen(regimen, found, ref):
                continue
            named = [regimen.get(k) for k in ("ontologyClass", "externalReference")]
            texts = [
                (n.text("label") if n is named[0] else n.text("description"), n.text("id"))
                for n in named
                if n.value is not None
            ]
            found.notes.append(next((a or b for a, b in texts if a or b), "therapeuticRegimen"))
    return found


def _read_regimen(regimen: Element, found: Actions, ref: Reference) -> bool:
    """Take a regimen that is named after known drugs for these; say whether it is."""
    term, status = regimen.get("ontologyClass"), regimen.text("regimenStatus")
    label = term.text("label") if term.value is not None else ""
    if status not in ("COMPLETED", "DISCONTINUED") and _is_listed(label, found, ref):
        return True
    drugs = _drugs(term.text("id"), label, ref) if label else []
    # Of what is known no part is lost because another one of its product is not.
    if not drugs or drugs[0][1:] == (None, None):
        return False
    for name, drug, suggestion in drugs:
        if status in ("COMPLETED", "DISCONTINUED"):
            found.failed += (
                FailedDrug(drug or name, drug is not None, FailureReason.UNKNOWN, name, suggestion),
            )
        else:
            found.current += (
                DrugExposure(drug or name, drug is not None, entered=name, suggestion=suggestion),
            )
    return True


@lru_cache(maxsize=8)
def _codes(ref: Reference) -> dict[str, str]:
    """Return the drugs by their codes in ATC and RxNorm."""
    drugs = ref.rows(Drug)
    found = {f"ATC:{code}": row.drug for row in drugs for code in row.atc}
    return found | {f"RXNORM:{row.rxnorm}": row.drug for row in drugs if row.rxnorm is not None}


def drug_of_code(code: str, ref: Reference) -> str | None:
    """Return the drug of an identifier: `ATC:N03AF01`, `N03AF01`, `RxNorm:2002`."""
    prefix, _, number = code.upper().strip().rpartition(":")
    system = {"": "ATC", "ATC": "ATC", "WHOCC": "ATC", "RXNORM": "RXNORM", "RXCUI": "RXNORM"}
    return _codes(ref).get(f"{system.get(prefix, prefix)}:{number}")


def known_drug(word: str, ref: Reference) -> tuple[str | None, Suggestion | None]:
    """Return (drug, suggestion) for a label. It is kept whatever a medication list says to it."""
    try:
        return resolve_drug(word, ref)
    except ValueError:
        return None, None


def _read_treatment(
    action: Element, found: Actions, ref: Reference, terms: Terms, created: date | None
) -> None:
    treatment = action.get("treatment")
    treatment.known(*_TREATMENT)
    agent = treatment.get("agent")
    if agent.value is None:
        found.notes.append(f"{treatment.path[2:]}: agent")
        return
    code, label = agent.text("id"), agent.text("label")
    agent.known("id", "label")
    if not code and not label:
        agent.faults.add(
            agent.path,
            "term",
            "neither id nor label",
            "the name of a drug",
            "Give the drug, or leave the action out.",
        )
        return
    if label.casefold() in NO_DRUG:
        agent.faults.add(
            f"{agent.path}.label",
            "term",
            f"'{label}'",
            "the name of a drug",
            "Give the drug, or leave the action out.",
        )
        return
    coded, named = drug_of_code(code, ref), _drugs(code, label, ref)
    meant = {drug for _, drug, _ in named} - {None}
    if coded is not None and meant and coded not in meant:
        agent.faults.add(
            agent.path,
            "term",
            "an id and a label of two drugs",
            "an id and a label of one drug",
            "Correct one of them.",
        )
    doses = _read_doses(treatment, created, ref)
    events = [terms.read(e) for e in action.items("adverseEvents")]
    reason = action.get("treatmentTerminationReason")
    stopped = None if reason.value is None else terms.read(reason)
    for name, drug, suggestion in named:
        if stopped is not None or doses.ended:
            why = _reason([*events, *([stopped] if stopped else [])], terms)
            found.failed += (FailedDrug(drug or name, drug is not None, why, name, suggestion),)
        else:
            found.current += (
                _exposure(name, drug, suggestion, doses.of(name, ref), _signs(events, found)),
            )


def _exposure(
    name: str,
    drug: str | None,
    suggestion: Suggestion | None,
    doses: _Doses,
    signs: tuple[str, ...],
) -> DrugExposure:
    """Return a drug that is taken."""
    return DrugExposure(
        drug or name,
        drug is not None,
        doses.start,
        doses.dose,
        name,
        suggestion,
        signs,
        daily_dose=doses.daily,
    )


def _drugs(
    code: str, label: str, ref: Reference
) -> list[tuple[str, str | None, Suggestion | None]]:
    """Return (name shown, drug, suggestion) of an agent: of each part, if all of them are known."""
    drug, suggestion = known_drug(label, ref) if label else (None, None)
    if drug is not None:
        return list(_with_parts(label, drug, ref))
    parts = [(p, known_drug(p, ref)[0]) for p in _BETWEEN.split(label) if p]
    if len(parts) > 1 and all(d is not None for _, d in parts):
        return [one for p, d in parts if d is not None for one in _with_parts(p, d, ref)]
    words = (*(p for p, _ in parts), *re.findall(r"\w+(?:[ -]\w+)?", label), *label.split())
    inside = next((d for w in words if (d := known_drug(w, ref)[0])), None)
    # An identifier alone never makes a drug known, but its drug counts as taken.
    meant = drug_of_code(code, ref) or drug_of_code(label, ref) or inside
    if suggestion is None and meant is not None:
        suggestion = Suggestion(meant, meant)
    shown = f"{label} ({code})" if label and code else label or code
    return [(shown, None, suggestion)]


def _with_parts(
    label: str, drug: str, ref: Reference
) -> Iterator[tuple[str, str | None, Suggestion | None]]:
    """Yield a known drug, and behind it what else is in its product."""
    yield label, drug, None
    for part, shown in drug_words(ref).held_with(label):
        yield shown, *known_drug(part, ref)


def _read_doses(treatment: Element, created: date | None, ref: Reference) -> _Doses:
    """Return whether all dose intervals are over, the first start, and the dose of the last."""
    open_ended: list[bool] = []
    starts: list[str] = []
    dose = None
    daily: list[Quantity | None] = []
    for item in treatment.items("doseIntervals"):
        item.known("quantity", "scheduleFrequency", "interval")
        interval = item.get("interval")
        start, end = interval.day("start"), interval.day("end")
        if start is not None and end is not None and end < start:
            interval.faults.add(
                interval.path,
                "interval",
                "an end before its start",
                "an end after it",
                "Correct one of them.",
            )
        if start is not None and created is not None and start > created:
            interval.faults.add(
                f"{interval.path}.start",
                "interval",
                "a start after the packet",
                "a day not after metaData.created",
                "Correct one of the dates.",
            )
        over = end is not None and created is not None and end < created
        open_ended.append(not over)
        if start is not None:
            starts.append(start.isoformat())
        if not over or dose is None:
            dose = _dose(item) or dose
        if not over:
            daily.append(_daily(item, ref))
    return _Doses(
        bool(open_ended) and not any(open_ended),
        min(starts, default=None),
        dose,
        # Two intervals at a time may be the doses of the morning and of the evening.
        daily[0] if len(daily) == 1 else None,
    )


def _daily(interval: Element, ref: Reference) -> Quantity | None:
    """Return the dose of a whole day, if its unit and how often it is given are known words."""
    quantity, units = interval.get("quantity"), units_of(ref)
    value, unit = quantity.number("value"), quantity.get("unit")
    if value is None:
        return None
    named = unit.text("id").rpartition(":")[2], unit.text("label")
    if (whole := units.coded(value, *named, _DAILY)) is not None:
        return units.settle(whole)
    single = units.coded(value, *named, (UnitKind.SINGLE_DOSE,))
    times = _times_a_day(ref).get(normal(interval.get("scheduleFrequency").text("label")))
    if single is None or times is None:
        return None
    daily = units.in_base(single) * times
    return Quantity(Decimal(f"{daily.normalize():f}"), "mg/day")


@lru_cache(maxsize=8)
def _times_a_day(ref: Reference) -> dict[str, int]:
    """Return how often a day a schedule gives a dose, by its name."""
    rows = (row for row in ref.rows(InputWord) if row.list == "times_a_day")
    return {normal(row.word): int(row.meaning) for row in rows}


def _dose(interval: Element) -> str | None:
    quantity = interval.get("quantity")
    value = quantity.number("value")
    unit = quantity.get("unit")
    if value is None:
        return None
    words = f"{_plain(value)} {unit.text('label') or unit.text('id').rpartition(':')[2]}"
    often = interval.get("scheduleFrequency")
    frequency = often.text("label") or often.text("id")
    return ", ".join(w for w in (words.strip(), frequency) if w)


def _plain(number: Decimal) -> str:
    return f"{number.quantize(Decimal('0.000001')).normalize() + 0:f}"


def _reason(events: list[Term], terms: Terms) -> FailureReason:
    """Return why a drug was stopped: the gravest of what labels and terms say."""
    found = {terms.reasons[w] for event in events for w in event.words if w in terms.reasons}
    for reason, pattern in REASONS:
        if reason in found or any(pattern.search(event.shown) for event in events):
            return FailureReason(reason)
    return FailureReason.OTHER if any(e.shown for e in events) else FailureReason.UNKNOWN


def _signs(events: list[Term], found: Actions) -> tuple[str, ...]:
    """Return the signs laid to a drug that is taken; events without a word are noted."""
    signs: dict[str, None] = {}
    for event in events:
        words = (
            event.words
            if event.kind == "sign"
            else next((SIGN_OF_REASON.get(r, ()) for r, p in REASONS if p.search(event.shown)), ())
        )
        if not words:
            found.notes.append(event.shown)
        signs |= dict.fromkeys(words)
    return tuple(signs)


@lru_cache(maxsize=8)
def _labels(ref: Reference) -> dict[str, tuple[str, str]]:
    """Return (column, word) of the labels by which procedures and diets are named."""
    rows = ref.rows(EntryWord)
    return {normal(label): (row.column, row.word) for row in rows for label in row.labels}


def _is_listed(label: str, found: Actions, ref: Reference) -> bool:
    """Take a treatment that the table of words names; say whether it does."""
    column, word = _labels(ref).get(normal(label), ("", ""))
    if column:
        found.listed.setdefault(column, {})[word] = None
    return bool(column)


def _read_procedure(
    procedure: Element, found: Actions, ref: Reference, terms: Terms, birth: date | None
) -> None:
    """Take a transplant, or a treatment that has a word; others have no place in the entry."""
    code, site = procedure.get("code"), procedure.get("bodySite")
    label = code.text("label")
    read_time(procedure.get("performed"), birth, terms.onsets)
    _is_listed(label, found, ref)
    if re.search("transplant", label, re.IGNORECASE):
        kind = next(k for k, p in _TRANSPLANTS if p.search(f"{label} {site.text('label')}"))
        kinds = [k for k, _ in _TRANSPLANTS]
        if found.transplant is None or kinds.index(kind) < kinds.index(found.transplant):
            found.transplant = kind
