"""What the rows of a sample sheet say of each other: one person, one genome, one file."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from epilepsy_pgx.errors import Problem
from epilepsy_pgx.intake.agreement import check_person
from epilepsy_pgx.intake.result_files.content import ResultKind
from epilepsy_pgx.intake.result_files.registry import names_no_sample
from epilepsy_pgx.intake.table import nearest

if TYPE_CHECKING:
    from epilepsy_pgx.intake.sheet import SampleRow


def check_relations(
    path: Path, rows: Sequence["SampleRow"], cells: Mapping[int, Mapping[str, str | None]]
) -> Iterator[Problem]:
    """Compare what rows say of each other: one person, one genome."""
    ids = {name for c in cells.values() if (name := c.get("sample_id"))}
    for row in rows:
        if row.same_genome_as is not None and (
            row.same_genome_as == row.sample_id or row.same_genome_as not in ids
        ):
            near = nearest(row.same_genome_as, sorted(ids - {row.sample_id}))
            yield Problem(
                str(path),
                row.line,
                "same_genome_as",
                "sheet-same-genome",
                "an id that no other row has" if near is None else "the spelling of an id",
                "the sample id of another row, spelled alike",
                "Name the other specimen of this person, or the identical twin.",
            )
    people: dict[str, list[tuple[int, Mapping[str, str | None]]]] = {}
    for line, given in cells.items():
        if (number := given.get("record_number")) is not None:
            people.setdefault(number, []).append((line, given))
    for members in people.values():
        if len(members) == 1:
            continue
        for line, (column, check, found, expected) in check_person(members):
            yield Problem(
                str(path),
                line,
                column,
                check,
                found,
                expected,
                "Correct the cell or the record number.",
            )


def shared_files(path: Path, rows: Sequence["SampleRow"]) -> Iterator[Problem]:
    """Find files that hold one sample without its name, and are given to several rows."""
    typings = [(r.hla, r.line) for r in rows if r.hla is not None]
    calls = [(file, r.line) for r in rows for file in r.outside_calls]
    for kind, given in ((ResultKind.HLA, typings), (ResultKind.STAR_ALLELES, calls)):
        users: dict[Path, list[int]] = {}
        for file, line in given:
            users.setdefault(file.resolve(), []).append(line)
        for file, lines in users.items():
            if len(lines) > 1 and names_no_sample(file, kind):
                yield Problem(
                    str(path),
                    lines[-1],
                    kind.value,
                    "sheet-one-sample",
                    f"{file.name}, which names no sample, in the lines "
                    + ", ".join(map(str, lines)),
                    "a file of its own for each sample",
                    "Correct these cells.",
                )


def _resolved(file: Path, folders: dict[Path, Path]) -> Path:
    """Return what `resolve` would, going once through the folders that many files share."""
    if file.name in ("", "..") or file.is_symlink():
        return file.resolve()
    parent = file.parent
    if parent not in folders:
        folders[parent] = parent.resolve()
    return folders[parent] / file.name


def shared_packets(path: Path, rows: Sequence["SampleRow"]) -> Iterator[Problem]:
    """Find phenopackets that rows share which do not state that they are of one person."""
    users: dict[Path, list[SampleRow]] = {}
    folders: dict[Path, Path] = {}
    for row in rows:
        if row.phenopacket is not None:
            users.setdefault(_resolved(row.phenopacket, folders), []).append(row)
    for packet, sharing in users.items():
        numbers = {row.patient.record_number for row in sharing}
        if len(sharing) > 1 and (None in numbers or len(numbers) > 1):
            for row in sharing:
                yield Problem(
                    str(path),
                    row.line,
                    "phenopacket",
                    "sheet-one-sample",
                    f"{packet.name} in the lines " + ", ".join(str(r.line) for r in sharing),
                    "a phenopacket of its own for each person",
                    "Correct these cells; specimens of one person have the same record_number.",
                )
