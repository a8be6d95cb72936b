"""The sheet of a folder that another pipeline left: each sample's best file, and its build."""

from pathlib import Path

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.pipeline.finding import Folder, search_folder
from epilepsy_pgx.reference.package import Reference

LENGTHS = {"GRCh38": 248956422, "GRCh37": 249250621}
BLOCKS = '##ALT=<ID=NON_REF,Description="Any other">\n'


def write(path: Path, *samples: str, build: str = "GRCh38", blocks: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    length = f",length={LENGTHS[build]}" if build else ""
    path.write_text(
        f"##fileformat=VCFv4.2\n##contig=<ID=chr1{length}>\n{BLOCKS if blocks else ''}"
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
        + "\t".join(["#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".replace(" ", "\t"), *samples])
        + "\n"
        + "\t".join(["chr1\t1000000\t.\tA\tG\t50\tPASS\t.\tGT", *["0/1"] * len(samples)])
        + "\n"
    )


def rows(found: Folder, folder: Path) -> dict[str, tuple[str, str]]:
    top = folder.resolve()
    return {
        one.sample: (one.path.relative_to(top).as_posix(), str(one.build or "."))
        for one in found.best
    }


SAREK = "variant_calling/{caller}/{name}/{name}.{caller}{end}.vcf"
LAYOUTS: dict[str, tuple[list[str], str]] = {
    "sarek, variants alone": (
        [
            SAREK.format(caller="haplotypecaller", name="S", end=""),
            SAREK.format(caller="haplotypecaller", name="S", end=".filtered"),
            SAREK.format(caller="manta", name="S", end=".diploid_sv"),
            SAREK.format(caller="tiddit", name="S", end=""),
            "annotation/haplotypecaller/S/S.haplotypecaller.filtered_VEP.ann.vcf",
        ],
        "variant_calling/haplotypecaller/S/S.haplotypecaller.filtered.vcf",
    ),
    "sarek, with reference blocks": (
        [
            SAREK.format(caller="haplotypecaller", name="S", end=".filtered"),
            SAREK.format(caller="haplotypecaller", name="S", end=".g"),
        ],
        "variant_calling/haplotypecaller/S/S.haplotypecaller.g.vcf",
    ),
    "DRAGEN": (
        [
            f"S/S.{kind}"
            for kind in (
                *("hard-filtered.vcf", "vcf", "hard-filtered.gvcf", "sv.vcf", "cnv.vcf"),
                *("repeats.vcf", "ploidy.vcf", "targeted.vcf"),
            )
        ],
        "S/S.hard-filtered.gvcf",
    ),
    "DRAGEN, variants alone": (
        ["S/S.vcf", "S/S.hard-filtered.vcf", "S/S.sv.vcf"],
        "S/S.hard-filtered.vcf",
    ),
    "a pair of tumour and normal": (
        ["variant_calling/strelka/T_vs_S/T_vs_S.strelka.vcf", "S.vcf"],
        "S.vcf",
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_best_file_of_a_sample(tmp_path: Path, reference: Reference, layout: str) -> None:
    names, best = LAYOUTS[layout]
    for name in names:
        write(tmp_path / name, "S", blocks=".g" in name)
    found = search_folder(tmp_path, reference)
    assert rows(found, tmp_path) == {"S": (best, "GRCh38")}


def test_what_was_not_taken_is_noted(tmp_path: Path, reference: Reference) -> None:
    write(tmp_path / "a/S.vcf", "S")
    write(tmp_path / "b/S.g.vcf", "S", blocks=True)
    write(tmp_path / "joint.vcf", "S", "T")
    write(tmp_path / "sites.vcf")
    (tmp_path / "bad.vcf").write_text("nothing")
    write(tmp_path / "a|b.vcf", "U")
    found = search_folder(tmp_path, reference)
    assert rows(found, tmp_path) == {"S": ("b/S.g.vcf", "GRCh38"), "T": ("joint.vcf", "GRCh38")}
    noted = "\n".join(found.notes)
    for name in ("a/S.vcf", "joint.vcf", "sites.vcf", "bad.vcf", "a|b.vcf"):
        assert noted.count(f"{tmp_path.resolve()}/{name}") == 1


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38", ""])
def test_the_build_is_what_the_header_proves(
    tmp_path: Path, reference: Reference, build: str
) -> None:
    write(tmp_path / "S.vcf", "S", build=build)
    found = search_folder(tmp_path, reference)
    assert rows(found, tmp_path) == {"S": ("S.vcf", build or ".")}
    assert any("proves no build" in note for note in found.notes) == (not build)


def test_a_name_that_is_no_id_keeps_its_own(tmp_path: Path, reference: Reference) -> None:
    write(tmp_path / "S.vcf", "Müller 1")
    (one,) = search_folder(tmp_path, reference).best
    name, _, alias, _ = one.cells
    assert alias == "Müller 1"
    assert name.isascii()
    assert " " not in name


@pytest.mark.parametrize("made", [False, True])
def test_nothing_to_be_found_is_one_line(tmp_path: Path, reference: Reference, made: bool) -> None:
    folder = tmp_path / "none"
    if made:
        write(folder / "S.sv.vcf", "S")
    with pytest.raises(InputError) as caught:
        search_folder(folder, reference)
    assert len(caught.value.problems) == 1
