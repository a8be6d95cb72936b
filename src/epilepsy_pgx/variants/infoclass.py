"""The class of each alternative allele in the INFO of a record.

A class is that of one allele. A list gives it by its length and by what the header declares
(Number=A or R); a single value belongs to the only allele there is. What fits no allele is kept
as written, so that it can be said, and is used for none.
"""

from collections.abc import Sequence
from typing import Any

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.table import mark_unseen
from epilepsy_pgx.intake.vcf import ANNOTATION_PARTS
from epilepsy_pgx.trimming import shared_ends
from epilepsy_pgx.variants.representation import REF_BLOCK_ALTS

SUBFIELDS = ("CLIN_SIG", "ClinVar_CLNSIG", "CLNSIG", "ClinVar_CLIN_SIG", "clinvar_clnsig")
"""Parts of VEP's CSQ and of similar fields that hold a class, the first one present is read."""
ALLELE_INDEX = "CLNALLE"
"""Field of old ClinVar files: to which allele each class of the list belongs."""
_MISSING = frozenset({"", "."})
_CUT = "perhaps cut off"
"""Said of a number that may be the first of several, which its declared type cannot hold."""


@dataclass(frozen=True, slots=True)
class InfoClass:
    """A class as a record gives it for one allele."""

    text: str
    """As written."""
    field: str
    coding: str
    """`clinvar` or `acmg` for what bare numbers mean, `open` if the file does not say."""
    fits: bool = True
    """False if it is not clear which allele it belongs to: it is not used."""


@dataclass(frozen=True, slots=True)
class FileAnnotation:
    """One entry on one allele, for one gene and transcript."""

    program: str
    """`vep`, `snpeff`, `annovar`; of an entry that could not be read, its INFO field."""
    gene: str = ""
    transcripts: tuple[str, ...] = ()
    """Accession of the entry's transcript, and those that it says are the same."""
    terms: tuple[str, ...] = ()
    coding: str | None = None
    """With the accession: `NM_000001.1:c.5A>G`."""
    protein: str | None = None
    """`p.(Lys2Arg)`"""
    first: bool = False
    """True if the program names this entry as the one to report."""
    read: bool = True


@dataclass(frozen=True, slots=True)
class ClassField:
    """The INFO field of the class, as the header declares it."""

    name: str
    number: str
    coding: str
    parts: tuple[str, ...] = ()
    """Names of the parts of an annotation field such as VEP's CSQ."""
    part: str = ""
    """The part that holds the class."""
    whole_numbers: bool = False
    """True if the declared type holds numbers only: what is no number was lost in reading."""


def find_class_field(reader: Any, wanted: str) -> ClassField | None:
    """Look a field up in the header of an open file.

    Parameters
    ----------
    wanted
        Name of an INFO field; for a part of an annotation field `CSQ:CLIN_SIG`, or `CSQ` for
        the part that usually holds a class.
    """
    name, part = wanted, ""
    declared = _declared(reader, name)
    if declared is None and ":" in wanted:
        name, _, part = wanted.partition(":")
        declared = _declared(reader, name)
    if declared is None:
        return None
    about = declared.get("Description", "").strip('"')
    listed = ANNOTATION_PARTS.search(about)
    parts = tuple(p.strip(" '\"") for p in listed.group(1).split("|")) if listed else ()
    if parts and not part:
        part = next((s for s in SUBFIELDS if s in parts), "")
    if parts and part not in parts:
        return None
    coding = "acmg"
    if "255" in about:
        coding = "clinvar"
    elif "CLN" in name.upper() or parts:
        coding = "open"
    # What the header does not declare is read with a header of our own, or htslib's.
    own = about in ("not declared by the file", "Dummy")
    number = "." if own else declared.get("Number", ".")
    return ClassField(
        name,
        number,
        coding,
        parts,
        part,
        whole_numbers=declared.get("Type") in ("Integer", "Float"),
    )


def _declared(reader: Any, name: str) -> dict[str, str] | None:
    try:
        found = dict(reader.get_header_type(name, order=[1]))
    except (KeyError, TypeError):
        return None
    return {str(k): str(v) for k, v in found.items()}


def classes_by_allele(
    raw: Any, alts: Sequence[str], field: ClassField | None
) -> tuple[InfoClass | None, ...]:
    """Return the class of each alternative allele of a record, None where it has none."""
    value = None if field is None else raw.INFO.get(field.name)
    if field is None or value is None:
        lost = field is not None and field.whole_numbers and field.name in dict(raw.INFO)
        return (
            InfoClass("no number", field.name, field.coding) if field and lost else None,
        ) * len(alts)
    text = _text(value)
    again = [_text(v) for k, v in raw.INFO if k == field.name]
    if len(set(again)) > 1:
        # One for each allele of the record that was annotated, which this may be a part of.
        text, found = "|".join(again), None
        if len(again) == len(alts) > 1 and not field.parts:
            found = again
    elif field.parts:
        found = _from_parts(text, str(raw.REF), alts, field)
    elif (index := raw.INFO.get(ALLELE_INDEX)) is not None:
        found = _by_index(text, str(index).strip("()").replace(" ", ""), len(alts))
    else:
        found = assign_classes(text, alts, field.number)
    if found is None:
        return tuple(
            None
            if a in REF_BLOCK_ALTS or a == "*"
            else InfoClass(text, field.name, field.coding, fits=False)
            for a in alts
        )
    if field.whole_numbers and field.coding != "acmg":
        found = [f"{t}|{_CUT}" if t.split(".")[0] in ("2", "3") else t for t in found]
    label = f"{field.name}:{field.part}" if field.part else field.name
    return tuple(
        None if set(_list(t)) <= _MISSING else InfoClass(t, label, field.coding) for t in found
    )


