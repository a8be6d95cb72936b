"""Absence is believed only where the records were reachable: indexes, names, declared regions."""

import gzip
import os
import shutil
import struct
import zlib
from pathlib import Path

import pysam
import pysam.bcftools
import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.contigs import load_contig_names
from epilepsy_pgx.intake.vcf import inspect_vcf
from epilepsy_pgx.intake.whole import BGZF_END
from epilepsy_pgx.pipeline.extract import Extraction, extract_group
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.rows import Contig
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.toy.package import write_toy
from tests.toy.vcf import vcf_text

BUILD = GenomeBuild.GRCH38
CARRIED = "1001 A G GT 0/1"
FORMS = ("vcf.gz tbi", "vcf.gz csi", "bcf csi")


def lines_on(contig: str, positions, ref: str = "A") -> list[str]:
    return [f"{contig}\t{p}\t.\t{ref}\tG\t.\tPASS\t.\tGT\t0/1" for p in positions]


def header(*contigs: str) -> str:
    text = vcf_text(extra=tuple(f"##contig=<ID={c}>" for c in contigs))
    return text


def old_text() -> str:
    """Return the earlier version of the file: nothing on the chromosome of the gene."""
    return header("chr9") + "\n".join(lines_on("chr9", range(100, 2000, 10))) + "\n"


def new_text() -> str:
    """Return the file: one variant on the chromosome of the gene."""
    rows = [*lines_on("chr9", range(100, 2000, 10)), *lines_on("chr10", [1001])]
    return header("chr9") + "\n".join(rows) + "\n"


def stored(folder: Path, text: str, form: str, *, index: bool = True) -> tuple[Path, Path]:
    """Store a VCF; return it and its index."""
    suffix, kind = form.split()
    plain = folder / "plain.vcf"
    plain.write_text(text)
    path = folder / f"v.{suffix}"
    if suffix == "bcf":
        pysam.bcftools.view("-Ob", "-o", str(path), str(plain), catch_stdout=False)
    else:
        pysam.tabix_compress(str(plain), str(path), force=True)
    beside = Path(f"{path}.{kind}")
    if index:
        preset = "bcf" if suffix == "bcf" else "vcf"
        pysam.tabix_index(str(path), preset=preset, csi=kind == "csi", force=True)
    return path, beside


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """Nothing is wanted but chromosome 10."""
    return write_toy(tmp_path_factory.mktemp("toy"), coding=False)


def read(toy, path: Path | list[Path], covers: str | None = None) -> Extraction:
    paths = path if isinstance(path, list) else [path]
    return extract_group(paths, None, covers, load_targets(toy, BUILD), toy, Thresholds())


def codes(found: Extraction) -> list[int]:
    return found.store.usable()[0, 0].tolist()


@pytest.fixture
def bed(tmp_path):
    path = tmp_path / "callable.bed"
    path.write_text("chr10\t900\t1100\n")
    return str(path)


@pytest.mark.parametrize("form", FORMS)
def test_an_index_of_these_bytes_is_used(toy, tmp_path, capsys, bed, form):
    path, _ = stored(tmp_path, new_text(), form)
    assert inspect_vcf(path, BUILD, toy).indexed
    assert codes(read(toy, path, bed)) == [0, 1]
    assert "index" not in capsys.readouterr().err


def _other_file(path: Path, index: Path, folder: Path) -> None:
    form = path.name[2:] + " " + index.suffix[1:]
    (folder / "old").mkdir()
    _, old = stored(folder / "old", old_text(), form)
    shutil.copy(old, index)


def _other_kind(path: Path, index: Path, folder: Path) -> None:
    (folder / "old").mkdir()
    form = "vcf.gz tbi" if path.suffix == ".bcf" else "bcf csi"
    _, other = stored(folder / "old", new_text(), form)
    shutil.copy(other, index)


def _bed_index(path: Path, index: Path, folder: Path) -> None:
    bed = folder / "other.bed"
    bed.write_text("chr9\t1\t2\nchr10\t1\t2\n")
    packed = pysam.tabix_index(str(bed), preset="bed", csi=index.suffix == ".csi")
    shutil.copy(packed + index.suffix, index)


