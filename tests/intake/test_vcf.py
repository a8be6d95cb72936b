"""What is wrong with a VCF is found before it is read, all at once, with what to do."""

import gzip
import subprocess
import sys

import pysam
import pysam.bcftools
import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.callable import read_callable
from epilepsy_pgx.intake.contigs import load_contig_names
from epilepsy_pgx.intake.vcf import inspect_vcf
from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.toy.vcf import ALL_REFERENCE, LENGTH37, vcf_text, with_records

BUILD = GenomeBuild.GRCH38


def problems(path, ref, build=BUILD):
    with pytest.raises(InputError) as caught:
        inspect_vcf(path, build, ref)
    return {p.check for p in caught.value.problems}


def write(folder, text, name="a.vcf"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def bgzip(path, *, index=True):
    packed = path.with_name(path.name + ".gz")
    pysam.tabix_compress(str(path), str(packed), force=True)
    if index:
        pysam.tabix_index(str(packed), preset="vcf", force=True)
    return packed


@pytest.mark.parametrize(
    ("name", "content", "check"),
    [
        ("missing.vcf", None, "vcf-readable"),
        ("empty.vcf", b"", "vcf-readable"),
        ("notes.vcf", b"Dear colleague,\n", "vcf-readable"),
        ("notes.vcf.gz", gzip.compress(b"Dear colleague,\n", mtime=0), "vcf-readable"),
        ("damaged.vcf.gz", b"\x1f\x8b\x08\x00garbage garbage garbage", "vcf-readable"),
        ("headless.vcf", b"##fileformat=VCFv4.2\n", "vcf-header"),
    ],
)
def test_unreadable(toy, tmp_path, name, content, check):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert problems(path, toy) == {check}


def test_no_sample_column(toy, tmp_path):
    text = "\n".join(
        line.split("\tFORMAT")[0] if line.startswith("#CHROM") else line
        for line in vcf_text().splitlines()
    )
    assert problems(write(tmp_path, text + "\n"), toy) == {"vcf-genotypes"}


def test_sample_twice(toy, tmp_path):
    text = vcf_text("1001 A . GT 0/0 0/0", samples=("S1", "S1"))
    assert problems(write(tmp_path, text), toy) == {"vcf-sample-once"}


def test_wrong_build_by_contig_length(toy, tmp_path):
    path = write(tmp_path, vcf_text(*ALL_REFERENCE, length=LENGTH37))
    assert problems(path, toy) == {"vcf-build"}


def test_unknown_assembly_by_contig_length(toy, tmp_path):
    path = write(tmp_path, vcf_text(*ALL_REFERENCE, length=134758134))
    assert problems(path, toy) == {"vcf-build"}


def test_mixed_contig_styles_and_wrong_build_in_one_go(toy, tmp_path):
    text = vcf_text(*ALL_REFERENCE, length=LENGTH37, extra=("##contig=<ID=10,length=133797422>",))
    assert problems(write(tmp_path, text), toy) == {"vcf-build", "vcf-contig-style"}


@pytest.mark.parametrize("used", ["chr10", "10"])
@pytest.mark.parametrize("length", ["", ",length=133797422"])
@pytest.mark.parametrize("form", ["plain", "vcf.gz", "bcf"])
def test_a_header_with_two_names_of_a_chromosome(toy, tmp_path, used, form, length):
    """The records have one of them: it decides."""
    other = {"chr10": "10", "10": "chr10"}[used]
    path = write(
        tmp_path,
        vcf_text("1001 A G GT 0/1", contig=used, extra=(f"##contig=<ID={other}{length}>",)),
    )
    if form == "vcf.gz":
        pysam.tabix_index(str(path), preset="vcf", force=True, keep_original=True)
        path = path.with_name(path.name + ".gz")
    elif form == "bcf":
        plain, path = path, tmp_path / "v.bcf"
        pysam.bcftools.view("-Ob", "-o", str(path), str(plain), catch_stdout=False)
    found = extract_group([path], None, None, load_targets(toy, BUILD), toy, Thresholds())
    assert found.store.usable()[0, 0].tolist() == [0, 1]


HEADER_LINES = (
    "##just text",
    "##",
    "#a comment before the column names",
    "##pedigreeDB=<http://example.org>",
    '##GATKCommandLine=<ID=ApplyVQSR,CommandLine="x "a b" ",Version="4">',
    '##INFO=<ID=XX,Number=1,Type=String,Description="a "quoted" word">',
    '##INFO=<ID=XX,Number=1,Type=String,Description="a "quoted" word",Source="s",Version="1">',
    '##INFO=<ID=XX,Number=1,Type=String,Description="open>',
    '##INFO=<ID=XX, Number=1, Type=String, Description="spaces">',
    '##contig=<ID="chr9",length=5>',
    *(f"##contig=<ID=chr9,length={n}>" for n in ("", ".", "-1", '"5"', "1,000", "1e9", "9" * 25)),
)


@pytest.mark.parametrize("line", HEADER_LINES)
@pytest.mark.parametrize("packed", [False, True])
def test_header_lines_that_htslib_does_not_take(toy, tmp_path, line, packed):
    """What readers of records do not need harms none."""
    path = write(tmp_path, vcf_text("1001 A G GT 0/1", extra=(line,)))
    if packed:
        pysam.tabix_index(str(path), preset="vcf", force=True, keep_original=True)
        path = path.with_name(path.name + ".gz")
    found = extract_group([path], None, None, load_targets(toy, BUILD), toy, Thresholds())
    assert found.store.usable()[0, 0].tolist() == [0, 1]


@pytest.mark.parametrize("name", ["chr10", "CHR10"])
def test_length_of_the_chromosome_that_is_no_number(toy, tmp_path, name):
    text = vcf_text("1001 A G GT 0/1", contig=name, length=None)
    text = text.replace("#CHROM", f"##contig=<ID={name},length=.>\n##reference=GRCh38\n#CHROM")
    found = extract_group(
        [write(tmp_path, text)], None, None, load_targets(toy, BUILD), toy, Thresholds()
    )
    assert found.store.usable()[0, 0].tolist() == [0, 1]


def test_a_program_in_a_line_that_htslib_does_not_take_ends_phase(toy, tmp_path):
    line = '##GATKCommandLine=<ID=HaplotypeCaller,CommandLine="x "a b" ",Version="4">'
    path = write(tmp_path, vcf_text("1001 A G GT 0|1", extra=(line,)))
    assert inspect_vcf(path, BUILD, toy).physical_phase_only


def test_build_in_an_assembly_tag(toy, tmp_path):
    text = vcf_text(*ALL_REFERENCE, length=None, extra=("##reference=file:///ref/hg19.fa",))
    assert problems(write(tmp_path, text), toy) == {"vcf-build"}


def test_build_by_reference_bases(toy, tmp_path):
    """A header that says nothing is checked by the REF bases of the curated sites."""
    text = vcf_text("1031 C . GT 0/0", "1001 A . GT 0/0", length=None)
    path = write(tmp_path, text)
    assert inspect_vcf(path, BUILD, toy).build_evidence == "none"
    with pytest.raises(InputError, match="vcf-build"):
        extract_group([path], None, None, load_targets(toy, BUILD), toy, Thresholds())


def test_nothing_proves_the_build(toy, tmp_path):
    path = write(tmp_path, vcf_text("500 A . GT 0/0", length=None))
    with pytest.raises(InputError, match="no record at any curated position"):
        extract_group([path], None, None, load_targets(toy, BUILD), toy, Thresholds())


@pytest.mark.parametrize("index", [True, False])
def test_truncated_bgzip(toy, tmp_path, index):
    text = vcf_text(*(f"{p} A G GT 0/1" for p in range(1, 60000, 2)))
    packed = bgzip(write(tmp_path, text), index=index)
    packed.write_bytes(packed.read_bytes()[: packed.stat().st_size // 2])
    assert problems(packed, toy) == {"vcf-complete"}


def test_truncated_gzip(toy, tmp_path):
    path = tmp_path / "a.vcf.gz"
    data = gzip.compress(vcf_text(*(f"{p} A G GT 0/1" for p in range(1, 60000, 2))).encode())
    path.write_bytes(data[: len(data) // 2])
    assert problems(path, toy) == {"vcf-complete"}


@pytest.mark.parametrize(
    "end",
    ["chr10\t1051\t.\tA\tG\t.\tPA", "chr10\t1051\t.\tA\tG\t.\tPASS\t.\tGT:DP\t0", "chr10", "\0\0"],
)
def test_plain_text_that_ends_inside_a_record(toy, tmp_path, end):
    assert problems(write(tmp_path, vcf_text(*ALL_REFERENCE) + end), toy) == {"vcf-complete"}


@pytest.mark.parametrize("end", ["chr10\t1051\t.\tA\tG\t.\tPASS\t.\tGT:DP\t0/1:30", "\n", "\r\n"])
def test_plain_text_that_may_be_whole(toy, tmp_path, end):
    path = write(tmp_path, vcf_text(*ALL_REFERENCE) + end)
    assert inspect_vcf(path, BUILD, toy).samples == ("S1",)


def test_a_cut_line_that_is_longer_than_one_block(toy, tmp_path):
    names = tuple(f"S{i}" for i in range(30000))
    text = vcf_text("1001 A G GT " + " ".join(["0/0"] * 30000), samples=names)
    assert problems(write(tmp_path, text[:-100]), toy) == {"vcf-complete"}
    assert inspect_vcf(write(tmp_path, text[:-1]), BUILD, toy).kind == "vcf"


@pytest.mark.parametrize(
    ("head", "found"),
    [(b"\xef\xbb\xbf", "byte order mark"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")],
)
@pytest.mark.parametrize("packed", [False, True])
def test_marks_before_the_text(toy, tmp_path, head, found, packed):
    data = head + vcf_text(*ALL_REFERENCE).encode()
    path = tmp_path / "a.vcf"
    path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    with pytest.raises(InputError, match=found):
        inspect_vcf(path, BUILD, toy)


def test_header_in_another_encoding(toy, tmp_path):
    path = tmp_path / "a.vcf"
    path.write_bytes(vcf_text(*ALL_REFERENCE, extra=("##source=caf\u00e9",)).encode("latin-1"))
    with pytest.raises(InputError, match=r"not UTF-8 \(byte 0xe9"):
        inspect_vcf(path, BUILD, toy)


@pytest.mark.parametrize(("build", "length"), [("GRCh37", 135534747), ("GRCh38", 133797422)])
@pytest.mark.parametrize("inside", [True, False])
def test_bed_of_another_build(reference, tmp_path, build, length, inside):
    """What begins behind the end of a chromosome was made for another assembly."""
    bed = tmp_path / "c.bed"
    bed.write_text(f"chr10\t5\t90\nchr10\t{length - inside}\t{length + 500}\n")
    names = load_contig_names(reference, GenomeBuild(build))
    if inside:
        assert read_callable(bed, names).covers("10", 6, 90)
    else:
        with pytest.raises(InputError, match=r"c\.bed:2: .*callable-build"):
            read_callable(bed, names)


def test_bed_with_a_byte_order_mark(toy, tmp_path):
    bed = tmp_path / "a.bed"
    bed.write_bytes(b"\xef\xbb\xbfchr10\t0\t2000\n")
    path = write(tmp_path, vcf_text("1001 A G GT 0/1"))
    found = extract_group([path], None, str(bed), load_targets(toy, BUILD), toy, Thresholds())
    assert found.store.alleles[4, 0].tolist() == [0, 0]


def test_a_zero_byte_inside_is_one_clear_line(toy, tmp_path):
    text = vcf_text(*with_records("1001 A G GT 0/1")).replace("chr10\t1011", "chr\x0010\t1011")
    with pytest.raises(InputError, match="vcf-reads") as caught:
        extract_group(
            [write(tmp_path, text)], None, None, load_targets(toy, BUILD), toy, Thresholds()
        )
    (problem,) = caught.value.problems
    assert "stdout" not in problem.found
    assert "\\" not in problem.found


def test_genotypes_that_come_late_and_never(toy, tmp_path, monkeypatch):
    monkeypatch.setattr("epilepsy_pgx.intake.whole.GENOTYPE_WITHIN", 3)
    cn = '##FORMAT=<ID=CN,Number=1,Type=Integer,Description="copies">'
    early = [f"{p} N <DEL> CN 2" for p in (10, 20)]
    text = vcf_text(*early, *ALL_REFERENCE, extra=(cn,))
    assert inspect_vcf(write(tmp_path, text), BUILD, toy).samples == ("S1",)
    assert problems(write(tmp_path, vcf_text(*early, extra=(cn,))), toy) == {"vcf-genotypes"}
    text = vcf_text(*early, "30 N <DEL> CN 2", *ALL_REFERENCE, extra=(cn,))
    assert inspect_vcf(write(tmp_path, text), BUILD, toy).samples == ("S1",)


@pytest.mark.parametrize("form", ["plain", "gzip", "bgzip", "bgzip, index", "stale index", "bcf"])
def test_every_form_gives_the_same_genotypes(toy, tmp_path, form):
    text = vcf_text(*with_records("1001 A G GT:GQ 0/1:50"))
    path = write(tmp_path, text)
    if form == "gzip":
        packed = tmp_path / "b.vcf.gz"
        packed.write_bytes(gzip.compress(path.read_bytes()))
        path = packed
    elif form.startswith("bgzip"):
        path = bgzip(path, index="index" in form)
    elif form == "stale index":
        import os

        path = bgzip(path)
        os.utime(f"{path}.tbi", (1, 1))
        assert not inspect_vcf(path, BUILD, toy).indexed
    elif form == "bcf":
        target = tmp_path / "c.bcf"
        with (
            pysam.VariantFile(str(path)) as reader,
            pysam.VariantFile(str(target), "wb", header=reader.header) as writer,
        ):
            for record in reader:
                writer.write(record)
        path = target
    found = extract_group([path], None, None, load_targets(toy, BUILD), toy, Thresholds())
    assert found.store.alleles[:, 0].tolist() == [[0, 1], [0, 0], [0, 0], [0, 0], [0, 0]]


def test_sample_of_another_name(toy, tmp_path):
    path = write(tmp_path, vcf_text(*ALL_REFERENCE))
    with pytest.raises(InputError, match="vcf-sample"):
        extract_group([path], ["S2"], None, load_targets(toy, BUILD), toy, Thresholds())


def test_one_missing_sample_does_not_stop_the_other(toy, tmp_path):
    path = write(tmp_path, vcf_text(*ALL_REFERENCE))
    found = extract_group([path], ["S1", "S2"], None, load_targets(toy, BUILD), toy, Thresholds())
    assert found.store.samples == ("S1",)
    assert [p.sample for p in found.sample_problems] == ["S2"]


def test_region_files_of_one_sample_are_joined(toy, tmp_path):
    first = write(tmp_path, vcf_text("1001 A G GT 0/1", "1011 C . GT 0/0"), "one.vcf")
    second = write(
        tmp_path, vcf_text("1021 GAA . GT 0/0", "1031 T . GT 0/0", "1041 G . GT 0/0"), "two.vcf"
    )
    targets = load_targets(toy, BUILD)
    found = extract_group([first, second], ["S1"], None, targets, toy, Thresholds())
    assert set(found.store.status[:, 0].tolist()) == {0, 1}


def test_files_that_contradict_each_other_give_no_genotype(toy, tmp_path):
    first = write(tmp_path, vcf_text("1001 A G GT 0/1"), "one.vcf")
    second = write(tmp_path, vcf_text("1001 A G GT 1/1"), "two.vcf")
    targets = load_targets(toy, BUILD)
    found = extract_group([first, second], ["S1"], None, targets, toy, Thresholds())
    assert found.store.reason[0, 0] == 9


def test_columns_are_matched_by_name_in_every_file(toy, tmp_path):
    first = write(tmp_path, vcf_text("1001 A G GT 0/1 0/0", samples=("S1", "S2")), "one.vcf")
    second = write(tmp_path, vcf_text("1041 G A GT 0/0 1/1", samples=("S2", "S1")), "two.vcf")
    targets = load_targets(toy, BUILD)
    found = extract_group([first, second], ["S1", "S2"], None, targets, toy, Thresholds())
    assert found.store.alleles[0].tolist() == [[0, 1], [0, 0]]
    assert found.store.alleles[4].tolist() == [[1, 1], [0, 0]]


def test_all_callable_is_refused_for_what_is_no_whole_genome(toy, tmp_path):
    path = write(tmp_path, vcf_text("1001 A G GT 0/1"))
    with pytest.raises(InputError, match="callable-plausible"):
        extract_group([path], None, "all", load_targets(toy, BUILD), toy, Thresholds())


def test_all_callable_is_believed_where_records_are_near(toy, tmp_path):
    spread = [f"{p} A G GT 0/1" for p in range(1, 20000, 500)]
    text = vcf_text("1001 A G GT 0/1", *spread)
    found = extract_group(
        [write(tmp_path, text)], None, "all", load_targets(toy, BUILD), toy, Thresholds()
    )
    assert found.store.alleles[:, 0].tolist()[1:] == [[0, 0]] * 4
    assert found.callability.text_id == "callability-declared"


def test_reading_a_header_does_not_import_the_heavy_libraries():
    code = "import sys, epilepsy_pgx.cli; print(sorted({'pandas','pysam','cyvcf2','jinja2','numpy'}"
    code += " & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
