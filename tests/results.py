"""The example of each program's result file, as `tests/intake/result_files/examples` holds it."""

import zipfile
from io import BytesIO
from pathlib import Path

from epilepsy_pgx.intake.result_files.content import Content, ResultKind
from epilepsy_pgx.intake.result_files.registry import READERS
from epilepsy_pgx.intake.result_files.source import Program
from epilepsy_pgx.reference.package import Reference

FILES = Path(__file__).parent / "intake/result_files/examples"


def example(name: str) -> bytes:
    """Return a program's example: the file named after its module, or an archive of several."""
    module = READERS[name].__class__.__module__.rpartition(".")[2]
    files = sorted(FILES.glob(f"{module}[._]*"), reverse=True)
    assert files, f"tests/intake/result_files/examples has no example of {name}: {module}.*"
    if len(files) == 1:
        return files[0].read_bytes()
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("tmpcty4c_cr/"), "")
        for file in files:
            inside = file.name.partition(".")[2]
            archive.writestr(zipfile.ZipInfo(f"tmpcty4c_cr/{inside}"), file.read_bytes())
    return packed.getvalue()


def examples(kind: ResultKind) -> list[bytes]:
    """Return the examples of all programs whose files a column takes."""
    return [example(name) for name, reader in READERS.items() if reader.kind is kind]


def content(folder: Path, kind: ResultKind, data: bytes | str) -> Content:
    """Write a file without a telling name, and read it for a column."""
    path = folder / "file.without.a.telling.name"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return Content.of(path, kind)


def listed_programs(ref: Reference) -> dict[str, Program]:
    """Return the table of programs as the readers are given it."""
    rows = ref.table("outside_callers")
    return {r.need("caller"): Program(r.need("kind"), r.need("calls")) for r in rows}
