"""Population frequencies in INFO: which fields are read, and for which allele."""

from pathlib import Path

import pytest

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.group_checks import missing_frequency_fields
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.infofrequency import OWN_COUNTS, refuse_own_counts
from epilepsy_pgx.variants.record import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild

HEAD = (
    "##fileformat=VCFv4.2\n##contig=<ID=2,length=242193529>\n"
    '##INFO=<ID=gnomADe_AF,Number=A,Type=Float,Description="x">\n'
    '##INFO=<ID=AF,Number=A,Type=Float,Description="x">\n'
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|SYMBOL|gnomADg_AF">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
)


@pytest.mark.parametrize("name", sorted({*OWN_COUNTS, "af", "Ac"}))
def test_the_files_own_counts_are_no_population(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Thresholds(frequency_fields=("gnomADe_AF", name))
    (problem,) = caught.value.problems
    assert problem.found == repr(name)
    assert "samples of the file itself" in problem.fix


def test_named_populations_are_fields() -> None:
    refuse_own_counts(["gnomADe_AF", "AF_popmax", "CSQ:gnomADg_AF", "1000G_AF"])


@pytest.mark.parametrize(
    ("fields", "info", "alt", "expected"),
    [
        (("gnomADe_AF",), "gnomADe_AF=0.25", "T", [("gnomADe_AF", "0.25")]),
        (("gnomADe_AF",), "gnomADe_AF=0.5,0.25", "G,T", [("gnomADe_AF", "0.25")]),
        (("gnomADe_AF",), "gnomADe_AF=.", "T", []),
        (("gnomADe_AF",), "AF=0.25", "T", []),
        ((), "gnomADe_AF=0.25", "T", []),
        (("gnomADg_AF",), "CSQ=T|SCN1A|0.5", "T", [("CSQ:gnomADg_AF", "0.5")]),
        (("CSQ:gnomADg_AF",), "CSQ=T|SCN1A|0.5,G|X|0.1", "T", [("CSQ:gnomADg_AF", "0.5")]),
        (("nowhere",), "gnomADe_AF=0.25", "T", []),
        # Named, and used for nothing.
        (("CSQ:gnomADg_AF",), "CSQ=T|SCN1A|often", "T", [("CSQ:gnomADg_AF", "often")]),
        (("CSQ:gnomADg_AF",), "CSQ=T|SCN1A|7", "T", [("CSQ:gnomADg_AF", "7")]),
        (("CSQ:gnomADg_AF",), "CSQ=T|SCN1A|.&.", "T", []),
    ],
)
def test_each_allele_has_its_own(
    tmp_path: Path,
    package: Reference,
    fields: tuple[str, ...],
    info: str,
    alt: str,
    expected: list[tuple[str, str]],
) -> None:
    path = tmp_path / "x.vcf"
    carried = alt.count(",") + 1
    line = f"2\t166036278\t.\tC\t{alt}\t50\tPASS\t{info}\tGT\t0/{carried}\n"
    path.write_text(HEAD + line, encoding="utf-8")
    targets = load_targets(package, GenomeBuild.GRCH38)
    found = extract_group([path], None, None, targets, package, Thresholds(frequency_fields=fields))
    (variant,) = [v for v in found.observed if v.key.alt == "T"]
    assert [*variant.info_frequencies] == expected


def test_a_field_that_no_file_has_is_named() -> None:
    assert missing_frequency_fields([], ["gnomADe_AF"])[0].count("gnomADe_AF") == 1
