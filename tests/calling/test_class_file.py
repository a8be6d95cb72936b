"""What a laboratory reads of each fault in its file of classes: the whole line."""

from pathlib import Path

import pytest

from epilepsy_pgx.calling.class_file import read_classifications
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.vocabulary import GenomeBuild

FAULTS = Path(__file__).resolve().parents[1] / "oracles/class_faults.tsv"
"""The cells of a file, and what is said of it: `line: column: found …`.

`{base}` is the base of the reference genome at the place, `{other}` another one. Rows under the
same header stand one after another in a file that is cut short at its end, so that the lines on
rows in doubt are printed too.
"""
CASES = [line.split("\t") for line in FAULTS.read_text(encoding="utf-8").splitlines()[1:]]


@pytest.mark.parametrize(("header", "cells", "said"), CASES)
def test_every_fault_says_where_what_and_what_to_do(
    tmp_path: Path,
    toy: Reference,
    toy_source: SequenceSource,
    genome: str,
    header: str,
    cells: str,
    said: str,
) -> None:
    base = genome[399]
    row = cells.replace("{base}", base).replace("{other}", "A" if base != "A" else "C")
    path = tmp_path / "classes.tsv"
    text = "\n".join([header, row, "cut short"])
    path.write_text(text.replace("|", "\t") + "\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_classifications(path, GenomeBuild.GRCH38, toy, toy_source, "2026-11-28")
    lines = [str(p).removeprefix(f"{path}:") for p in caught.value.problems]
    assert [line for line in lines if "[classes-cells]" not in line] == said.split("|")
