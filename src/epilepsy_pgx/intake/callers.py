"""Read the result files of programs that type HLA from sequencing reads.

The form is told by the content, never by the file's name. A file that matches no form, or more
than one, is an error. Such a file holds one sample and does not name it: the sample sheet does.
What these programs find is research grade, so an allele that they do not name is not excluded.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.hla import (
    HLA_COLUMNS,
    UNSURE,
    HlaNames,
    HlaTyping,
    TypedAllele,
    Typings,
    allele_fault,
    parse_hla_allele,
    read_hla,
    read_hla_form,
)
from epilepsy_pgx.intake.table import read_text, split_rows

UNNAMED = ""
"""Key of the typings of a file that does not name its sample."""

_Pairs = dict[str, list[str]]
"""Allele names by locus; fewer than two where the program left one open. One that the program
is not sure of ends with `UNSURE`."""

_HLA_LA_HEADER = ["Locus", "Chromosome", "Allele", "Q1"]
_HLA_LA_SURE = 0.95
"""Lowest posterior probability of an HLA-LA allele that is taken over. The program's manual says
only that it is usually 1 or close to it; the limit is this project's own."""

_OPTITYPE_COLUMN = re.compile(r"([A-Z]+\d*)([12])")
_FLOAT = re.compile(r"[0-9]*\.?[0-9]+([eE][-+]?[0-9]{1,3})?|[0-9]+\.")
_ARCAS_ALLELE = re.compile(r"[A-Z0-9]+\*\d{2,3}(:\S+)?")


def _table(text: str) -> list[list[str]]:
    return [cells for _, cells in split_rows(text)]


def _fault(path: Path, found: str, expected: str, fix: str, line: int = 0) -> InputError:
    return InputError.one(
        "hla-file", file=str(path), line=line, found=found, expected=expected, fix=fix
    )


def _is_sheet(text: str) -> bool:
    rows = _table(text)
    return bool(rows) and len(set(HLA_COLUMNS) & {c.strip() for c in rows[0]}) >= 2


def _arcas(text: str) -> _Pairs | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or not found:
        return None
    for locus, names in found.items():
        if not isinstance(names, list) or not all(
            isinstance(n, str) and _ARCAS_ALLELE.fullmatch(n) and n.split("*")[0] == locus
            for n in names
        ):
            return None
    return found


def _is_optitype(text: str) -> bool:
    rows = _table(text)
    return bool(rows) and rows[0][0] == "" and rows[0][-2:] == ["Reads", "Objective"] and all(
        _OPTITYPE_COLUMN.fullmatch(c) for c in rows[0][1:-2]
    )


def _read_optitype(path: Path, text: str) -> _Pairs:
    header, *rows = _table(text)
    if len(rows) != 1:
        raise _fault(
            path, f"{len(rows)} solutions", "one solution",
            "Keep the header and the one row that you stand by.",
        )
    if len(rows[0]) != len(header):
        raise _fault(path, f"{len(rows[0])} cells", f"{len(header)} cells",
                     "Copy the file again from the program's folder.", 2)
    pairs: _Pairs = {}
    for column, name in zip(header[1:-2], rows[0][1:-2], strict=True):
        match = _OPTITYPE_COLUMN.fullmatch(column)
        assert match is not None
        pairs.setdefault(match[1], []).extend([name] if name.strip() else [])
    return pairs


def _read_arcas(path: Path, text: str) -> _Pairs:
    pairs = _arcas(text)
    assert pairs is not None
    return pairs


def _is_hla_la(text: str) -> bool:
    rows = _table(text)
    return bool(rows) and rows[0][: len(_HLA_LA_HEADER)] == _HLA_LA_HEADER


def _read_hla_la(path: Path, text: str) -> _Pairs:
    """Read one row for each locus and chromosome; an allele that is not sure stays open."""
    again = "Copy the file again from the program's folder."
    lines = list(split_rows(text))
    header = lines[0][1]
    if "perfectG" not in header:
        raise _fault(path, "no column perfectG", "a result in G groups",
                     "Give R1_bestguess_G.txt in place of R1_bestguess.txt.", 1)
    pairs: _Pairs = {}
    seen: dict[str, list[str]] = {}
    for number, cells in lines[1:]:
        if len(cells) != len(header):
            raise _fault(path, f"{len(cells)} cells", f"{len(header)} cells", again, number)
        row = dict(zip(header, (c.strip() for c in cells), strict=True))
        locus = row["Locus"]
        seen.setdefault(locus, []).append(row["Chromosome"])
        sure = _probability(row["Q1"])
        if sure is None:
            raise _fault(path, "something else in Q1", "a probability", again, number)
        if row["perfectG"] not in ("0", "1"):
            raise _fault(path, "something else in perfectG", "0 or 1", again, number)
        certain = sure >= _HLA_LA_SURE and row["perfectG"] == "1"
        name = row["Allele"].replace(";", "/")
        pairs.setdefault(locus, []).append(name if certain else f"{name}{UNSURE}")
    for chromosomes in seen.values():
        if sorted(chromosomes) != ["1", "2"]:
            raise _fault(path, f"{len(chromosomes)} rows of a locus, or other chromosomes",
                         "one row each for 1 and 2", again)
    return pairs


