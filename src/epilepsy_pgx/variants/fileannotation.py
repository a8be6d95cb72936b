"""What the file itself says of the consequence of an allele: VEP, SnpEff and ANNOVAR.

It is read for genes whose bases are not known here, stays the file's own, and is no test of
function. An entry belongs to the allele that it names; what fits no allele is kept as unread.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.table import mark_unseen
from epilepsy_pgx.intake.vcf import ANNOTATION_PARTS
from epilepsy_pgx.protein import spell_out
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.rows import ConsequenceWord
from epilepsy_pgx.variants.consequence import SEVERITY, SPLICE_TERMS, sort_terms
from epilepsy_pgx.variants.infoclass import FileAnnotation, is_of_allele
from epilepsy_pgx.variants.representation import is_bases

VEP, SNPEFF, ANNOVAR = "vep", "snpeff", "annovar"
_FIELDS = ("CSQ", "vep", "ANN")
"""INFO fields whose description names the parts of an entry."""
_HEADER = re.compile(r"##INFO=<ID=([^,>]+).*?Description=\"(.*)\"")
_ANNOVAR = re.compile(r"Func\.(\w+)")
_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})|%([0-9a-fA-F]{2})")
_PARTS = {
    "allele": ("Allele",),
    "terms": ("Consequence", "Annotation"),
    "gene": ("SYMBOL", "Gene_Name"),
    "transcript": ("Feature", "Feature_ID"),
    "mane": ("MANE_SELECT", "MANE"),
    "first": ("PICK", "CANONICAL"),
    "coding": ("HGVSc", "HGVS.c"),
    "protein": ("HGVSp", "HGVS.p"),
    "ALLELE_NUM": ("ALLELE_NUM",),
}
"""Names of the parts that are read, VEP's before SnpEff's."""
_NEEDED = ("terms", "gene", "transcript")
_MISSING = frozenset({"", "."})


@dataclass(frozen=True, slots=True)
class ConsequenceWords:
    """What the words of the programs say where they are no terms in use here."""

    terms: Mapping[str, str]
    """Term of the Sequence Ontology by word."""
    silent: frozenset[str]
    """Words that say nothing of the protein of a gene."""


@lru_cache(maxsize=8)
def load_consequence_words(ref: Reference | None = None) -> ConsequenceWords:
    """Return the words of a data package; without one, those that came with the software."""
    rows = (ref or load_reference()).shipped_rows(ConsequenceWord)
    return ConsequenceWords(
        {r.word: r.term for r in rows if r.term is not None},
        _MISSING | {r.word for r in rows if r.term is None},
    )


@dataclass(frozen=True, slots=True)
class AnnotationField:
    """An INFO field, and where in its entries the parts stand that are read."""

    name: str
    program: str
    words: ConsequenceWords
    places: tuple[tuple[str, int], ...] = ()
    """Empty if the header does not say."""
    count: int = 0
    """Parts that the header names."""


def find_annotation_fields(header: str, words: ConsequenceWords) -> tuple[AnnotationField, ...]:
    """Return the fields of annotations that a header declares, in the order in which they count.

    Examples
    --------
    >>> text = '##INFO=<ID=CSQ,Description="Format: Allele|Consequence|SYMBOL|Feature">'
    >>> (field,) = find_annotation_fields(text, load_consequence_words())
    >>> field.name, field.program, len(field.places)
    ('CSQ', 'vep', 4)
    """
    about = {m[1]: m[2] for m in map(_HEADER.match, header.splitlines()) if m}
    found = []
    for name in _FIELDS:
        if name in about:
            listed = ANNOTATION_PARTS.search(about[name])
            parts = [p.strip(" '\"()") for p in listed[1].split("|")] if listed else []
            places = tuple(
                (role, parts.index(part))
                for role, names in _PARTS.items()
                if (part := next((n for n in names if n in parts), None)) is not None
            )
            told = {role for role, _ in places}
            program = SNPEFF if "Gene_Name" in parts else VEP
            places = places if told.issuperset(_NEEDED) else ()
            found.append(AnnotationField(name, program, words, places, len(parts)))
    found += [
        AnnotationField(m[1], ANNOVAR, words)
        for m in map(_ANNOVAR.fullmatch, sorted(about))
        if m and f"Gene.{m[1]}" in about
    ]
    return tuple(found)


def annotations_by_allele(
    raw: Any, alts: Sequence[str], fields: Sequence[AnnotationField]
) -> tuple[tuple[FileAnnotation, ...], ...]:
    """Return what a record says of each alternative allele; empty if it says nothing at all."""
    if not fields or not any(map(is_bases, alts)):
        return ()
    found: list[list[FileAnnotation]] = [[] for _ in alts]
    for field in fields:
        if field.program == ANNOVAR:
            said = _read_annovar(raw, alts, field)
        elif (value := raw.INFO.get(field.name)) is None:
            continue
        else:
            said = _read_entries(_text(value), raw.REF, alts, field)
        for place, entries in said:
            found[place] += entries
    return tuple(map(tuple, found)) if any(found) else ()


_Said = Iterator[tuple[int, list[FileAnnotation]]]


def _read_entries(text: str, ref: str, alts: Sequence[str], field: AnnotationField) -> _Said:
    """Read an annotation field, whose entries name their allele."""
    unread = [FileAnnotation(field.name, read=False)]
    entries, torn = [], False
    for entry in text.split(","):
        values = entry.split("|")
        # With more parts than the header names, nothing says which one is which.
        torn |= len(values) > field.count
        entries.append({role: values[n] for role, n in field.places if n < len(values)})
    for place, alt in enumerate(alts):
        if not is_bases(alt):
            continue
        named = ({**e, "Allele": e.get("allele", "")} for e in entries)
        mine = [e for e in named if is_of_allele(e, place + 1, ref, alt, alts)]
        if not field.places or not mine or torn:
            yield place, unread
            continue
        read = [_entry(e, ref, alt, field) for e in mine if e.get("gene")]
        words = {w for e in mine for w in e.get("terms", "").split("&")}
        # A word that no program is known to write must not read as no effect.
        if not any(e.terms for e in read) and words - field.words.silent:
            yield place, unread
            continue
        yield place, read


def _entry(entry: dict[str, str], ref: str, alt: str, field: AnnotationField) -> FileAnnotation:
    own = entry.get("transcript", "")
    same = [x for x in entry.get("mane", "").split("&") if "_" in x or x.startswith("ENST")]
    coding, protein = (_plain(entry.get(role, "")) for role in ("coding", "protein"))
    if coding and ":" not in coding:
        coding = f"{own}:{coding}"
    return FileAnnotation(
        field.program,
        entry["gene"],
        tuple(x for x in (own, *same) if x),
        _terms(entry.get("terms", "").split("&"), ref, alt, field.words),
        coding or None,
        _protein(protein),
        bool({entry.get("first", "")} & {"1", "YES"}),
    )


def _read_annovar(raw: Any, alts: Sequence[str], field: AnnotationField) -> _Said:
    """Read the fields of ANNOVAR, which a record has once for each allele that was annotated."""
    names = ("Func", "Gene", "ExonicFunc", "AAChange")
    columns = {n: [_text(v) for k, v in raw.INFO if k == f"{n}.{field.name}"] for n in names}
    count = len(columns["Func"])
    spelled = [n for n, a in enumerate(alts) if is_bases(a)]
    if not count or all(set(v.split(",")) <= _MISSING for v in columns["Func"]):
        return
    if count != len(spelled):
        for place in spelled:
            yield place, [FileAnnotation(f"Func.{field.name}", read=False)]
        return
    for number, place in enumerate(spelled):
        row = {n: _plain(v[number]) if number < len(v) else "" for n, v in columns.items()}
        yield place, list(_annovar_entries(row, str(raw.REF), alts[place], field.words))


def _annovar_entries(
    row: dict[str, str], ref: str, alt: str, known: ConsequenceWords
) -> Iterator[FileAnnotation]:
    words = [*row["Func"].split(";"), *row["ExonicFunc"].split(";")]
    terms = _terms([w.replace(" ", "_") for w in words], ref, alt, known)
    named = set()
    for change in row["AAChange"].split(","):
        parts = change.split(":")
        if len(parts) < 3:
            continue
        gene, transcript = parts[:2]
        coding = next((p for p in parts if p.startswith("c.")), None)
        protein = next((p for p in parts if p.startswith("p.")), "")
        # `c.A5G` is an old way to write `c.5A>G`.
        coding = re.sub(r"^c\.([ACGT])(\d+)([ACGT])$", r"c.\2\1>\3", coding) if coding else None
        named.add(gene)
        name = f"{transcript}:{coding}" if coding else None
        yield FileAnnotation(ANNOVAR, gene, (transcript,), terms, name, _protein(protein))
    for gene in re.split(r"[;,]", row["Gene"]):
        if gene not in named and gene not in (*_MISSING, "NONE"):
            yield FileAnnotation(ANNOVAR, gene, (), terms)


def _terms(words: Sequence[str], ref: str, alt: str, meaning: ConsequenceWords) -> tuple[str, ...]:
    """Return the terms that are used here; an insertion or deletion may leave a site whole."""
    known = {t for w in words if (t := meaning.terms.get(w, w)) in SEVERITY}
    if len(ref) != len(alt) and known & SPLICE_TERMS:
        known = known - SPLICE_TERMS | {"splice_region_variant"}
    return sort_terms(known)


def _protein(text: str) -> str | None:
    name = spell_out(text) if "p." in text else ""
    return f"p.({name[2:]})" if len(name) > 2 else None


def _plain(text: str) -> str:
    decoded = _ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)), text)
    return "".join(c if c.isprintable() else "\ufffd" for c in decoded)


def _text(value: Any) -> str:
    return mark_unseen(",".join(map(str, value)) if isinstance(value, tuple) else str(value))