def _in_place(change):
    def damage(path: Path, index: Path, folder: Path) -> None:
        index.write_bytes(change(index.read_bytes()))

    return damage


def _unpacked(change):
    """Change the content of an index, and pack it again."""
    return _in_place(lambda data: gzip.compress(change(gzip.decompress(data)), mtime=0))


def _appended(path: Path, index: Path, folder: Path) -> None:
    """Append to the file what the index does not know."""
    (folder / "more").mkdir()
    more, _ = stored(
        folder / "more", new_text(), path.name[2:] + " " + index.suffix[1:], index=False
    )
    # As `cat` joins two files whose first has no header to repeat.
    rows = "\n".join(lines_on("chr10", [1002, 1003])) + "\n"
    if path.suffix == ".gz":
        target = folder / "rows.gz"
        (folder / "rows").write_text(rows)
        pysam.tabix_compress(str(folder / "rows"), str(target))
        path.write_bytes(path.read_bytes() + target.read_bytes())
    else:
        data = gzip.decompress(more.read_bytes())
        size = struct.unpack_from("<I", data, 5)[0] + 9
        path.write_bytes(path.read_bytes() + bgzf(data[size:]) + BGZF_END)


def bgzf(data: bytes, level: int = 0) -> bytes:
    """Pack bytes as BGZF without an end mark."""
    packed = b""
    for at in range(0, len(data), 30000):
        part = data[at : at + 30000]
        deflate = zlib.compressobj(level, zlib.DEFLATED, -15)
        body = deflate.compress(part) + deflate.flush()
        head = bytes.fromhex("1f8b08040000000000ff0600424302 00".replace(" ", ""))
        packed += head + struct.pack("<H", len(body) + 25) + body
        packed += struct.pack("<II", zlib.crc32(part), len(part))
    return packed


