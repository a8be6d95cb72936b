"""Read the clinical entry from a GA4GH Phenopacket (version 2, JSON).

Terms are matched by their identifiers against `ontology_terms.tsv`, by their labels where the
identifier is not listed; an identifier and a label that mean two things are a fault. What has no
place in the clinical entry is listed, never guessed. What a packet does not say stays open: a
packet without drugs gives no medication list.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from epilepsy_pgx.clinical_entry import CHOSEN, LISTED, ClinicalEntry, limits_of
from epilepsy_pgx.errors import Problem
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.clinical import check_entry
from epilepsy_pgx.intake.packet_columns import entry_of_columns, read_columns
from epilepsy_pgx.intake.packet_drugs import Actions, read_actions
from epilepsy_pgx.intake.packet_json import Element, Faults, parse_json, read_text, shown
from epilepsy_pgx.intake.packet_measurements import read_measurements
from epilepsy_pgx.intake.packet_terms import Term, Terms, ontology_terms, sign_words
from epilepsy_pgx.intake.packet_times import Time, duration_months, months_between, read_time
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.vocabulary import Sex

__all__ = [
    "PhenopacketEntry",
    "duration_months",
    "read_phenopacket",
    "read_phenopacket_file",
    "sign_words",
]

_, _OLDEST = limits_of("age_years")
_RECENT_DAYS = 31
"""A feature whose onset is dated further back is not read as a sign of a reaction now."""
_SEXES = ("UNKNOWN_SEX", "FEMALE", "MALE", "OTHER_SEX")
_KARYOTYPES = (
    "UNKNOWN_KARYOTYPE",
    "XX",
    "XY",
    "XO",
    "XXY",
    "XXX",
    "XXYY",
    "XXXY",
    "XXXX",
    "XYY",
    "OTHER_KARYOTYPE",
)
_STATES = ("UNKNOWN_STATUS", "ALIVE", "DECEASED")
_UNSET = date(1970, 1, 1)
"""What exporters write for a time that nobody set."""
_PACKET = (
    "id",
    "subject",
    "phenotypicFeatures",
    "measurements",
    "biosamples",
    "interpretations",
    "diseases",
    "medicalActions",
    "files",
    "metaData",
)
_INDIVIDUAL = (
    "id",
    "alternateIds",
    "dateOfBirth",
    "timeAtLastEncounter",
    "vitalStatus",
    "sex",
    "karyotypicSex",
    "gender",
    "taxonomy",
)
_OTHER_FORMS = (
    ("proband", "a Family message"),
    ("members", "a Cohort message"),
    ("resourceType", "a FHIR resource"),
    ("phenopacket", "a packet inside another object"),
)
_VERSION_1 = ("genes", "variants", "htsFiles")


@dataclass(frozen=True, slots=True)
class PhenopacketEntry:
    """What a packet says about a patient."""

    entry: ClinicalEntry
    problems: tuple[Problem, ...]
    unmapped: tuple[str, ...]
    """What the packet says, in its own words, and the clinical entry has no place or word for."""


@dataclass
class _Packet:
    """One packet while it is read."""

    top: Element
    ref: Reference
    faults: Faults
    terms: Terms
    notes: dict[str, None] = field(default_factory=dict)
    birth: date | None = None
    created: date | None = None
    seen: Time = field(default_factory=Time)
    """Age at the last encounter."""

    def note(self, *parts: str) -> None:
        """List what is not considered."""
        self.notes[": ".join(p for p in parts if p)] = None

    def time(self, element: Element) -> Time:
        """Return a time as an age, where the packet gives it as one."""
        return read_time(element, self.birth, self.terms.onsets)


@dataclass(frozen=True, slots=True)
class _Statement:
    """A disease or a feature: what it means, and when it began."""

    term: Term
    excluded: bool
    resolved: bool
    onset: Time
    element: Element


def _check_form(top: Element) -> None:
    """Refuse messages that are no packet of version 2.

    Raises
    ------
    InputError
        With what the message is.
    """
    faults = top.faults
    subject = top.value.get("subject")
    found = next((words for name, words in _OTHER_FORMS if name in top.value), None)
    if not isinstance(subject, dict):
        faults.add(
            "$.subject",
            "subject",
            found or "no subject",
            "a GA4GH Phenopacket of version 2",
            "Export one packet per patient.",
        )
        faults.stop()
    version = top.get("metaData").text("phenopacketSchemaVersion")
    features = top.value.get("phenotypicFeatures")
    old = (
        {k for f in features if isinstance(f, dict) for k in f}
        if isinstance(features, list)
        else set()
    )
    if (
        re.match(r"v?1(\.|$)", version)
        or "ageAtCollection" in subject
        or any(name in top.value for name in _VERSION_1)
        or {"classOfOnset", "ageOfOnset"} & old
    ):
        faults.add(
            "$",
            "version",
            "a packet of version 1, which is not supported",
            "version 2",
            "Convert it to version 2 of the schema.",
        )
        faults.stop()
    faults.stop()


def _subject(packet: _Packet) -> tuple[Sex | None, Decimal | None]:
    """Return sex and age in years."""
    subject = packet.top.get("subject")
    subject.known(*_INDIVIDUAL)
    word = subject.word("sex", _SEXES)
    sex = {"FEMALE": Sex.FEMALE, "MALE": Sex.MALE}.get(word)
    karyotype = subject.word("karyotypicSex", _KARYOTYPES)
    if sex is not None and karyotype[0] == "X" and ("Y" in karyotype) != (sex is Sex.MALE):
        packet.note("sex", f"{word} / {karyotype}")
        sex = None
    if subject.get("vitalStatus").word("status", _STATES) == "DECEASED":
        packet.note("vitalStatus", "DECEASED")
    return sex, _age(packet, subject)


def _age(packet: _Packet, subject: Element) -> Decimal | None:
    """Return the age in years at the date of the packet.

    The date of birth gives it where both dates are there. The last encounter may lie further
    back, but not a year after the date of the packet.
    """
    element = subject.get("timeAtLastEncounter")
    months = packet.seen.months
    if packet.birth is not None and packet.created is not None:
        if packet.birth > packet.created:
            subject.faults.add(
                f"{subject.path}.dateOfBirth",
                "date",
                "a birth after the packet",
                "a birth before metaData.created",
                "Correct one of the dates.",
            )
            return None
        present = months_between(packet.birth, packet.created)
        if months is not None and months >= present + 12:
            element.faults.add(
                element.path,
                "age-and-birth",
                "an age that the birth date denies",
                "an age that agrees with subject.dateOfBirth and metaData.created",
                "Correct one of them.",
            )
        months = present
    if months is None:
        if packet.seen.given:
            packet.note("timeAtLastEncounter", packet.seen.words)
        return None
    years = round(months / 12, 2)
    if years > _OLDEST:
        element.faults.add(
            element.path,
            "age",
            f"an age above {_OLDEST} years",
            f"at most {_OLDEST} years",
            "Correct it.",
        )
    return years


def _statements(packet: _Packet) -> Iterator[_Statement]:
    """Iterate over diseases and features; terms that no table knows are noted."""
    for name, key in (("diseases", "term"), ("phenotypicFeatures", "type")):
        for item in packet.top.items(name):
            item.known(
                key,
                "excluded",
                "onset",
                "resolution",
                "severity",
                "modifiers",
                "description",
                "evidence",
                "diseaseStage",
                "clinicalTnmFinding",
                "primarySite",
                "laterality",
            )
            term = packet.terms.read(item.get(key))
            excluded = item.flag("excluded")
            if not excluded and not term.kind and (name == "diseases" or not term.listed):
                packet.note(term.shown)
            resolution = packet.time(item.get("resolution"))
            yield _Statement(term, excluded, resolution.given, packet.time(item.get("onset")), item)


def _is_present(said: _Statement, packet: _Packet) -> bool:
    """Say whether a sign is there now: not resolved, and not known to be older than a month.

    A sign without a date counts as present: an undated rash is not an old one.
    """
    if said.resolved:
        return False
    if said.onset.day is not None and packet.created is not None:
        return (packet.created - said.onset.day).days <= _RECENT_DAYS
    began, seen = said.onset.months, packet.seen.months
    return began is None or seen is None or seen - began <= 1


def _check_excluded(said: Iterable[_Statement]) -> None:
    """Note what is both stated and excluded."""
    stated = {s.term.key: s for s in said if not s.excluded and not s.onset.given}
    seizures = [s for s in stated.values() if s.term.kind in ("seizure", "epilepsy")]
    for one in said:
        if not one.excluded or one.onset.given:
            continue
        other = stated.get(one.term.key)
        if other is None and one.term.general and seizures:
            other = seizures[0]
        if other is not None:
            one.element.faults.add(
                one.element.path,
                "excluded",
                f"excluded what {other.element.path} states",
                "one of the two",
                "Leave one of them out, or give both an onset.",
            )


def _affected(said: list[_Statement], packet: _Packet) -> bool | None:
    """Say whether the packet names an epilepsy or seizures; all seizures excluded mean no."""
    group = packet.terms.epilepsies
    stated = [s.term for s in said if not s.excluded]
    if any(t.kind in ("seizure", "epilepsy") or group & set(t.words) for t in stated):
        return True
    return False if any(s.excluded and s.term.general for s in said) else None


def _onset(said: list[_Statement], packet: _Packet) -> Decimal | None:
    """Return the age at the first seizure; None if one of the onsets may be earlier than said."""
    group = packet.terms.epilepsies | {"febrile_seizures"}
    times = [
        s.onset
        for s in said
        if not s.excluded
        and s.onset.given
        and (s.term.kind in ("seizure", "epilepsy") or group & set(s.term.words))
    ]
    for time in times:
        if time.months is None:
            packet.note("onset", time.words)
    ages = [t.months for t in times if t.months is not None]
    return min(ages) if len(ages) == len(times) and ages else None


def _diagnoses(packet: _Packet, said: list[_Statement]) -> None:
    """Note diagnoses of interpretations that the list of diseases does not hold."""
    words = {w for s in said if not s.excluded for w in s.term.words}
    for item in packet.top.items("interpretations"):
        disease = item.get("diagnosis").get("disease")
        if disease.value is not None:
            term = packet.terms.read(disease)
            if term.words and not set(term.words) <= words:
                packet.note("interpretations", term.shown)


def _entry(packet: _Packet) -> ClinicalEntry:
    packet.top.known(*_PACKET)
    for name in packet.top.value if isinstance(packet.top.value, dict) else ():
        if name not in _PACKET and packet.top.value[name]:
            packet.note(shown(name))
    subject = packet.top.get("subject")
    packet.birth = subject.day("dateOfBirth")
    created = packet.top.get("metaData").day("created")
    packet.created = None if created == _UNSET else created
    packet.seen = packet.time(subject.get("timeAtLastEncounter"))
    sex, age = _subject(packet)
    said = list(_statements(packet))
    _check_excluded(said)
    _diagnoses(packet, said)
    actions = read_actions(packet.top, packet.ref, packet.terms, packet.created, packet.birth)
    packet.notes |= dict.fromkeys(actions.notes)
    measured = read_measurements(
        packet.top, packet.ref, packet.note, lambda element: packet.time(element).day
    )
    stated = [s for s in said if not s.excluded]
    return ClinicalEntry(
        **_chosen(stated, packet),
        **_listed(stated, actions, packet),
        affected=_affected(said, packet),
        sex=sex,
        age_years=age,
        weight_kg=measured.weight_kg,
        albumin_g_l=measured.albumin_g_l,
        egfr_ml_min_173=measured.egfr_ml_min_173,
        onset_months=_onset(said, packet),
        syndromes=_words(s.term.words for s in stated if s.term.kind == "syndrome"),
        transplant=actions.transplant,
        current=measured.with_levels(actions.current, packet.note) or None,
        failed=actions.failed or None,
        signs=_words(
            s.term.words for s in stated if s.term.kind == "sign" and _is_present(s, packet)
        ),
        entry_date=packet.created.isoformat() if packet.created else None,
    )


def _chosen(stated: list[_Statement], packet: _Packet) -> dict[str, Any]:
    """Return the answers by a word of a closed list that terms give: their kind is the column.

    Terms that contradict each other leave it open, and so does one that is resolved.
    """
    found = {}
    for column in CHOSEN:
        terms = [s for s in stated if s.term.kind == column.name and not s.resolved]
        words = _words(s.term.words for s in terms)
        if len(words) == 1:
            found[column.attribute] = dict(column.choices)[words[0]]
        elif words:
            packet.note(column.name, " / ".join(s.term.shown for s in terms))
    return found


def _listed(stated: list[_Statement], actions: Actions, packet: _Packet) -> dict[str, Any]:
    """Return the answers by words of the table of words that terms and treatments give.

    Two words where one is asked for leave the column open.
    """
    found: dict[str, Any] = {}
    for column in LISTED:
        kind = "seizure" if column.attribute == "seizure_types" else column.name
        terms = [s for s in stated if s.term.kind == kind and not s.resolved]
        words = _words([*(s.term.words for s in terms), (*actions.listed.get(column.name, ()),)])
        if column.several:
            found[column.attribute] = words
        elif len(words) == 1:
            found[column.attribute] = words[0]
        elif words:
            packet.note(column.name, " / ".join(words))
    return found


def _words(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for words in groups for word in words))


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
        With every fault of the packet, each with its JSON path as the column.
    """
    faults = Faults(file, sample)
    top = parse_json(text, faults)
    _check_form(top)
    packet = _Packet(top, ref, faults, ontology_terms(ref))
    entry = _entry(packet)
    cells = read_columns(top)
    if cells:
        entry, problems = entry_of_columns(cells, entry, ref, top)
    else:
        problems = check_entry(entry, file=file, line=0)
    faults.stop()
    return PhenopacketEntry(entry, problems, tuple(packet.notes))


def read_phenopacket_file(path: Path, ref: Reference, *, sample: str = ".") -> PhenopacketEntry:
    """Read one packet from a file.

    Raises
    ------
    InputError
        If the file cannot be read, or with every fault of the packet.
    """
    return read_phenopacket(read_text(path, sample), ref, file=str(path), sample=sample)
