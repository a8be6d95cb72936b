"""The readers of the software, each as a function of one file."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.callable import read_callable
from epilepsy_pgx.intake.phenopacket import read_phenopacket_file
from epilepsy_pgx.intake.sheet import read_sheet
from epilepsy_pgx.intake.vcf import contig_spellings, inspect_vcf
from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.predict import Predictor, RunSettings
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.vcftext import write_declared
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.fuzz.seeds import HLA, OUTSIDE, PACKET, SHEET

BUILD = GenomeBuild.GRCH38
RENEWED = 5000
"""Predictors keep what they have read; after so many files a new one is made."""


class Readers:
    """Reads files of each kind with everything else in order."""

    def __init__(self, ref: Reference, root: Path, folder: Path) -> None:
        """Prepare a patient whose other files are right."""
        self._ref, self._folder = ref, folder
        for name, text in (("hla.tsv", HLA), ("calls.tsv", OUTSIDE), ("packet.json", PACKET)):
            (folder / name).write_bytes(text)
        sheet = folder / "samples.tsv"
        sheet.write_bytes(b"\n".join(SHEET.split(b"\n")[:2]) + b"\n")
        self._row = replace(
            read_sheet(sheet, ref).rows[0], hla=None, outside_calls=(), classifications=None
        )
        self._names = contig_spellings(ref, BUILD)
        source = root / "examples/vcf/EX01.vcf.gz"
        self._extraction = extract_group(
            [source], None, None, load_targets(ref, BUILD), ref, Thresholds()
        )
        self._regions = folder / "regions.bed"
        self._regions.write_text("chr10\t94770000\t94850000\nchr2\t165990000\t166150000\n")
        self._used = 0
        self._renew()

    def _renew(self) -> None:
        self._predictor = Predictor(self._ref, RunSettings(created="2026-11-22"))

    def _with(self) -> Predictor:
        self._used += 1
        if self._used % RENEWED == 0:
            self._renew()
        return self._predictor

    def _records(self, path: Path) -> None:
        with path.open("rb") as lines:
            try:
                write_declared(
                    (line.rstrip(b"\r\n") for line in lines),
                    str(self._regions),
                    str(self._folder / "cut.vcf"),
                )
            except ValueError as error:
                raise InputError.one("records", found=str(error)) from None

    def all(self) -> dict[str, Callable[[Path], object]]:
        """Return the readers by the kind of their files."""
        return {
            "sheet": lambda path: read_sheet(path, self._ref),
            "packet": lambda path: read_phenopacket_file(path, self._ref),
            "hla": lambda path: self._with()._side_files.outside(replace(self._row, hla=path)),
            "outside": lambda path: self._with()._side_files.outside(
                replace(self._row, outside_calls=(path,))
            ),
            "classes": lambda path: self._with()._side_files.classes(
                replace(self._row, classifications=path), BUILD, self._extraction.targets.sequences
            ),
            "bed": lambda path: read_callable(path, self._names),
            "vcf": lambda path: inspect_vcf(path, BUILD, self._ref),
            "records": self._records,
        }
