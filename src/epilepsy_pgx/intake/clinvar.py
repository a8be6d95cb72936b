"""A copy of ClinVar that the user gives: the VCF of a day, of one build.

Only its records over the regions that are asked for are read: sought by the index where it is
that of the file, else in one pass.
"""

import logging
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.htslib import indexed_lines
from epilepsy_pgx.intake.contigs import ContigNames
from epilepsy_pgx.intake.index import OtherIndexError, contigs_of_index
from epilepsy_pgx.intake.table import is_day
from epilepsy_pgx.intake.whole import FileKind, check_complete, detect_kind
from epilepsy_pgx.intervals import Interval, Intervals
from epilepsy_pgx.vcftext import TextError, read_head, read_lines
from epilepsy_pgx.vocabulary import GenomeBuild

_log = logging.getLogger(__name__)
_DATE = re.compile(r"##fileDate=(\d{4})-?(\d{2})-?(\d{2})\s*$")
_BUILD = re.compile(r"##reference=.*\b(GRCh3[78])\b", re.I)
_INFO = re.compile(r"(?:^|;)(\w+)=([^;]*)")
_GENE = re.compile(r"(?:^|\|)([^:|]+):")
_TERM = re.compile(r"(?:^|,)(SO:\d+)\|")
_COLUMNS = 8
STARS = {
    "practice_guideline": 4,
    "reviewed_by_expert_panel": 3,
    "criteria_provided,_multiple_submitters,_no_conflicts": 2,
    "criteria_provided,_multiple_submitters": 2,
    "criteria_provided,_conflicting_classifications": 1,
    "criteria_provided,_conflicting_interpretations": 1,
    "criteria_provided,_single_submitter": 1,
}
"""Stars of a review status; any other has none (ClinVar, review status)."""


@dataclass(frozen=True, slots=True)
class ClinvarRecord:
    """One record that has a class."""

    chrom: str
    pos: int
    ref: str
    alt: str
    word: str
    """CLNSIG as written."""
    stars: int
    conflict: str = ""
    """CLNSIGCONF as written: the classes of the submitters, counted."""
    several: bool = False
    """True of an allele of a record that lists several: whose the class is, nothing says."""
    genes: tuple[str, ...] = ()
    """Symbols of GENEINFO."""
    consequences: tuple[str, ...] = ()
    """Terms of MC by their identifiers in the Sequence Ontology, over all of its transcripts."""


@dataclass(frozen=True, slots=True)
class ClinvarFile:
    """A file whose header was read."""

    path: Path
    date: str
    build: GenomeBuild
    kind: FileKind
    index: Path | None = None
    """Index that was proved to be that of the file."""

    def records(self, regions: Sequence[Interval], names: ContigNames) -> Iterator[ClinvarRecord]:
        """Yield the records over some regions, each once.

        Parameters
        ----------
        regions
            0-based, half-open, chromosomes without `chr`.

        Raises
        ------
        InputError
            If the file is damaged.
        """
        wanted = Intervals(regions)
        try:
            for line in self._lines(regions, names):
                yield from self._read(line, wanted, names)
        except (OSError, EOFError, zlib.error, ValueError):
            raise _damaged(self.path, "damaged data") from None

    def _read(self, line: str, wanted: Intervals, names: ContigNames) -> Iterator[ClinvarRecord]:
        name, _, rest = line.partition("\t")
        place = rest.partition("\t")[0]
        if not place.isascii() or not place.isdigit():
            raise _damaged(self.path, "a record without a position")
        chrom, pos = names.chrom(name), int(place)
        if chrom is None or not wanted.meets(chrom, pos - 1, pos):
            return
        cells = line.rstrip("\r\n").split("\t")
        if len(cells) < _COLUMNS:
            raise _damaged(self.path, f"a record of {len(cells)} columns at {chrom}:{pos}")
        info = dict(_INFO.findall(cells[7]))
        word = info.get("CLNSIG", "")
        if word in ("", ".") or cells[4] in ("", "."):
            return
        stars = STARS.get(info.get("CLNREVSTAT", ""), 0)
        ref, alts = cells[3].upper(), cells[4].upper().split(",")
        genes = tuple(_GENE.findall(info.get("GENEINFO", "")))
        terms = tuple(dict.fromkeys(_TERM.findall(info.get("MC", ""))))
        conflict = info.get("CLNSIGCONF", "")
        for alt in alts:
            yield ClinvarRecord(
                chrom, pos, ref, alt, word, stars, conflict, len(alts) > 1, genes, terms
            )

    def _lines(self, regions: Sequence[Interval], names: ContigNames) -> Iterator[str]:
        if self.index is None:
            for line in _text_lines(self.path):
                if not line.startswith("#") and line.strip():
                    yield line
            return
        yield from indexed_lines(self.path, self.index, _joined(regions), names.chrom)


