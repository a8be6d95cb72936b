"""Slices are proved before they are installed, and an interruption costs nothing."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli.reference import reference
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.reference import install as method
from epilepsy_pgx.reference.check import run_checks
from epilepsy_pgx.reference.install import (
    Stretch,
    fetch_from_ensembl,
    install_sequences,
    wanted_intervals,
)
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import ClassifiedVariant, CuratedTranscript
from epilepsy_pgx.reference.web import WebClient
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.reference.server import serve, serve_files
from tests.toy.genome import BACKWARD, FORWARD, SHIFT, START
from tests.toy.package import short_tables, write_package

BUILD = GenomeBuild.GRCH38


def chromosome(chrom: str, shift: int = 0) -> str:
    """Return an invented chromosome of 9000 bases that holds the toy gene."""
    pattern = ("ACGGTTCA" * 1200)[:9000]
    gene = FORWARD if chrom == "1" else BACKWARD
    return pattern[: START + shift] + gene + pattern[START + shift + len(gene) :]


def from_chromosomes(intervals: Sequence[Stretch]) -> list[str]:
    return [chromosome(c)[s:e] for c, s, e in intervals]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return write_package(tmp_path / "toy", short_tables())


def files(folder: Path) -> set[str]:
    return {
        p.relative_to(folder).as_posix() for p in (folder / "sequences").rglob("*") if p.is_file()
    }


def test_stretches_cover_exons_and_sites_once(package: Path) -> None:
    intervals = wanted_intervals(load_reference(package), BUILD)
    assert [s[0] for s in intervals] == ["1", "3"]
    assert intervals[0] == ("1", START + 10 - 60, START + 90 + 60)


def test_install_and_check(package: Path) -> None:
    seen: list[tuple[int, int]] = []
    done = install_sequences(
        load_reference(package),
        BUILD,
        from_chromosomes,
        source="test",
        progress=lambda a, b: seen.append((a, b)),
    )
    assert done.genes == ("TOY2", "TOYR")
    assert done.notes == ()
    assert seen[-1] == (2, 2)
    record = json.loads((package / "sequences/GRCh38/installed.json").read_text("utf-8"))
    assert record["digest"] == done.digest
    assert record["genes"] == ["TOY2", "TOYR"]
    assert run_checks(package) == ()
    assert not any(".part" in f for f in files(package))


def test_interrupted_run_goes_on(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(method, "REGIONS_PER_REQUEST", 1)
    before, asked = files(package), []

    def fail_second(intervals: Sequence[Stretch]) -> list[str]:
        asked.extend(intervals)
        if len(asked) == 2:
            raise InputError.one("service-reached", found="no connection")
        return from_chromosomes(intervals)

    ref = load_reference(package)
    with pytest.raises(InputError, match="no connection"):
        install_sequences(ref, BUILD, fail_second, source="test")
    assert "sequences/GRCh38/installed.fa" not in files(package)
    first = asked[0]
    asked.append(first)
    done = install_sequences(ref, BUILD, fail_second, source="test")
    assert done.slices == 2
    assert asked[3:] == [s for s in wanted_intervals(ref, BUILD) if s != first]
    assert files(package) == before | {
        "sequences/GRCh38/installed.fa",
        "sequences/GRCh38/installed.json",
    }


def test_damaged_part_is_fetched_again(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = load_reference(package)
    interval = wanted_intervals(ref, BUILD)[0]
    parts = package / "sequences/GRCh38/.parts"
    parts.mkdir()
    (parts / "{}-{}-{}".format(*interval)).write_text('{"bases": "ACGT", "sha256": "0"}')
    asked: list[Stretch] = []

    def fetch(intervals: Sequence[Stretch]) -> list[str]:
        asked.extend(intervals)
        return from_chromosomes(intervals)

    install_sequences(ref, BUILD, fetch, source="test")
    assert interval in asked


def changed(text: str, at: int) -> str:
    return text[:at] + ("A" if text[at] != "A" else "C") + text[at + 1 :]


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        (lambda c: chromosome(c, 1), "slice-agrees"),
        (lambda c: changed(chromosome(c), START + 15), "slice-agrees"),
    ],
)
def test_wrong_bases_are_refused(package: Path, fault: Callable[[str], str], check: str) -> None:
    before = files(package)
    with pytest.raises(InputError) as caught:
        install_sequences(
            load_reference(package),
            BUILD,
            lambda intervals: [fault(c)[s:e] for c, s, e in intervals],
            source="test",
        )
    assert check in {p.check for p in caught.value.problems}
    assert files(package) == before


def test_wrong_build_without_shipped_slices(tmp_path: Path) -> None:
    package = write_package(tmp_path / "toy", short_tables())
    for path in (package / "sequences").rglob("*.fa"):
        path.unlink()
    with pytest.raises(InputError) as caught:
        install_sequences(
            load_reference(package),
            BUILD,
            lambda intervals: [chromosome(c, SHIFT)[s:e] for c, s, e in intervals],
            source="test",
        )
    assert {p.check for p in caught.value.problems} == {
        "slice-listed",
        "slice-ref",
        "slice-translates",
    }
    assert files(package) == set()


def test_one_bad_gene_is_left_out_with_a_note(tmp_path: Path) -> None:
    tables = short_tables()
    package = write_package(tmp_path / "toy", tables)
    for path in (package / "sequences").rglob("*.fa"):
        path.unlink()

    def fetch(intervals: Sequence[Stretch]) -> list[str]:
        stop = START + len(BACKWARD) - 14
        return [
            (changed(chromosome(c), stop) if c == "3" else chromosome(c))[s:e]
            for c, s, e in intervals
        ]

    done = install_sequences(load_reference(package), BUILD, fetch, source="test")
    assert [p.check for p in done.notes] == ["slice-translates"]
    assert done.genes == ("TOY2",)
    text = done.path.read_text(encoding="ascii")
    assert ">2:" not in text
    assert ">1:" in text


@pytest.mark.parametrize("answer", ["ACGT", "Z" * 200, ""])
def test_strange_answers_are_refused(package: Path, answer: str) -> None:
    with pytest.raises(InputError, match="slice-length"):
        install_sequences(
            load_reference(package), BUILD, lambda s: [answer] * len(s), source="test"
        )


def ensembl(path: str, asked: dict[str, str], body: Any) -> Any:
    assert path == "/sequence/region/human"
    answers = []
    for query in body["regions"]:
        chrom, span, strand = query.split(":")
        first, last = span.split("..")
        assert strand == "1"
        answers.append(
            {
                "query": query,
                "molecule": "dna",
                "id": f"chromosome:GRCh38:{query}",
                "seq": chromosome(chrom)[int(first) - 1 : int(last)],
            }
        )
    return answers


def test_ensembl_in_batches(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(method, "REGIONS_PER_REQUEST", 1)
    with serve(ensembl) as service:
        service.failures = ["", "500", "truncated"]
        web = WebClient(sleep=lambda _: None)
        done = install_sequences(
            load_reference(package),
            BUILD,
            fetch_from_ensembl(web, service.address),
            source="loopback",
        )
    assert done.genes == ("TOY2", "TOYR")
    assert len(service.requests) == 4


@pytest.mark.parametrize("answer", [{"error": "x"}, [{"sequence": "ACGT"}], []])
def test_ensembl_with_another_shape(package: Path, answer: Any) -> None:
    with serve(lambda *_: answer) as service:
        fetch = fetch_from_ensembl(WebClient(sleep=lambda _: None), service.address)
        with pytest.raises(InputError, match=r"service-shape|slice-answered"):
            install_sequences(load_reference(package), BUILD, fetch, source="loopback")


def test_fasta_at_a_url(package: Path, tmp_path: Path) -> None:
    import pysam

    folder = tmp_path / "served"
    folder.mkdir()
    fasta = folder / "genome.fa"
    fasta.write_text("".join(f">{c}\n{chromosome(c)}\n" for c in "13"), encoding="ascii")
    pysam.faidx(str(fasta))
    with serve_files(folder) as address:
        done = CliRunner().invoke(
            reference,
            ["install", str(package), "--build", "GRCh38", "--fasta", f"{address}/genome.fa"],
        )
    assert done.exit_code == 0, done.output
    assert "2 genes proved" in done.output


def test_command_with_fasta_and_with_download(package: Path, tmp_path: Path) -> None:
    fasta = tmp_path / "genome.fa"
    fasta.write_text("".join(f">chr{c}\n{chromosome(c)}\n" for c in "13"), encoding="ascii")
    run = CliRunner()
    done = run.invoke(
        reference, ["install", str(package), "--build", "GRCh38", "--fasta", str(fasta)]
    )
    assert done.exit_code == 0, done.output
    assert "2 genes proved" in done.output
    with serve(ensembl) as service:
        again = run.invoke(
            reference,
            [
                "install",
                str(package),
                "--build",
                "GRCh38",
                "--download",
                "--ensembl",
                service.address,
            ],
        )
    assert again.exit_code == 0, again.output
    neither = run.invoke(reference, ["install", str(package), "--build", "GRCh38"])
    assert neither.exit_code == 2
    wrong = tmp_path / "other.fa"
    wrong.write_text(f">7\n{chromosome('1')}\n", encoding="ascii")
    lacking = run.invoke(
        reference, ["install", str(package), "--build", "GRCh38", "--fasta", str(wrong)]
    )
    assert lacking.exit_code == 2
    assert "fasta-contigs" in lacking.output


@pytest.mark.parametrize(
    ("chroms", "genes", "code", "short"),
    [
        ("1", ("FWD",), 0, ()),
        ("half", ("FWD",), 2, ("no exon wholly",)),
        ("1", ("FWD", "REV"), 0, ("REV",)),
        ("3", ("FWD",), 2, None),
        ("half", ("FWD", "REV"), 0, ("FWD",)),
        ("13", (), 0, ()),
    ],
)
def test_a_gene_that_the_fasta_does_not_reach_is_named(
    package: Path, tmp_path: Path, chroms: str, genes: tuple[str, ...], code: int, short: Any
) -> None:
    """Nothing asked for and installed is a failure; a part is kept, the rest may come later."""
    known = {r.chrom: r.gene for r in load_reference(package).rows(CuratedTranscript)}
    names = {"FWD": known["1"], "REV": known["3"]}
    fasta = tmp_path / "some.fa"
    whole = {c: chromosome(c) for c in "13"}
    if chroms == "half":
        (cut,) = [s for s in wanted_intervals(load_reference(package), BUILD) if s[0] == "1"]
        fasta.write_text(
            f">1:1-{cut[2] - 30}\n{whole['1'][: cut[2] - 30]}\n>3:1-9000\n{whole['3']}\n"
        )
    else:
        fasta.write_text("".join(f">{c}\n{whole[c]}\n" for c in chroms))
    words = ["install", str(package), "--build", "GRCh38", "--fasta", str(fasta)]
    for gene in genes:
        words += ["--gene", names[gene]]
    done = CliRunner().invoke(reference, words)
    assert done.exit_code == code, done.output
    for said in short or ():
        assert (f"exons of {names[said]}" if said in names else said) in done.output
    assert ("fasta-reach" in done.output) is bool(short)


@pytest.mark.parametrize("build", list(GenomeBuild))
@pytest.mark.parametrize("other", [False, True])
@pytest.mark.parametrize("changes", [0, 1])
def test_a_fasta_that_contradicts_listed_variants_is_refused(
    tmp_path: Path, build: GenomeBuild, other: bool, changes: int
) -> None:
    """A piece that holds one gene, of another build or with one other base: what differs is told.

    The gene that it holds translates still where one listed base is another one.
    """
    package = write_package(tmp_path / "toy", short_tables())
    for path in (package / "sequences").rglob("*.fa"):
        path.unlink()
    ref = load_reference(package)
    (row,) = ref.rows(ClassifiedVariant)
    shift = SHIFT if build is GenomeBuild.GRCH37 else 0
    at, base = row.site(build) or (0, "")
    bases = chromosome("3", shift if not other else SHIFT - shift)
    if changes:
        bases = bases[: at - 1] + ("A" if bases[at - 1] != "A" else "G") + bases[at:]
    fasta = tmp_path / "piece.fa"
    fasta.write_text(f">chr3\n{bases}\n", encoding="ascii")
    asked = ["install", str(package), "--build", build.value, "--fasta", str(fasta)]
    done = CliRunner().invoke(reference, asked)
    if not (other or changes):
        assert done.exit_code == 0, done.output
        return
    assert done.exit_code == 2, done.output
    assert not list((package / "sequences").rglob("installed.fa"))
    if not other or bases[at - 1] != base:
        assert "slice-listed" in done.output
        assert f"3:{at} where {base} is listed" in done.output
