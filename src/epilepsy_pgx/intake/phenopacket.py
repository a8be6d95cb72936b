"""Read the clinical entry from a GA4GH Phenopacket (version 2, JSON).

The packet is turned into the cells of a sample-sheet line and read by the same parser, so that
both ways in mean the same. What has no place in the clinical entry is listed, never guessed:
disease and drug terms are matched by their labels against the tables.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.intake.clinical import NOTHING, parse_clinical
from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.package import Reference

SEIZURE = "HP:0001250"
"""Human Phenotype Ontology: Seizure."""
BODY_WEIGHT = "LOINC:29463-7"
"""LOINC: body weight."""

_DURATION = re.compile(
    r"P(?:(?P<Y>\d+(?:\.\d+)?)Y)?(?:(?P<M>\d+(?:\.\d+)?)M)?(?:(?P<W>\d+(?:\.\d+)?)W)?"
    r"(?:(?P<D>\d+(?:\.\d+)?)D)?(?:T.*)?"
)
_MONTHS = {"Y": Decimal(12), "M": Decimal(1), "W": Decimal(7) / Decimal("30.4375"),
           "D": Decimal(1) / Decimal("30.4375")}
_REASONS = (
    ("severe_skin_or_DRESS", re.compile(
        r"stevens.johnson|toxic epidermal|\bSJS\b|\bTEN\b|\bDRESS\b|eosinophilia and systemic",
        re.IGNORECASE)),
    ("pancreatitis", re.compile(r"pancreatitis", re.IGNORECASE)),
    ("liver", re.compile(r"hepat|liver", re.IGNORECASE)),
    ("rash", re.compile(r"\brash\b|exanthem|skin eruption", re.IGNORECASE)),
    ("lack_of_effect", re.compile(r"lack of (effect|efficacy)|ineffective|no response|"
                                  r"treatment failure", re.IGNORECASE)),
    ("side_effect", re.compile(r"adverse|side effect|toxicity|intoleran", re.IGNORECASE)),
)
_RECENT_DAYS = 31
"""A feature whose onset is dated further back is not read as a sign of a reaction now."""
_LIST_MARKS = re.compile(r"[\[\]|;=]")


@dataclass(frozen=True, slots=True)
class PhenopacketEntry:
    """What a packet says about a patient."""

    entry: ClinicalEntry
    problems: tuple[Problem, ...]
    unmapped: tuple[str, ...]
    """Diseases, and adverse events of drugs that are taken, that the tables do not know."""


def duration_months(text: str) -> Decimal | None:
    """Return an ISO 8601 duration in months; None if it is not one."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    total = sum(
        (Decimal(value) * _MONTHS[unit] for unit, value in match.groupdict().items() if value),
        Decimal(0),
    )
    return total.quantize(Decimal("0.1")).normalize() + 0


def _age(holder: Mapping[str, Any] | None) -> Decimal | None:
    age = (holder or {}).get("age") or {}
    text = age.get("iso8601duration") if isinstance(age, Mapping) else None
    return duration_months(text) if text else None


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def _label(term: Mapping[str, Any] | None) -> str:
    return str((term or {}).get("label") or (term or {}).get("id") or "")


def _normal(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text.casefold()).split())


def _included(items: Any) -> Iterator[Mapping[str, Any]]:
    for item in items or ():
        if isinstance(item, Mapping) and not item.get("excluded"):
            yield item


def _syndromes(packet: Mapping[str, Any], ref: Reference) -> tuple[list[str], list[str]]:
    words = {_normal(row.need("name")): row.need("syndrome") for row in ref.table("syndromes")}
    words |= {_normal(row.need("syndrome")): row.need("syndrome") for row in ref.table("syndromes")}
    found: list[str] = []
    unmapped: list[str] = []
    for disease in _included(packet.get("diseases")):
        label = _label(disease.get("term"))
        word = words.get(_normal(label))
        if word:
            found.append(word)
        else:
            unmapped.append(label)
    return found, unmapped


def _age_months(packet: Mapping[str, Any]) -> Decimal | None:
    return _age(packet["subject"].get("timeAtLastEncounter"))