def _text(value: Any) -> str:
    listed = value if isinstance(value, tuple) else (value,)
    return mark_unseen(",".join("." if v is None else str(v) for v in listed))


def assign_classes(text: str, alts: Sequence[str], number: str) -> list[str] | None:
    """Return the part of a value that belongs to each allele; None if that is not clear.

    Parameters
    ----------
    number
        As the header declares it. `.` and what is declared wrongly go by the length of the list.
    """
    parts, count = _list(text), len(alts)
    places = [n for n, a in enumerate(alts) if a not in REF_BLOCK_ALTS and a != "*"]
    if number == "A":
        return parts if len(parts) == count else _for_places(parts, places, count)
    if number == "R":
        return parts[1:] if len(parts) == count + 1 else None
    if number == "G" or not places:
        return None
    if len(places) == 1:
        only = text
        if number == "." and count == 1 < len(parts) and not _MISSING.isdisjoint(parts):
            return None  # a list with a place for each of several alleles, of which one is left
        if number == "." and count > 1 and len(parts) in (count, count + 1):
            only = parts[len(parts) - count :][places[0]]
        return [only if n in places else "." for n in range(count)]
    if number == "1":
        return None
    if len(parts) == count:
        return parts
    if len(parts) == count + 1:
        return parts[1:]
    return _for_places(parts, places, count)


def _for_places(parts: Sequence[str], places: Sequence[int], count: int) -> list[str] | None:
    """Give a list to the alleles that are spelled out, `*` and `<NON_REF>` left aside."""
    if len(parts) != len(places):
        return None
    return [parts[places.index(n)] if n in places else "." for n in range(count)]


def _list(text: str) -> list[str]:
    """Split a list at its commas, not at ClinVar's `,_` inside a class."""
    parts: list[str] = []
    for part in text.split(","):
        if parts and part.startswith(("_", " ")):
            parts[-1] += f",{part}"
        else:
            parts.append(part)
    return parts


def _by_index(text: str, index: str, count: int) -> list[str] | None:
    parts, numbers = _list(text), index.split(",")
    if len(parts) != len(numbers):
        return None
    found = dict(zip(numbers, parts, strict=True))
    return [found.get(str(n), ".") for n in range(1, count + 1)]


def _from_parts(text: str, ref: str, alts: Sequence[str], field: ClassField) -> list[str] | None:
    """Read the class out of an annotation field, whose entries name their allele."""
    entries = []
    for entry in text.split(","):
        values = entry.split("|")
        entries.append(dict(zip(field.parts, values, strict=False)))
    stated = {n for n, e in enumerate(entries) if e.get(field.part, "") not in _MISSING}
    found = []
    unnamed = False
    for number, alt in enumerate(alts, 1):
        mine = [n for n, e in enumerate(entries) if is_of_allele(e, number, ref, alt, alts)]
        unnamed |= not mine and alt not in REF_BLOCK_ALTS and alt != "*"
        words = dict.fromkeys(entries[n][field.part] for n in mine if n in stated)
        stated -= {*mine}
        found.append("&".join(words))
    # What is left over may be that of an allele under another name.
    return None if stated and unnamed else found


def is_of_allele(
    entry: dict[str, str], number: int, ref: str, alt: str, alts: Sequence[str]
) -> bool:
    """Say whether an entry is about an allele: by the bases that it names, then by its number.

    The number is that in the record that was annotated, before it was split or joined.
    """
    named = entry.get("Allele", "")
    counted = entry.get("ALLELE_NUM", "")
    if named:
        fitting = [n for n, a in enumerate(alts, 1) if named in _names(ref, a)]
        if len(fitting) > 1 and counted.isdecimal():
            return int(counted) == number
        return fitting == [number]
    return int(counted) == number if counted.isdecimal() else len(alts) == 1


def _names(ref: str, alt: str) -> set[str]:
    """Return how programs name an allele: in full, without the first base, without all shared."""
    names = {alt}
    if len(alt) != len(ref) and alt[:1] == ref[:1]:
        names.add(alt[1:] or "-")
    start, end = shared_ends(ref, alt)
    names.add(alt[start : len(alt) - end] or "-")
    return names
