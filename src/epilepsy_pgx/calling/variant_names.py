"""The ways in which a laboratory writes the name of a variant, read into one form.

One cell may hold several names: `NM_000001.1(GENE):c.5A>G (p.Lys2Arg)`.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.protein import ProteinChange, ProteinEdit, ProteinKind, spell_out

_VERSION = re.compile(r"\.\d+$")
_CHANGE = re.compile(r"(?<![A-Za-z0-9_.])([cgp])\.")
_ENDLESS = re.compile(r"\d{12}")
"""More digits than any position or accession has."""
_SIGNS = str.maketrans({"→": ">", "−": "-", "–": "-", "‐": "-"})
"""Of forms that are compatible, such as the hyphen that breaks no line, only the plain one."""
_KEY = re.compile(
    r"(?:(?P<build>GRCh3[78])[-:\s]+)?(?P<chrom>(?:chr)?[0-9A-Z_.]+)[-:\s]+(?P<pos>[0-9]{1,9})"
    r"[-:_\s]*(?P<ref>[ACGT]+)[-:_>/\s]+(?P<alt>[ACGT]+)",
    re.I,
)
_SURE = re.compile(r"[-*0-9+_]+(?:[ACGT]*>[ACGT]+|(?:delins|del|dup|ins|inv|=)[A-Z0-9]*)")
"""A change between places that are named for certain: no brackets, no question mark."""
_ALLELES = re.compile(r"\[\(?([^;\[\]()]+)\)?\](?:;\[\(?(?:=|\1)\)?\])?[(),;|]*")
"""One change in the brackets of an allele, alone, beside the reference, or on both copies."""
_LOWER = re.compile(r"(?:n[mrpcg]_|enst|ensp)[0-9.]+")
"""An accession in small letters."""
_BARE_PROTEIN = re.compile(r"\(?(?:[A-Z][a-z]{2}|[A-Z])\d{1,5}(?:[A-Z*=].*|fs.*|(?:del|dup|_).*)")


@dataclass(frozen=True, slots=True)
class WrittenName:
    """What a cell names: of each level the change without its sequence, empty if it gives none."""

    who: frozenset[str] = frozenset()
    """Sequences and gene symbols that are named, as written."""
    coding: str = ""
    """`c.5A>G`; bases after `del` and `dup` left out."""
    genomic: str = ""
    protein: str = ""
    key: tuple[str, int, str, str] | None = None
    """Name of the chromosome, position, REF and ALT."""
    build: str = ""
    """Build that is named beside a position."""
    lost: str = ""
    """Bases that are written after `del` or `dup`."""

    @property
    def unversioned(self) -> frozenset[str]:
        """Sequences without their versions, and genes, these in capitals too."""
        plain = {_VERSION.sub("", x) for x in self.who}
        return frozenset({*plain, *(x.upper() for x in plain)})

    @property
    def on_protein_alone(self) -> bool:
        """True if the change of the DNA is not said."""
        return bool(self.protein) and not (self.coding or self.genomic or self.key)


@lru_cache(maxsize=4096)
def read_name(text: str) -> WrittenName:
    """Read the name of a variant; empty if it is written in no way that is known.

    Examples
    --------
    >>> name = read_name("NM_000001.1(GENE):c.5delA (p.K2Rfs*7)")
    >>> sorted(name.who), name.coding, name.protein
    (['GENE', 'NM_000001.1'], 'c.5del', 'p.Lys2ArgfsTer7')
    >>> read_name("chr2-100-a-AT").key
    ('chr2', 100, 'A', 'AT')
    """
    plain = unicodedata.normalize("NFKC", text).translate(_SIGNS).replace("&gt;", ">").strip()
    if _ENDLESS.search(plain):
        return WrittenName()
    if (key := _KEY.fullmatch(plain)) is not None:
        place = key["chrom"], int(key["pos"]), key["ref"].upper(), key["alt"].upper()
        return WrittenName(key=place, build=key["build"] or "")
    starts = list(_CHANGE.finditer(plain))
    if not starts:
        return _bare_protein(plain)
    ends = [m.start() for m in starts[1:]] + [len(plain)]
    named = re.split(r"[\s:()\[\],;|]+", plain[: starts[0].start()])
    who = {w.upper() if _LOWER.fullmatch(w) else w for w in named if w}
    found: dict[str, str] = {}
    lost = ""
    for start, end in zip(starts, ends, strict=True):
        level, change = start[1], plain[start.end() : end].strip()
        alleles = _ALLELES.fullmatch(re.sub(r"\s+", "", change))
        change = alleles[1] if alleles else change
        if level in found:
            # Two names of one level may be two variants.
            return WrittenName(frozenset(who))
        if level == "p":
            found[level] = spell_out(f"p.{re.split(r'[,;|]', change)[0]}")
        else:
            # Behind a change stands the sequence of the next name, or nothing.
            cut = re.split(r"[\s,;|]+(?![ACGTacgt>])|\s*\(?(?:NP_|ENSP)", change.strip())[0]
            found[level], lost = _plain_change(level, cut)
    return WrittenName(
        frozenset(who), found.get("c", ""), found.get("g", ""), found.get("p", ""), None, "", lost
    )


def _bare_protein(text: str) -> WrittenName:
    """Read a gene and a change of its protein without `p.`, as in `GENE R222*`."""
    gene, _, change = text.replace(":", " ").partition(" ")
    if not _BARE_PROTEIN.fullmatch(change.strip()):
        return WrittenName()
    return WrittenName(frozenset({gene}), protein=spell_out(f"p.{change.strip()}"))


def _plain_change(level: str, text: str) -> tuple[str, str]:
    """Return a change of DNA in one form, and the bases that it names as lost or doubled."""
    close = re.sub(r"\s+", "", text).rstrip("(:")
    # A bracket that was opened before the change, round the gene or all of it, closes behind it.
    close = close if "(" in close else close.rstrip(")")
    match = re.fullmatch(r"([-*0-9+_]+)(.*)", close)
    if match is None:
        return "", ""
    place, kind = match[1], match[2].upper()
    for word in ("DELINS", "DEL", "DUP", "INS", "INV"):
        kind = kind.replace(word, word.lower())
    joined = re.fullmatch(r"del([ACGT]*)ins([ACGT]+)", kind)
    lost = ""
    if joined is not None:
        kind, lost = f"delins{joined[2]}", joined[1]
    elif (single := re.fullmatch(r"(del|dup)([ACGT]*|[0-9]+)", kind)) is not None:
        kind, lost = single[1], single[2] if not single[2].isdigit() else ""
    first, _, last = place.partition("_")
    place = first if first == last else place
    if not _SURE.fullmatch(f"{place}{kind}"):
        return "", ""
    return f"{level}.{place}{kind}", lost


def same_protein(one: str, other: str) -> bool:
    """Say whether two p. descriptions may be one change.

    Of a shifted frame, the first residue decides; what follows it only where both say it.

    Examples
    --------
    >>> same_protein("p.(Lys2ArgfsTer7)", "p.K2fs")
    True
    >>> same_protein("p.Lys2ArgfsTer7", "p.Lys2ArgfsTer8")
    False
    """
    first, second = _edits(one), _edits(other)
    return (
        bool(first)
        and len(first) == len(second)
        and all(_same_edit(a, b) for a, b in zip(first, second, strict=True))
    )


def _edits(name: str) -> tuple[ProteinEdit, ...]:
    edits = ProteinChange.read(spell_out(name)).edits
    told = all(e.first is not None and e.kind is not ProteinKind.OTHER for e in edits)
    return edits if told else ()


def _same_edit(one: ProteinEdit, other: ProteinEdit) -> bool:
    if (one.kind, one.first, one.last, one.before) != (
        other.kind,
        other.first,
        other.last,
        other.before,
    ):
        return False
    if one.kind is not ProteinKind.FRAMESHIFT:
        return one.after == other.after
    pairs = ((one.after, other.after), (one.stop_after, other.stop_after))
    return all(a == b or not a or not b for a, b in pairs)


def any_same_protein(name: str, others: Iterable[str]) -> bool:
    """Say whether one of some p. descriptions may be a change."""
    return any(same_protein(name, other) for other in others)
