"""Readers of files that the program, a curator or a database wrote: reports, ledger, tables."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pysam
import pysam.bcftools

from epilepsy_pgx.intake.clinvar import open_clinvar
from epilepsy_pgx.intake.vcf import inspect_vcf
from epilepsy_pgx.ledger.book import created, opened
from epilepsy_pgx.ledger.entries import FILE
from epilepsy_pgx.ledger.settings import Settings
from epilepsy_pgx.pipeline.results import read_results
from epilepsy_pgx.reference.package import Reference, read_table
from epilepsy_pgx.reference.spreadsheet import read_xlsx
from epilepsy_pgx.report.authorise import read_report_file
from epilepsy_pgx.report.letterhead import read_letterhead
from epilepsy_pgx.report.serialise import report_from_json, report_to_json
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.fuzz.seeds import RECORDS
from tests.toy.package import write_toy

DAY = "2026-11-22"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L9 9" fill="#123"/></svg>'
CLINVAR = (
    b"##fileformat=VCFv4.1\n##fileDate=2026-11-01\n##source=ClinVar\n##reference=GRCh38\n"
    b'##INFO=<ID=CLNSIG,Number=.,Type=String,Description="Class">\n'
    b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    b"2\t166052882\t1\tG\tA\t.\t.\tCLNSIG=Pathogenic\n"
)


def _read_ledger(path: Path) -> object:
    folder = path.parent / f"{path.name}.results"
    folder.mkdir()
    try:
        (folder / FILE).write_bytes(path.read_bytes())
        with opened(folder, network=True) as book:
            return book.entries(), book.standing(), book.settings()
    finally:
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def own_readers(ref: Reference, folder: Path) -> dict[str, Callable[[Path], object]]:
    """Return the readers by the kind of their files."""
    toy = folder / "toy"
    if not toy.is_dir():
        toy.mkdir()
        write_toy(toy)
    return {
        "report": read_report_file,
        "results": lambda path: list(read_results(path)),
        "ledger": _read_ledger,
        "table": read_table,
        "clinvar": lambda path: open_clinvar(path, DAY),
        "logo": lambda path: read_letterhead("Laboratory", logo=path),
        "xlsx": lambda path: read_xlsx(path, toy),
        "bcf": lambda path: inspect_vcf(path, GenomeBuild.GRCH38, ref),
    }


def own_seeds(root: Path, folder: Path) -> dict[str, list[bytes]]:
    """Return the files by the kind of reader that reads them."""
    example = report_from_json((root / "tests/golden/expected/EX03.json").read_bytes())
    report, lines = (report_to_json(example, compact=c).encode() for c in (False, True))
    book = folder / "book"
    book.mkdir()
    with created(book, Settings(), "2026-11-22T10:00:00+00:00"):
        pass
    text, bcf = folder / "seed.vcf", folder / "seed.bcf"
    text.write_bytes(RECORDS)
    pysam.bcftools.view("-Ob", "-o", str(bcf), str(text), catch_stdout=False)
    return {
        "report": [report, lines],
        "results": [gzip.compress(lines, 1, mtime=0)],
        "ledger": [(book / FILE).read_bytes()],
        "table": [(root / "reference/signs.tsv").read_bytes()],
        "clinvar": [CLINVAR],
        "logo": [PNG, SVG],
        "xlsx": [_workbook(folder)],
        "bcf": [bcf.read_bytes()],
    }


def _workbook(folder: Path) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "signs"
    toy = read_table(folder / "toy" / "signs.tsv")
    for cells in (toy.columns, *toy.cells):
        sheet.append(list(cells))
    path = folder / "seed.xlsx"
    book.save(path)
    return path.read_bytes()
