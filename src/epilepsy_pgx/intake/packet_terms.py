"""What the terms of a packet mean: by identifier, then by label."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.packet_json import Element, shown
from epilepsy_pgx.intake.packet_times import identifier
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import OntologyTerm, Sign, Syndrome

SEIZURE = "HP:0001250"
"""Human Phenotype Ontology: Seizure. Excluded, it excludes every kind of seizure."""
REASONS = (
    (
        "severe_skin_or_DRESS",
        re.compile(
            r"stevens.johnson|toxic epidermal|\bSJS\b|\bTEN\b|\bDRESS\b|eosinophilia and systemic",
            re.IGNORECASE,
        ),
    ),
    ("pancreatitis", re.compile(r"pancreatitis", re.IGNORECASE)),
    ("liver", re.compile(r"hepat|liver", re.IGNORECASE)),
    ("rash", re.compile(r"\brash\b|exanthem|skin eruption", re.IGNORECASE)),
    (
        "lack_of_effect",
        re.compile(
            r"lack of (effect|efficacy)|ineffective|no response|"
            r"treatment failure",
            re.IGNORECASE,
        ),
    ),
    ("side_effect", re.compile(r"adverse|side effect|toxicity|intoleran", re.IGNORECASE)),
)
"""Words in labels that say why a drug was stopped, the gravest first."""
SIGN_OF_REASON = {
    "severe_skin_or_DRESS": ("blisters",),
    "pancreatitis": ("pancreatitis",),
    "liver": ("liver_dysfunction",),
    "rash": ("rash",),
}
"""The sign for an adverse event of a drug in use that is identified by its label only."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a term stands for."""

    kind: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A term as the packet writes it, and what it means."""

    id: str
    shown: str
    """Its label; its identifier where it has none."""
    kind: str = ""
    words: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What two statements of one term have in common."""
        return self.id or normal(self.shown)

    @property
    def general(self) -> bool:
        """True of the term for all seizures."""
        return self.kind == "seizure" and (self.id or normal(self.shown)) in (SEIZURE, "seizure")

    @property
    def listed(self) -> bool:
        """True if the term is of the ontology whose terms may have no place here."""
        return self.id.startswith("HP:")


def normal(text: str) -> str:
    """Return the form in which labels are compared."""
    return " ".join(re.sub(r"[^\w]+", " ", text.casefold()).split())


def sign_words(ref: Reference) -> dict[str, str]:
    """Return the word of the signs table for each term of the Human Phenotype Ontology."""
    return {term: row.sign for row in ref.rows(Sign) for term in row.hpo}


@dataclass(frozen=True)
class Terms:
    """The tables by identifier and by label."""

    ids: Mapping[str, Meaning]
    labels: Mapping[str, Meaning | None]
    """None where one label stands for several meanings."""
    onsets: dict[str, Decimal]
    """Ages in months that stand for classes of onset."""
    reasons: Mapping[str, str]
    """By sign, the reason that it gives for stopping a drug."""
    epilepsies: frozenset[str]
    """Syndromes that are epilepsies."""
    unspecified: frozenset[str]
    """Those of them that leave open which."""

    def agree(self, one: Meaning, other: Meaning) -> bool:
        """Say whether two meanings are one, or an epilepsy and a wider word for it."""
        if one.kind == other.kind and (one.words == other.words or set(one.words) & {*other.words}):
            return True
        if one.kind == other.kind == "seizure":
            return True  # a label may be that of a wider type
        if not all(self._is_epilepsy(m) for m in (one, other)):
            return False
        return any(self.unspecified >= set(m.words) for m in (one, other))

    def _is_epilepsy(self, meaning: Meaning) -> bool:
        return meaning.kind in ("seizure", "epilepsy") or self.epilepsies >= set(meaning.words)

    def read(self, element: Element) -> Term:
        """Return a term; a label that contradicts the identifier is a fault."""
        element.known("id", "label")
        code, label = element.text("id"), element.text("label")
        name = identifier(code)
        by_id, by_label = self.ids.get(name), self.labels.get(normal(label))
        if not code and not label:
            element.faults.add(
                element.path,
                "term",
                "neither id nor label",
                "a term",
                "Give the term, or leave the element out.",
            )
        if by_id is not None and by_label is not None and not self.agree(by_id, by_label):
            element.faults.add(
                element.path,
                "term",
                f"'{code}' and '{label}', which are two things",
                "an id and a label of one term",
                "Correct one of them.",
            )
        if (
            by_id is not None
            and by_label is not None
            and by_id.kind == by_label.kind != "seizure"  # of a seizure the identifier counts
        ):
            by_id = Meaning(by_id.kind, tuple(dict.fromkeys((*by_id.words, *by_label.words))))
        found = by_id or by_label or _severe(label)
        return Term(
            name, shown(label or code), found.kind if found else "", found.words if found else ()
        )


def _severe(label: str) -> Meaning | None:
    reason, pattern = REASONS[0]
    return Meaning("sign", SIGN_OF_REASON[reason]) if pattern.search(label) else None


@lru_cache(maxsize=8)
def ontology_terms(ref: Reference) -> Terms:
    """Return the terms that the tables know."""
    ids: dict[str, Meaning] = {}
    labels: dict[str, Meaning | None] = {}
    onsets: dict[str, Decimal] = {}

    def name(label: str, meaning: Meaning) -> None:
        key = normal(label)
        labels[key] = meaning if labels.get(key, meaning) == meaning else None

    for row in ref.rows(OntologyTerm):
        if row.kind == "onset":
            if row.words:
                onsets[row.term] = Decimal(row.words[0])
            continue
        ids[row.term] = Meaning(row.kind, row.words)
        name(row.label, ids[row.term])
    for term, word in sign_words(ref).items():
        ids[term] = Meaning("sign", (word,))
    group: set[str] = set()
    wider: set[str] = set()
    for syndrome in ref.rows(Syndrome):
        word = syndrome.syndrome
        if syndrome.group == "epilepsy":
            group.add(word)
            if syndrome.name.endswith(", not specified"):
                wider.add(word)
        for label in (word, syndrome.name):
            labels[normal(label)] = Meaning("syndrome", (word,))
    reasons = {row.sign: row.reason for row in ref.rows(Sign)}
    return Terms(ids, labels, onsets, reasons, frozenset(group), frozenset(wider))