def _probability(text: str) -> float | None:
    """Read a probability as programs print it, also as `9.9e-01`."""
    value = float(text) if _FLOAT.fullmatch(text) else -1.0
    return value if 0 <= value <= 1 else None


_FORMS: dict[str, tuple[Callable[[str], bool], Callable[[Path, str], _Pairs]]] = {
    "arcasHLA": (lambda text: _arcas(text) is not None, _read_arcas),
    "HLA-LA": (_is_hla_la, _read_hla_la),
    "OptiType": (_is_optitype, _read_optitype),
}


def names_no_sample(path: Path) -> bool:
    """Say whether a file is a program's result, which holds one sample without its name."""
    try:
        text = read_text(path, "hla-readable")
    except InputError:
        return False
    return any(matches(text) for matches, _ in _FORMS.values())


def check_form(path: Path) -> None:
    """Refuse the project's table if its form is at fault; a program's file holds one sample.

    Raises
    ------
    InputError
        With every fault of the form.
    """
    text = read_text(path, "hla-readable")
    if not any(matches(text) for matches, _ in _FORMS.values()):
        read_hla_form(path)


def read_typings(
    path: Path, genes: frozenset[str], methods: Mapping[str, str],
    names: HlaNames | None = None,
) -> Typings:
    """Read HLA types from the project's table or from a program's result file.

    Parameters
    ----------
    genes
        Loci that the tables know; other loci are passed over.
    methods
        `clinical` or `research` by program; research if a program is not listed.
    names
        The lists of loci and allele groups.

    Returns
    -------
    dict
        By sample id the typings, or what is wrong with the sample's rows; under `UNNAMED` if
        the file does not name its sample.

    Raises
    ------
    InputError
        If the file has no known form, or more than one, or a fault of its form.
    """
    names = names or HlaNames(genes)
    text = read_text(path, "hla-readable")
    forms = [name for name, (matches, _) in _FORMS.items() if matches(text)]
    sheet = _is_sheet(text)
    if sheet and not forms:
        return read_hla(path, genes, names)
    if len(forms) + sheet != 1:
        raise _fault(
            path, "the form of " + " and ".join(forms) if forms else "none of the known forms",
            "a table with the columns " + ", ".join(HLA_COLUMNS) + ", or a result of "
            + ", ".join(_FORMS),
            "Write the typing into a table of these columns.",
        )
    pairs = _FORMS[forms[0]][1](path, text)
    typings: list[HlaTyping] = []
    for locus, listed in pairs.items():
        gene = f"HLA-{locus}"
        if gene not in genes:
            continue
        if len(listed) > 2:
            raise _fault(path, f"{len(listed)} alleles of {gene}", "at most two",
                         "Have the locus typed by an accredited laboratory.")
        alleles: list[TypedAllele | None] = [
            _allele(path, gene, name, names) for name in listed
        ]
        # One name may be a homozygous typing or half of one: the second stays open.
        alleles += [None] * (2 - len(alleles))
        typings.append(HlaTyping(gene, (alleles[0], alleles[1]),
                                 methods.get(forms[0], "research"), forms[0], None))
    return {UNNAMED: tuple(typings)}


def _allele(path: Path, gene: str, name: str, names: HlaNames) -> TypedAllele:
    sure = name.removesuffix(UNSURE)
    allele = parse_hla_allele(sure)
    wrong = allele_fault(sure, allele, gene, names)
    if allele is None or wrong is not None:
        raise _fault(path, f"a name that is no allele of {gene}",
                     "an HLA name of this locus, such as 15:02",
                     "Copy the file again from the program's folder.")
    if sure != name:  # it may be this one, or any other
        return replace(allele, two_field=(), options=(*allele.options, UNSURE))
    return allele