def _joined(regions: Iterable[Interval]) -> list[Interval]:
    found: list[Interval] = []
    for chrom, start, end in sorted(regions):
        if found and found[-1][0] == chrom and start <= found[-1][2]:
            found[-1] = (chrom, found[-1][1], max(end, found[-1][2]))
        else:
            found.append((chrom, start, end))
    return found


def _text_lines(path: Path) -> Iterator[str]:
    for line in read_lines(path):
        yield line.decode() + "\n"


def open_clinvar(path: Path, day: str) -> ClinvarFile:
    """Read the header of a copy of ClinVar.

    Parameters
    ----------
    day
        ISO date of the report: a copy of a later day is refused.

    Raises
    ------
    InputError
        With what is wrong: no VCF, cut short, no date, a date to come, no build, no CLNSIG.
    """
    kind = detect_kind(path)
    if kind is FileKind.BCF:
        raise _refused(path, "a BCF", "ClinVar's VCF", "Give the VCF as ClinVar distributes it.")
    try:
        check_complete(path, kind)
        if kind is FileKind.VCF and not _ends_in_line(path):
            raise _damaged(path, "a last line without its end")
        head = [line.decode() for line in read_head(path)]
    except TextError as error:
        raise _damaged(path, error.found) from None
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        raise _damaged(path, "damaged data") from None
    dates = {"-".join(m.groups()) for m in map(_DATE.match, head) if m}
    if len(dates) > 1:
        raise _refused(path, f"the dates {' and '.join(sorted(dates))}", "one ##fileDate",
                       "Give the file as distributed.")  # fmt: skip
    date = dates.pop() if dates else ""
    if not is_day(date):
        raise _refused(path, "no date", "##fileDate=YYYY-MM-DD", "Give the file as distributed.")
    if date > day[:10]:
        raise _refused(path, f"the date {date}", f"a day up to {day[:10]}, that of the report",
                       "Check the file, and the date of the report.")  # fmt: skip
    builds = {m[1].lower() for m in map(_BUILD.match, head) if m}
    if len(builds) != 1:
        raise _refused(path, "no build", "##reference=GRCh37 or GRCh38", "Check the header.")
    if not any(line.startswith("##INFO=<ID=CLNSIG,") for line in head):
        raise _refused(path, "no field CLNSIG", "the VCF of ClinVar", "Check the path.")
    word = builds.pop()
    build = next(b for b in GenomeBuild if b.value.lower() == word)
    return ClinvarFile(path, date, build, kind, _find_index(path, kind))


def _ends_in_line(path: Path) -> bool:
    with path.open("rb") as handle:
        handle.seek(-1, 2)
        return handle.read() == b"\n"


def _find_index(path: Path, kind: FileKind) -> Path | None:
    for suffix in (".tbi", ".csi") if kind is FileKind.BGZF else ():
        index = Path(f"{path}{suffix}")
        if index.is_file():
            try:
                contigs_of_index(index, path, None)
                return index
            except (OtherIndexError, OSError) as reason:
                _log.warning("%s: the index is not used, as %s", index, reason)
    return None


def _refused(path: Path, found: str, expected: str, fix: str) -> InputError:
    return InputError.one(
        "clinvar-file", file=str(path), column="--clinvar", found=found, expected=expected, fix=fix
    )


def _damaged(path: Path, found: str) -> InputError:
    return _refused(path, found, "a whole copy of ClinVar", "Copy the file again.")


def check_builds(files: Iterable[ClinvarFile], builds: Iterable[GenomeBuild]) -> None:
    """Refuse two copies of one build, and copies of a build that no patient has.

    Raises
    ------
    InputError
        With the first one that is not wanted.
    """
    open_ones = set(builds)
    wanted = " or ".join(sorted(b.value for b in open_ones))
    for file in files:
        if file.build not in open_ones:
            raise _refused(file.path, f"a copy of {file.build.value}", f"one copy of {wanted}",
                           "Give the copy of the patients' build.")  # fmt: skip
        open_ones.discard(file.build)
