"""Result files of HLA typing programs: their form is told by content, and nothing is excluded."""

from pathlib import Path

import pytest

from epilepsy_pgx.calling.outside_calls import hla_result
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.hla import parse_hla_allele
from epilepsy_pgx.intake.result_files.hla_results import read_typings
from epilepsy_pgx.intake.result_files.source import UNNAMED

FILES = Path(__file__).parent / "examples"
LOCI = frozenset({"HLA-A", "HLA-B"})
CURATED = {"HLA-A": ["*31:01"], "HLA-B": ["*15:02", "*15:11", "*57:01"]}


def typed(path):
    return {t.gene: t for t in read_typings(path, LOCI, {})[UNNAMED]}


@pytest.mark.parametrize(
    ("name", "program", "names"),
    [
        (
            "arcashla.genotype.json",
            "arcasHLA",
            {"HLA-A": ["01:01", "03:01"], "HLA-B": ["15:02", "40:01"]},
        ),
        (
            "hla_la.R1_bestguess_G.txt",
            "HLA-LA",
            {"HLA-A": ["31:01", "01:01"], "HLA-B": ["15:02", None]},
        ),
        (
            "optitype_result.tsv",
            "OptiType",
            {"HLA-A": ["31:01", "31:01"], "HLA-B": ["15:02", None]},
        ),
    ],
)
def test_programs(tmp_path, name, program, names):
    path = tmp_path / "file.without.a.telling.name"
    path.write_bytes((FILES / name).read_bytes())
    found = typed(path)
    two = {g: [a and next(iter(a.two_field), None) for a in t.alleles] for g, t in found.items()}
    assert two == names
    assert {t.laboratory for t in found.values()} == {program}
    for gene, typing in found.items():
        result = hla_result(gene, typing, CURATED[gene])
        assert result.alleles_absent == ()
        assert "caveat-hla-research-typing" in result.caveats
    assert hla_result("HLA-B", found["HLA-B"], CURATED["HLA-B"]).alleles_present == ("*15:02",)


HLA_LA = (FILES / "hla_la.R1_bestguess_G.txt").read_text()


@pytest.mark.parametrize(
    ("before", "after", "present"),
    [
        ("0.998", "0.95", ("*15:02",)),
        ("0.998", "0.949", ()),
        ("0.0002\t0\t1", "0.0002\t0\t0", ()),
        ("B*15:02:01G", "B*15:02:01G;B*15:11:01G", ()),
        ("B*15:02:01G", "B*15:02:01G;B*15:02:09", ("*15:02",)),
    ],
)
def test_hla_la_alleles_that_are_not_sure_stay_open(tmp_path, before, after, present):
    path = tmp_path / "a.txt"
    path.write_text(HLA_LA.replace(before, after))
    result = hla_result("HLA-B", typed(path)["HLA-B"], CURATED["HLA-B"])
    assert (result.alleles_present, result.alleles_absent) == (present, ())
    assert any("*15:02" in pair for pair in result.diplotypes)


OPTITYPE = (FILES / "optitype_result.tsv").read_text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "B*15:02\n",
        "{}",
        "[]",
        '{"B": "B*15:02"}',
        '{"B": ["C*15:02"]}',
        '{"B": [null]}',
        '{"B": ["B*15:02", "B*15:01", "B*40:01"]}',
        OPTITYPE + OPTITYPE.splitlines()[1] + "\n",
        OPTITYPE.splitlines()[0],
        OPTITYPE.replace("B*15:02", "C*15:02"),
        OPTITYPE.replace("\t880.5", ""),
        OPTITYPE.replace("Objective", "Score"),
        HLA_LA.replace("perfectG", "other"),
        HLA_LA.replace("0.998", "2"),
        HLA_LA.replace("0.998", "high"),
        HLA_LA.replace("0.0002\t0\t1", "0.0002\t0\tyes"),
        HLA_LA.replace("B\t2\t", "B\t1\t"),
        HLA_LA.replace("A*01:01:01G", "C*01:01:01G"),
        HLA_LA.replace("B\t2\tB*40:01:01G", "B\t2"),
        "\n".join(line for line in HLA_LA.splitlines() if not line.startswith("B\t2")),
        "HLA-B\t1\tHLA-B*15:02\t3\t9\t.\t0\t-1\n",
    ],
)
def test_what_is_not_understood_is_an_error(tmp_path, text):
    path = tmp_path / "a.tsv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_typings(path, LOCI, {})
    for problem in caught.value.problems:
        assert problem.found
        assert problem.expected
        assert problem.fix


@pytest.mark.parametrize(
    ("name", "two_field", "null"),
    [
        ("B*15:02:01", ("15:02",), False),
        ("B*15:02:01:03", ("15:02",), False),
        ("B*15:02:01G", ("15:02",), False),
        ("B*15:02P", ("15:02",), False),
        ("B*15:02:01N", ("15:02",), True),
        ("B*15:02N", ("15:02",), True),
        ("B*15:02L", ("15:02",), False),
        ("B*15:02Q", ("15:02",), False),
        ("B*15", (), False),
    ],
)
def test_fields_groups_and_suffixes(name, two_field, null):
    allele = parse_hla_allele(name)
    assert (allele.two_field, allele.null) == (two_field, null)


def test_no_research_program_excludes_an_allele(reference):
    rows = list(reference.table("outside_callers"))
    assert rows
    assert {r["negative_counts"] for r in rows if r["kind"] == "research"} == {"no"}
