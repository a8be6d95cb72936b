"""The population frequencies of each alternative allele in the INFO of a record.

Only fields that the user names are read. What fits no allele, or is no part from 0 to 1, is used
for none.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from epilepsy_pgx.errors import ConfigError, Problem
from epilepsy_pgx.variants.infoclass import ClassField, classes_by_allele, find_class_field

OWN_COUNTS = frozenset({"AF", "AC", "AN", "MAF", "MLEAF", "MLEAC", "AC_HET", "AC_HOM", "RAF"})
"""Fields in which a caller or `bcftools +fill-tags` counts the samples of the file itself."""

UNPLACED = "? "
"""Stands before a value that belongs to no known allele: it is no number then."""

Frequencies = tuple[tuple[str, str], ...]
"""Field and value as written, of one allele."""


def refuse_own_counts(wanted: Sequence[str]) -> None:
    """Refuse fields that say how common an allele is in the file, not in a population.

    Raises
    ------
    ConfigError
        With every such field.

    Examples
    --------
    >>> refuse_own_counts(["gnomADe_AF", "CSQ:gnomADe_AF"])
    """
    wrong = [
        Problem(
            ".",
            0,
            "frequency_fields",
            "frequency-field",
            repr(name),
            "an INFO field with the frequency of a population, such as gnomADe_AF",
            "AF, AC, AN and their like count the samples of the file itself: name another field.",
        )
        for name in wanted
        if name.upper() in OWN_COUNTS or not name.strip()
    ]
    if wrong:
        raise ConfigError(wrong)


def find_frequency_fields(reader: Any, wanted: Sequence[str]) -> tuple[ClassField, ...]:
    """Look the fields up in the header of an open file.

    A frequency is a field of its own, a part of an annotation field (`CSQ:gnomADe_AF`), or the
    part of that name in whichever annotation field has it.
    """
    found = (_find(reader, name) for name in wanted)
    return tuple(f for f in found if f is not None)


def _find(reader: Any, wanted: str) -> ClassField | None:
    plain = find_class_field(reader, wanted)
    if plain is not None or ":" in wanted:
        return plain
    for name in _info_names(reader):
        part = find_class_field(reader, f"{name}:{wanted}")
        if part is not None and part.parts:
            return part
    return None


def _info_names(reader: Any) -> Iterator[str]:
    for line in reader.header_iter():
        if line.type == "INFO":
            yield str(line["ID"])


def frequencies_by_allele(
    raw: Any, alts: Sequence[str], fields: Sequence[ClassField]
) -> tuple[Frequencies, ...]:
    """Return the frequencies of each alternative allele of a record; empty without fields.

    What cannot be read is among them, as written, so that it can be named.
    """
    if not fields:
        return ()
    found: list[list[tuple[str, str]]] = [[] for _ in alts]
    for one in fields:
        for place, stated in zip(found, classes_by_allele(raw, alts, one), strict=True):
            if stated is not None and not _says_nothing(stated.text):
                text = stated.text if stated.fits else f"{UNPLACED}{stated.text}"
                place.append((stated.field, text))
    return tuple(map(tuple, found))


def _says_nothing(text: str) -> bool:
    # A missing number of a record is no number to the reader.
    parts = {part.strip() for part in re.split(r"[&|,]|\s(?!number)", text)}
    return parts <= {"", ".", "nan", "no number"}


def read_frequency(text: str) -> Decimal | None:
    """Return the highest frequency that an INFO value states; None if it is not one.

    Examples
    --------
    >>> read_frequency("0.12&0.12"), read_frequency("."), read_frequency("7")
    (Decimal('0.12'), None, None)
    """
    values = []
    for word in text.replace("|", "&").replace(",", "&").split("&"):
        if word.strip() in ("", "."):
            continue
        try:
            value = Decimal(word.strip())
        except InvalidOperation:
            return None
        if not (value.is_finite() and 0 <= value <= 1):
            return None
        values.append(value)
    return max(values) if values else None