def _is_present(feature: Mapping[str, Any], packet: Mapping[str, Any]) -> bool:
    """Say whether a feature is there now: not resolved, and not known to be older than a month.

    A feature without a date counts as present: an undated rash is not an old one.
    """
    if feature.get("resolution"):
        return False
    onset = feature.get("onset") or {}
    began, now = _day(onset.get("timestamp")), _day((packet.get("metaData") or {}).get("created"))
    if began and now:
        return (date.fromisoformat(now) - date.fromisoformat(began)).days <= _RECENT_DAYS
    age, seen = _age(onset), _age_months(packet)
    return age is None or seen is None or seen - age <= 1


def _signs(packet: Mapping[str, Any], ref: Reference) -> list[str]:
    """Return the words for what the patient has now."""
    words = sign_words(ref)
    return [
        word for feature in _included(packet.get("phenotypicFeatures"))
        if (word := words.get(str((feature.get("type") or {}).get("id"))))
        and _is_present(feature, packet)
    ]


def sign_words(ref: Reference) -> dict[str, str]:
    """Return the word of the signs table for each term of the Human Phenotype Ontology."""
    return {
        term: row.need("sign") for row in ref.table("signs") for term in row.many("hpo")
    }


def _reactions(
    action: Mapping[str, Any], words: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Return the signs laid to a drug that is taken, and the terms that no word covers."""
    known: dict[str, None] = {}
    other: list[str] = []
    for event in action.get("adverseEvents") or ():
        word = words.get(str(event.get("id")))
        if word:
            known[word] = None
        else:
            other.append(_label(event))
    return list(known), other


def _affected(packet: Mapping[str, Any], syndromes: list[str], ref: Reference) -> str | None:
    """Say whether the packet names an epilepsy or seizures; seizures excluded mean no."""
    epilepsies = {
        row["syndrome"] for row in ref.table("syndromes") if row["group"] == "epilepsy"
    }
    if epilepsies & set(syndromes):
        return "yes"
    said = {
        bool(feature.get("excluded")) for feature in packet.get("phenotypicFeatures") or ()
        if (feature.get("type") or {}).get("id") == SEIZURE
    }
    return None if len(said) != 1 else "no" if said.pop() else "yes"


def _onset(packet: Mapping[str, Any]) -> Decimal | None:
    ages = [_age(d.get("onset")) for d in _included(packet.get("diseases"))]
    ages += [
        _age(f.get("onset")) for f in _included(packet.get("phenotypicFeatures"))
        if (f.get("type") or {}).get("id") == SEIZURE
    ]
    return min((a for a in ages if a is not None), default=None)


def _weight(packet: Mapping[str, Any]) -> str | None:
    for item in packet.get("measurements") or ():
        if (item.get("assay") or {}).get("id") == BODY_WEIGHT:
            quantity = (item.get("value") or {}).get("quantity") or {}
            unit = _label(quantity.get("unit")).casefold()
            if "value" in quantity and unit in ("kg", "kilogram", "kilograms"):
                return str(quantity["value"])
    return None


def _drug(treatment: Mapping[str, Any], details: Mapping[str, str | None]) -> str:
    name = _LIST_MARKS.sub(" ", _label(treatment.get("agent"))).strip()
    inner = ";".join(
        f"{key}={_LIST_MARKS.sub(' ', value)}" for key, value in details.items() if value
    )
    return f"{name}[{inner}]" if inner else name


def _day(text: Any) -> str | None:
    return str(text)[:10] if text else None


def _reason(action: Mapping[str, Any], terms: Mapping[str, str]) -> str:
    """Return why a drug was stopped: the gravest of what labels and ontology terms say."""
    events = [*(action.get("adverseEvents") or ()), action.get("treatmentTerminationReason")]
    words = [_label(event) for event in events]
    found = {terms.get(str((event or {}).get("id"))) for event in events}
    for reason, pattern in _REASONS:
        if reason in found or any(pattern.search(word) for word in words):
            return reason
    return "other" if any(words) else "unknown"


def _drug_lists(
    packet: Mapping[str, Any], ref: Reference
) -> tuple[str | None, str | None, list[str]]:
    """Return the cells for current and failed drugs, and adverse events that no word covers.

    A cell is None where the packet is silent.
    """
    if "medicalActions" not in packet:
        return None, None, []
    current, failed = [], []
    unmapped: list[str] = []
    words = sign_words(ref)
    terms = {
        term: row.need("reason") for row in ref.table("signs") for term in row.many("hpo")
    }
    for action in packet.get("medicalActions") or ():
        treatment = action.get("treatment")
        if not treatment:
            continue
        intervals = treatment.get("doseIntervals") or ()
        ended = bool(intervals) and all((i.get("interval") or {}).get("end") for i in intervals)
        if action.get("treatmentTerminationReason") or ended:
            failed.append(_drug(treatment, {"reason": _reason(action, terms)}))
            continue
        last = intervals[-1] if intervals else {}
        quantity = last.get("quantity") or {}
        dose = None
        if "value" in quantity:
            dose = f"{quantity['value']} {_label(quantity.get('unit'))}"
        starts = [d for i in intervals if (d := _day((i.get("interval") or {}).get("start")))]
        signs, other = _reactions(action, words)
        unmapped += other
        current.append(
            _drug(
                treatment,
                {"start": min(starts) if starts else None, "dose": dose,
                 "reaction": "+".join(signs)},
            )
        )
    return "|".join(current) or NOTHING, "|".join(failed) or None, unmapped


def _row(
    packet: Mapping[str, Any], ref: Reference
) -> tuple[dict[str, str | None], list[str]]:
    """Return the sample-sheet cells of a packet, and the terms left over."""
    subject = packet["subject"]
    months = _age_months(packet)
    syndromes, unmapped = _syndromes(packet, ref)
    current, failed, events = _drug_lists(packet, ref)
    sex = str(subject.get("sex") or "").casefold()
    return {
        "affected": _affected(packet, syndromes, ref),
        "sex": sex if sex in ("female", "male") else None,
        "age_years": None if months is None else _plain(round(months / 12, 2)),
        "weight_kg": _weight(packet),
        "onset_months": _plain(_onset(packet)),
        "syndromes": "|".join(syndromes) or None,
        "current_drugs": current,
        "failed_drugs": failed,
        "signs": "|".join(_signs(packet, ref)) or None,
        "entry_date": _day((packet.get("metaData") or {}).get("created")),
    }, [*unmapped, *events]


def read_phenopacket(
    text: str, ref: Reference, *, file: str, sample: str = "."
) -> PhenopacketEntry:
    """Read one packet.

    Parameters
    ----------
    text
        JSON of a Phenopacket.
    ref
        The data package.
    file
        Name for problems.
    sample
        Sample the packet belongs to, for problems.

    Raises
    ------
    InputError
        If the text is not the JSON of a packet.
    """
    try:
        packet = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError.one(
            "phenopacket-json", file=file, line=error.lineno, found="text that is not JSON",
            expected="a GA4GH Phenopacket", fix="Export the packet as JSON.", sample=sample,
        ) from None
    if not isinstance(packet, Mapping) or not isinstance(packet.get("subject"), Mapping):
        raise InputError.one(
            "phenopacket-subject", file=file, found="no subject",
            expected="a GA4GH Phenopacket of version 2", fix="Export one packet per patient.",
            sample=sample,
        )
    try:
        row, unmapped = _row(packet, ref)
    except (AttributeError, TypeError, KeyError, ValueError) as error:
        raise InputError.one(
            "phenopacket-form", file=file, found=f"an element of another form ({error})",
            expected="a GA4GH Phenopacket of version 2", fix="Export the packet anew.",
            sample=sample,
        ) from None
    row["sample_id"] = sample
    entry, problems = parse_clinical(row, ref, file=file, line=0)
    return PhenopacketEntry(entry, problems, tuple(dict.fromkeys(unmapped)))


def read_phenopacket_file(
    path: Path, ref: Reference, *, sample: str = "."
) -> PhenopacketEntry:
    """Read one packet from a file.

    Raises
    ------
    InputError
        If the file cannot be read or is not the JSON of a packet.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputError.one(
            "phenopacket-readable", file=str(path), found="a file that cannot be read",
            expected="UTF-8 JSON", fix="Check the path.", sample=sample,
        ) from None
    return read_phenopacket(text, ref, file=str(path), sample=sample)