DAMAGES = {
    "of an earlier version": _other_file,
    "of another kind of file": _other_kind,
    "of a BED": _bed_index,
    "empty": _in_place(lambda data: b""),
    "cut": _in_place(lambda data: data[: len(data) // 2]),
    "cut at its end": _in_place(lambda data: data[:-40]),
    "one bit": _in_place(lambda data: data[:60] + bytes([data[60] ^ 16]) + data[61:]),
    "text": _in_place(lambda data: b"chr10\t1\n"),
    "other bytes": _unpacked(lambda data: data[:90] + bytes(len(data) - 90)),
    "content cut": _unpacked(lambda data: data[: len(data) // 2]),
    "large numbers": _unpacked(lambda data: data[:-60] + b"\xff\xff\xff\x7f" * 15),
    "nothing in it": _unpacked(lambda data: b""),
    "appended records": _appended,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_another_index_is_not_believed(toy, tmp_path, capsys, bed, form, damage):
    """Its time says nothing: it is newer than the file."""
    path, index = stored(tmp_path, new_text(), form)
    before = index.read_bytes()
    DAMAGES[damage](path, index, tmp_path)
    later = path.stat().st_mtime + 5
    os.utime(index, (later, later))
    if index.read_bytes() == before and damage != "appended records":
        pytest.fail("nothing was damaged")
    assert codes(read(toy, path, bed)) == [0, 1]
    said = capsys.readouterr().err
    assert f"{index}: the index is not used, as it" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("rows", [5, 12_000])
def test_an_index_that_lists_more_than_the_file_holds(toy, tmp_path, bed, form, rows):
    """The file was written again with fewer chromosomes: its first blocks are those of before."""
    kept = header("chr9", "chr10") + "\n".join(lines_on("chr9", range(100, 100 + rows))) + "\n"
    more = "\n".join(lines_on("chr10", range(1001, 1001 + rows))) + "\n"
    path, index = stored(tmp_path, kept + more, form)
    old = index.read_bytes()
    stored(tmp_path, kept, form, index=False)
    index.write_bytes(old)
    later = path.stat().st_mtime + 5
    os.utime(index, (later, later))
    assert not inspect_vcf(path, BUILD, toy).indexed
    with pytest.raises(InputError, match="vcf-build"):
        read(toy, path)


@pytest.mark.parametrize("kind", ["tbi", "csi"])
@pytest.mark.parametrize(
    ("was", "now"), [("chr1\t1001\t.x", "chr10\t1001\t."), ("chr10\t1901\t.", "chr10\t1001\t.")]
)
def test_records_replaced_by_others_of_the_same_size(toy, tmp_path, bed, kind, was, now):
    """The file has the same bytes but for one record: sizes and offsets agree."""

    def text(line: str) -> str:
        rows = "\n".join(lines_on("chr9", range(100, 2000, 10)))
        return header("chr9", "chr1") + rows + f"\n{line}\tA\tG\t.\tPASS\t.\tGT\t0/1\n"

    path = tmp_path / "v.vcf.gz"
    path.write_bytes(bgzf(text(was).encode()) + BGZF_END)
    pysam.tabix_index(str(path), preset="vcf", csi=kind == "csi", force=True)
    path.write_bytes(bgzf(text(now).encode()) + BGZF_END)
    os.utime(f"{path}.{kind}", (path.stat().st_mtime + 5,) * 2)
    assert codes(read(toy, path, bed)) == [0, 1]


def test_a_sound_index_beside_a_broken_one_is_used(toy, tmp_path, bed):
    path, index = stored(tmp_path, new_text(), "vcf.gz tbi")
    Path(f"{path}.csi").write_bytes(b"broken")
    assert inspect_vcf(path, BUILD, toy).index == index
    assert codes(read(toy, path, bed)) == [0, 1]


def test_many_blocks_and_bins(toy, tmp_path):
    """An index of a file of many blocks holds; with a record less it does not."""
    rows = [
        *lines_on("chr9", range(1, 4_000_000, 200)),
        *lines_on("chr10", [1001]),
        *lines_on("chr10", range(2000, 4_000_000, 200)),
    ]
    text = header("chr9") + "\n".join(rows) + "\n"
    for form in FORMS:
        folder = tmp_path / form.replace(" ", "")
        folder.mkdir()
        path, index = stored(folder, text, form)
        assert inspect_vcf(path, BUILD, toy).indexed
        sound = index.read_bytes()
        shorter, _ = stored(
            folder,
            "\n".join(x for x in text.split("\n") if not x.startswith("chr9\t200001\t")),
            form,
            index=False,
        )
        index.write_bytes(sound)
        assert not inspect_vcf(shorter, BUILD, toy).indexed


@pytest.mark.parametrize("form", ["plain", "gzip", "bgzip", "bcf"])
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
def test_records_out_of_order_are_all_read(toy, tmp_path, form, order):
    rows = [
        *lines_on("chr10", [1001]),
        *lines_on("chr10", [1011], "C"),
        *lines_on("chr10", [1041], "G"),
        *lines_on("chr9", [5]),
    ]
    rows[1] = rows[1].replace("\tG\t", "\tCTT\t")
    rows[2] = rows[2].replace("\tG\tG\t", "\tG\tA\t")
    text = header("chr9") + "\n".join(rows[i] for i in order) + "\n"
    path = tmp_path / "v.vcf"
    path.write_text(text)
    if form == "gzip":
        path = tmp_path / "v.vcf.gz"
        path.write_bytes(gzip.compress(text.encode(), mtime=0))
    elif form != "plain":
        path, _ = stored(tmp_path, text, "bcf csi" if form == "bcf" else "vcf.gz tbi", index=False)
    found = read(toy, path).store.usable()[:, 0]
    assert found[[0, 1, 4]].tolist() == [[0, 1]] * 3


NAMES = ["chr10", "10", "Chr10", "CHR10", "NC_000010.11", "CM000672.2"]


@pytest.mark.parametrize(
    ("declared", "form", "used"),
    [
        *((declared, "plain", used) for declared in (*NAMES, None) for used in NAMES),
        *(("chr10", "vcf.gz tbi", used) for used in NAMES),
        *((None, "vcf.gz csi", used) for used in NAMES),
        # A BCF has no record on a contig that its header lacks.
        *((name, "bcf csi", name) for name in NAMES),
    ],
)
def test_the_names_of_the_records_decide(toy, tmp_path, bed, declared, used, form):
    text = vcf_text(
        CARRIED, contig=declared or "chr9", length=None, extra=("##reference=GRCh38",)
    ).replace("\n" + (declared or "chr9") + "\t", f"\n{used}\t")
    if form == "plain":
        path = tmp_path / "v.vcf"
        path.write_text(text)
    else:
        path, _ = stored(tmp_path, text, form)
    assert codes(read(toy, path, bed)) == [0, 1]


@pytest.mark.parametrize("name", NAMES)
def test_the_names_of_a_bed(toy, tmp_path, name):
    path, bed = tmp_path / "v.vcf", tmp_path / "a.bed"
    path.write_text(vcf_text("1041 G A GT 0/1"))
    bed.write_text(f"{name}\t900\t1100\nchr3\t1\t9\nchrUn_KI270742v1\t1\t9\n")
    assert codes(read(toy, path, str(bed))) == [0, 0]


@pytest.mark.parametrize("name", ["chrom_ten", "NC_000010.10", "CM000672.1", "chr10 ", "lambda"])
def test_unknown_names_of_a_bed_are_listed(toy, tmp_path, name):
    path, bed = tmp_path / "v.vcf", tmp_path / "a.bed"
    path.write_text(vcf_text(CARRIED))
    bed.write_text(f"chr10\t900\t1100\n{name}\t900\t1100\n")
    with pytest.raises(InputError, match="contigs of unknown name: ") as caught:
        read(toy, path, str(bed))
    (problem,) = caught.value.problems
    assert name in problem.found
    assert problem.line == 2


@pytest.mark.parametrize("covers", [True, False])
@pytest.mark.parametrize("names", [["ten"], ["10_chr", "chr9"], ["CM000672", "hs37d5"]])
@pytest.mark.parametrize("form", ["plain", "vcf.gz tbi", "bcf csi"])
def test_a_chromosome_that_may_hide_under_an_unknown_name(toy, tmp_path, bed, covers, names, form):
    rows = [row for name in names for row in lines_on(name, [1001])]
    text = vcf_text(extra=("##reference=GRCh38", *(f"##contig=<ID={n}>" for n in names)))
    if form == "plain":
        path = tmp_path / "v.vcf"
        path.write_text(text + "\n".join(rows) + "\n")
    else:
        path, _ = stored(tmp_path, text + "\n".join(rows) + "\n", form)
    with pytest.raises(InputError, match="vcf-contigs") as caught:
        read(toy, path, bed if covers else None)
    assert f"contigs of unknown name: {names[0]}" in caught.value.problems[0].found
    assert "chromosome 10" in caught.value.problems[0].found


def test_an_unknown_name_beside_what_is_needed_is_told(toy, tmp_path, capsys):
    path = tmp_path / "v.vcf"
    path.write_text(vcf_text(CARRIED) + "\n".join(lines_on("plasmid", [5])) + "\n")
    assert codes(read(toy, path)) == [0, 1]
    assert "not read: plasmid" in capsys.readouterr().err


def test_one_chromosome_under_two_names(toy, tmp_path):
    path = tmp_path / "v.vcf"
    path.write_text(vcf_text(CARRIED) + "\n".join(lines_on("10", [1041], "G")) + "\n")
    with pytest.raises(InputError, match="vcf-contig-style"):
        read(toy, path)


def test_files_of_one_chromosome_each_are_judged_together(toy, tmp_path, bed):
    one, two = tmp_path / "9.vcf", tmp_path / "10.vcf"
    one.write_text(header("chr9") + "\n".join(lines_on("chr9", [5])) + "\n")
    two.write_text(vcf_text(CARRIED, contig="10"))
    assert codes(read(toy, [one, two], bed)) == [0, 1]


@pytest.mark.parametrize("form", ["plain", *FORMS])
def test_a_header_alone_is_refused(toy, tmp_path, form):
    path = tmp_path / "v.vcf"
    path.write_text(vcf_text())
    if form != "plain":
        path, _ = stored(tmp_path, vcf_text(), form)
    with pytest.raises(InputError, match="vcf-records"):
        read(toy, path)


@pytest.mark.parametrize(("bases", "refused"), [(10_000, True), (9_999, False)])
@pytest.mark.parametrize("form", ["plain", *FORMS])
def test_a_declared_chromosome_without_a_record(toy, tmp_path, capsys, form, bases, refused):
    text = header("chr9") + "\n".join(lines_on("chr9", [5])) + "\n"
    path, bed = tmp_path / "v.vcf", tmp_path / "a.bed"
    path.write_text(text)
    if form != "plain":
        path, _ = stored(tmp_path, text, form)
    bed.write_text(f"chr10\t0\t5000\nchr10\t6000\t{1000 + bases}\n")
    if refused:
        with pytest.raises(InputError, match="callable-no-record") as caught:
            read(toy, path, str(bed))
        assert "no record on chromosome 10" in caught.value.problems[0].found
        return
    assert codes(read(toy, path, str(bed))) == [0, 0]
    assert f"the {bases} bases" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    [
        "chrM",
        "MT",
        "26",
        "chrUn_KI270742v1",
        "chr1_KI270706v1_random",
        "chr6_GL000250v2_alt",
        "chr10_KN196480v1_fix",
        "chrUn_JTFH01000001v1_decoy",
        "hs37d5",
        "GL000191.1",
        "KI270728.1",
        "chr6_cox_hap2",
        "chr1_gl000191_random",
        "HLA-A*01:01:01:01",
        "chrEBV",
        "NC_007605",
        "phiX174",
        "NT_187633.1",
        "NW_009646201.1",
        "CHR_HSCHR6_MHC_APD_CTG1",
        "HG1_PATCH",
        "CMV",
        "HPV16",
        "HCV-1",
        "25",
        "XY",
        "0",
        "NC_012920.1",
        "chrUn_gl000211",
        "1_KI270706v1_random",
    ],
)
def test_contigs_of_the_usual_references(reference, name):
    names = load_contig_names(reference, BUILD)
    assert names.is_other(name)
    assert names.chrom(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "chr10_maternal",
        "chr10_RagTag",
        "HG002#1#chr10",
        "chr10_hap1",
        "contig_10",
        "NC_060934.1",
        "ten",
        "CP068268.2",
        "HG002_chr10",
        "chr10a",
        "chr100",
        "HSCHR10",
        "NC_000010",
    ],
)
@pytest.mark.parametrize("build", GenomeBuild)
def test_names_that_may_be_chromosomes_are_not_known(reference, name, build):
    names = load_contig_names(reference, build)
    assert not names.is_other(name)
    assert names.chrom(name) is None


@pytest.mark.parametrize("build", GenomeBuild)
def test_every_chromosome_has_its_names(reference, build):
    names = load_contig_names(reference, build)
    accessions = {r.chrom: r.refseq for r in reference.rows(Contig) if r.build == build}
    for chrom, refseq in accessions.items():
        for name in (chrom, f"chr{chrom}", f"CHR{chrom}", refseq):
            assert names.chrom(name) == chrom
            assert not names.is_other(name)
    assert [names.chrom(x) for x in ("23", "chr23", "24", "01", "chr01")] == [
        "X",
        "X",
        "Y",
        "1",
        "1",
    ]
    for number, chrom in enumerate(accessions, 0):
        last = {"GRCh37": 1, "GRCh38": 2}[build]
        assert names.chrom(f"CM{663 + number:06d}.{last}") in accessions, chrom


@pytest.mark.parametrize("length", [0, 1, 2**29, 2**29 - 1, 2**31 - 1, 133_797_421, 94_942_291])
def test_lengths_that_prove_nothing(toy, reference, tmp_path, length):
    path = tmp_path / "v.vcf"
    text = vcf_text(CARRIED, length=None)
    path.write_text(text.replace("ID=chr10>", f"ID=chr10,length={length}>"))
    assert inspect_vcf(path, BUILD, reference).build_evidence == "none"


@pytest.mark.parametrize(
    ("length", "build"),
    [
        (134_758_134, BUILD),
        (135_374_737, BUILD),
        (135_534_747, BUILD),
        (133_797_423, BUILD),
        (133_797_422, GenomeBuild.GRCH37),
        (134_758_134, GenomeBuild.GRCH37),
    ],
)
def test_lengths_of_other_assemblies(reference, tmp_path, length, build):
    path = tmp_path / "v.vcf"
    path.write_text(vcf_text(CARRIED, length=length))
    with pytest.raises(InputError, match="vcf-build"):
        inspect_vcf(path, build, reference)
