"""Phase and classes, from the records and the class file to page one."""

import json

import pytest

from tests.command import run

HEAD = """##fileformat=VCFv4.2
##contig=<ID=chr2,length=242193529>
##contig=<ID=chr10,length=133797422>
##contig=<ID=chr15,length=101991189>
##INFO=<ID=CLNSIG,Number=.,Type=String,Description="class">
##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">
"""
PLACES = (
    ("chr10", 94842866, "A", "G"),
    ("chr15", 89323426, "C", "G"),
    ("chr15", 89327201, "C", "T"),
)
"""A position of CYP2C9, and two pathogenic variants of POLG."""
CIS = (("chr10", 94842866, "A", "G"), ("chr15", 89325639, "G", "A"), ("chr15", 89330184, "G", "A"))
"""The same with the two variants of a haplotype that the tables know."""


def start(folder, samples, places=PLACES, classes="", info="."):
    """Run samples, given as genotypes at the places; return exit code, stderr and reports."""
    lines = ["\t".join("#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split() + [*samples])]
    for number, (chrom, pos, ref, alt) in enumerate(places):
        calls = [calls[number] for calls in samples.values()]
        lines.append("\t".join([chrom, str(pos), ".", ref, alt, ".", "PASS", info, "GT", *calls]))
    (folder / "v.vcf").write_text(HEAD + "\n".join(lines) + "\n")
    sheet = ["sample_id\tvcf\tbuild\tcurrent_drugs" + ("\tclassifications" if classes else "")]
    sheet += [f"{s}\tv.vcf\tGRCh38\tvalproate" + ("\tc.tsv" if classes else "") for s in samples]
    (folder / "s.tsv").write_text("\n".join(sheet) + "\n")
    (folder / "c.tsv").write_text(classes)
    done = run(
        "run",
        "--samples",
        folder / "s.tsv",
        "--vcf",
        folder / "v.vcf",
        "--build",
        "GRCh38",
        "--out",
        folder / "o",
        "--date",
        "2026-11-27",
        "--formats",
        "json,html",
    )
    assert "Traceback" not in done.stderr
    assert "software-fault" not in done.stderr
    reports = {p.stem: json.loads(p.read_text()) for p in (folder / "o").rglob("reports/**/*.json")}
    return done, reports


def states(report):
    """Return the ids of what is said about valproate."""
    (drug,) = [d for d in report["interpretation"]["drugs"] if d["drug"] == "valproate"]
    return {s["text_id"] for s in drug["statements"]}


BIALLELIC = {"rule-polg-biallelic-valproate", "rule-polg-possible-valproate"}


def test_two_polg_alleles_until_phase_says_otherwise(tmp_path):
    _, reports = start(
        tmp_path,
        {
            "whole": ("0|1", "0|1", "0|1"),
            "trans": ("0|1", "0|1", "1|0"),
            "mixed": ("0/1", "0|1", "0|1"),
            "none": ("0/1", "0/1", "0/1"),
            "half": ("0|1", "0|1", "0/1"),
            "home": ("1|1", "0|1", "0/1"),
        },
    )
    two = {name for name, report in reports.items() if states(report) & BIALLELIC}
    assert two == {"trans", "mixed", "none", "half", "home"}


def warnings(report):
    return [w["text"] for w in report["warnings"]]


def page_one(folder, sample):
    (page,) = folder.rglob(f"{sample}.html")
    return page.read_text().split('class="annex"')[0]


def test_a_known_haplotype_is_said_where_its_phase_is_not_shown(tmp_path):
    _, reports = start(
        tmp_path,
        {
            "none": ("0/1", "0/1", "0/1"),
            "whole": ("0|1", "0|1", "0|1"),
            "trans": ("0|1", "0|1", "1|0"),
            "one": ("0/1", "0/1", "0/0"),
            "mixed": ("0/1", "0|1", "0|1"),
            "apart": ("0/1", "0|1", "1|0"),
        },
        CIS,
        "hgvs\tclass\tdate\tlaboratory\nNM_002693.3:c.1760C>T\tP\t.\tLab\n"
        "NM_002693.3:c.752C>T\tP\t.\tLab\n",
    )
    said = {n for n, r in reports.items() if any("one allele" in w for w in warnings(r))}
    assert said == {"none", "mixed", "apart"}
    assert "long reads" in page_one(tmp_path, "none")
    assert not states(reports["none"]) & BIALLELIC
    assert states(reports["trans"]) & BIALLELIC


ROWS = [
    # row of the file, what page one says
    ("GRCh38\t11\t119092459\tC\tT\t.", "11-119092459-C-T"),
    (".\t.\t.\t.\t.\tNM_000190.4:c.500G>A", "NM_000190.4:c.500G>A"),
    (".\t.\t.\t.\t.\tNM_002693.2:c.2243G>C", "NM_002693.2:c.2243G>C"),
    (".\t.\t.\t.\t.\tPOLG:p.Trp748Ser", "POLG:p.Trp748Ser"),
    (".\t.\t.\t.\t.\tW748S", "W748S"),
    (".\t.\t.\t.\t.\tNM_002693.3:c.2243A>C", "NM_002693.3:c.2243A>C"),
    ("GRCh37\t15\t89866657\tC\tG\t.", "15-89866657-C-G"),
    ("GRCh38\t15\t89323426\tA\tG\t.", "15-89323426-A-G"),
    ("GRCh38\t2\t166052882\tG\tA\t.", "2-166052882-G-A"),
]


@pytest.mark.parametrize("word", ["Pathogenic", "LP", "benign"])
def test_every_class_that_is_not_used_as_written_stands_on_page_one(tmp_path, word):
    table = "build\tchrom\tpos\tref\talt\thgvs\tclass\tdate\tlaboratory\tsample_id\n"
    for row, _ in ROWS:
        table += f"{row}\t{word}\t2026-01-01\tLab\tP1\n"
    done, reports = start(tmp_path, {"P1": ("0/1", "0/1", "0/0")}, classes=table)
    assert done.returncode == 0
    for line, (_, name) in enumerate(ROWS, 2):
        (said,) = [w for w in warnings(reports["P1"]) if f"c.tsv:{line}:" in w]
        assert name in said
        assert ("was not used" in said) or ("was applied to POLG" in said and word != "benign")
    assert "c.tsv:2:" in page_one(tmp_path, "P1")


def test_a_list_of_a_laboratory_is_counted(tmp_path):
    table = "build\tchrom\tpos\tref\talt\tclass\tdate\tlaboratory\n"
    for n in range(40):
        table += f"GRCh38\t2\t{166000000 + n}\tA\tC\t{'P' if n % 2 else 'B'}\t.\tLab\n"
    _, reports = start(tmp_path, {"P1": ("0/1", "0/0", "0/0")}, classes=table)
    said = [w for w in warnings(reports["P1"]) if "c.tsv" in w]
    assert len(said) == 4
    assert "37 more classes" in said[-1]
    assert "17 of them" in said[-1]


def test_a_row_fails_its_own_patient(tmp_path):
    done, reports = start(
        tmp_path,
        {"P1": ("0/1", "0/1", "0/0"), "P2": ("0/1", "0/1", "0/0")},
        classes="hgvs\tclass\tdate\tlaboratory\tsample_id\n"
        "NM_002693.3:c.2243G>C\tPathogenic\t2026-01-01\tLab\tP1\n"
        "NM_002693.3:c.2243G>C\tsevere\t2026-01-01\tLab\tP2\n"
        "NM_002693.3:c.2243A>C\tPathogenic\t2026-01-01\tLab\tP3\n",
    )
    assert (done.returncode, set(reports)) == (3, {"P1"})
    assert "classes-class" in done.stderr
    assert "c.tsv: warning" in done.stderr
    assert not [w for w in warnings(reports["P1"]) if "c.tsv" in w]


def test_two_classes_of_one_variant_are_named(tmp_path):
    _, reports = start(
        tmp_path,
        {"P1": ("0/1", "0/1", "0/0")},
        classes="hgvs\tclass\tdate\tlaboratory\n"
        "NM_002693.3:c.2243G>C\tPathogenic\t.\tLab\nNM_002693.3:c.2243G>C\tBenign\t.\tLab\n",
    )
    (said,) = [w for w in warnings(reports["P1"]) if "different classes" in w]
    assert "c.tsv:2" in said
    assert "c.tsv:3" in said


@pytest.mark.parametrize(
    ("info", "said"),
    [
        ("CLNSIG=Pathogenic", False),
        ("CLNSIG=drug_response", False),
        ("CLNSIG=Pathogenic_perhaps", True),
        ("CLNSIG=Benign|reconsidered", True),
    ],
)
def test_a_word_of_the_file_that_is_not_known_stands_on_page_one(tmp_path, info, said):
    _, reports = start(tmp_path, {"P1": ("0/1", "0/1", "0/0")}, info=info)
    found = [w for w in warnings(reports["P1"]) if "CLNSIG" in w]
    assert bool(found) is said
    if said:
        assert info.split("|")[-1].split("=")[-1].replace("_", " ").lower() in found[0]
