"""Drift against the services, in the shapes their documentation gives."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli.reference import reference
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import Allele, CuratedSite, PhenotypeRule
from epilepsy_pgx.reference.upstream import check_upstream, drift_json, drift_table
from epilepsy_pgx.reference.web import WebClient
from tests.reference.server import serve
from tests.toy.package import short_tables, write_package


def allele(name: str, function: str, value: str = "n/a") -> dict[str, Any]:
    return {
        "genesymbol": "TOY2",
        "name": name,
        "clinicalfunctionalstatus": function,
        "activityvalue": value,
    }


class World:
    """The services, agreeing with the small package until a test changes them."""

    def __init__(self) -> None:
        self.alleles = [
            allele("*1", "Normal function"),
            allele("*2", "Decreased function"),
            allele("*3", "No function"),
            allele("*4", "No function"),
        ]
        self.published: Any = {
            "haplotypes": {
                "*1": "Normal function",
                "*2": "Decreased function",
                "*3": "No function",
                "*4": "No function",
            },
            "activityValues": {},
            "diplotypes": [
                {"diplotype": "*1/*3", "generesult": "Intermediate Metabolizer"},
                {"diplotype": "*2/*3", "generesult": "Poor Metabolizer"},
                {"diplotype": "*1/*99", "generesult": "Indeterminate"},
            ],
        }
        self.recommendations: dict[str, list[dict[str, Any]]] = {
            "toyamide": [
                {
                    "id": 1,
                    "version": 1,
                    "lookupkey": {"TOY2": "Poor Metabolizer"},
                    "drugrecommendation": "Halve the dose",
                    "classification": "Strong",
                }
            ]
        }
        self.variants = {
            r["rsid"]: {
                "name": r["rsid"],
                "synonyms": [],
                "mappings": [
                    {
                        "assembly_name": "GRCh38",
                        "seq_region_name": "1",
                        "strand": 1,
                        "start": int(r["grch38_pos"]),
                        "end": int(r["grch38_pos"]),
                        "allele_string": "C/T",
                    }
                ],
            }
            for r in short_tables()["sites"]
        }

    def answer(self, path: str, asked: dict[str, str], body: Any) -> Any:
        if path.endswith("/allele"):
            assert asked["genesymbol"] == "eq.TOY2"
            return self.alleles
        if path.endswith("/TOY2.json"):
            return self.published
        if path.endswith("/drug"):
            name = asked["name"].removeprefix("eq.")
            return [{"drugid": f"RxNorm:{name}", "name": name}] if name != "toynone" else []
        if path.endswith("/recommendation"):
            return self.recommendations.get(asked["drugid"].removeprefix("eq.RxNorm:"), [])
        assert path.endswith("/variation/homo_sapiens")
        assert set(body["ids"]) == {"rs101", "rs102"}
        return self.variants


@pytest.fixture
def package(tmp_path: Path) -> Path:
    tables = short_tables()
    for row in tables["alleles"]:
        row["source"] = "CPIC"
    return write_package(tmp_path / "toy", tables)


def drift(package: Path, world: World, cache: Path | None = None, **more: Any) -> set[Any]:
    with serve(world.answer) as service:
        web = WebClient(cache=cache, sleep=lambda _: None, max_age=0.0, **more)
        found = check_upstream(
            load_reference(package), web, cpic=service.address, ensembl=service.address
        )
    return {(d.what, d.key, d.here, d.there) for d in found}


def test_nothing_drifts(package: Path) -> None:
    assert drift(package, World()) == set()


def test_new_missing_and_changed_alleles(package: Path) -> None:
    world = World()
    world.alleles[1] = allele("*2", "No function", "0")
    world.alleles[2] = allele("*9", "Uncertain function")
    assert drift(package, world) == {
        ("new allele", "TOY2 *9", "nothing", "Uncertain function"),
        ("missing allele", "TOY2 *3", "No function", "nothing"),
        ("function", "TOY2 *2", "Decreased function", "No function"),
        ("activity value", "TOY2 *2", ".", "0"),
    }


def test_activity_values_compare_as_numbers(package: Path) -> None:
    path = package / "alleles.tsv"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = lines[0].split("\t").index("activity_value")
    cells = lines[2].split("\t")
    cells[at] = "0.50"
    lines[2] = "\t".join(cells)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    world = World()
    world.alleles[1] = allele("*2", "Decreased function", "0.5")
    assert drift(package, world) == set()
    world.alleles[1] = allele("*2", "Decreased function", "≥0.5")
    assert ("activity value", "TOY2 *2", "0.50", "≥0.5") in drift(package, world)


def test_recommendation_without_rule_and_changed_wording(package: Path, tmp_path: Path) -> None:
    world, cache = World(), tmp_path / "cache"
    world.recommendations["toyzepam"] = [
        {
            "id": 2,
            "version": 1,
            "lookupkey": {"TOY2": "Poor Metabolizer"},
            "drugrecommendation": "Avoid",
            "classification": "Strong",
        }
    ]
    with serve(world.answer) as service:

        def run() -> set[str]:
            web = WebClient(cache=cache, sleep=lambda _: None, max_age=0.0)
            found = check_upstream(
                load_reference(package), web, cpic=service.address, ensembl=service.address
            )
            return {f"{d.what}: {d.key}: {d.here} -> {d.there}" for d in found}

        unruled = "new recommendation: toyzepam TOY2 Poor Metabolizer: no rule from CPIC -> Avoid"
        assert run() == {unruled}
        world.recommendations["toyamide"][0]["drugrecommendation"] = "Avoid"
        assert run() == {
            unruled,
            "recommendation: toyamide TOY2 Poor Metabolizer: Halve the dose -> Avoid",
        }
        assert run() == {unruled}


def test_merged_unknown_and_moved_variants(package: Path) -> None:
    world = World()
    moved = world.variants.pop("rs102")
    world.variants["rs900"] = moved | {"name": "rs900", "synonyms": ["rs102"]}
    world.variants["rs101"]["mappings"][0]["start"] += 5
    found = drift(package, world)
    assert ("merged rsID", "rs102", "rs102", "rs900") in found
    assert any(what == "position" and key == "rs101" for what, key, _, _ in found)
    del world.variants["rs900"]
    assert ("unknown rsID", "rs102", "rs102", "nothing") in drift(package, world)


@pytest.mark.parametrize("what", ["alleles", "recommendations", "variants", "mappings"])
def test_changed_shape_is_said(package: Path, what: str) -> None:
    world = World()
    if what == "alleles":
        world.alleles = [{"symbol": "TOY2"}]
    elif what == "recommendations":
        world.recommendations = {"toyamide": [{"text": "x"}]}
    elif what == "variants":
        world.variants = []  # type: ignore[assignment]
    else:
        del world.variants["rs101"]["mappings"]
    with pytest.raises(InputError, match="service-shape"):
        drift(package, world)


def test_offline_repeats_the_last_answers(package: Path, tmp_path: Path) -> None:
    world, cache = World(), tmp_path / "cache"
    world.alleles.append(allele("*9", "No function"))
    run = CliRunner()
    with serve(world.answer) as service:
        options = [
            str(package),
            "--cache",
            str(cache),
            "--cpic",
            service.address,
            "--ensembl",
            service.address,
            "--pharmcat",
            service.address,
        ]
        online = run.invoke(reference, ["upstream", *options])
        asked = len(service.requests)
        offline = run.invoke(reference, ["upstream", *options, "--offline"])
        assert len(service.requests) == asked
    assert online.exit_code == 0
    assert "new allele" in online.output
    assert offline.output == online.output
    empty = run.invoke(
        reference, ["upstream", str(package), "--cache", str(tmp_path / "none"), "--offline"]
    )
    assert empty.exit_code == 2
    assert "offline-answer" in empty.output


def test_nothing_is_edited(package: Path) -> None:
    before = {p: p.read_bytes() for p in package.rglob("*") if p.is_file()}
    world = World()
    world.alleles = world.alleles[:2]
    drift(package, world)
    assert {p: p.read_bytes() for p in package.rglob("*") if p.is_file()} == before


def test_outputs(package: Path) -> None:
    world = World()
    world.alleles.append(allele("*9", "No\tfunction"))
    with serve(world.answer) as service:
        found = check_upstream(
            load_reference(package),
            WebClient(sleep=lambda _: None),
            cpic=service.address,
            ensembl=service.address,
        )
    lines = drift_table(found).splitlines()
    assert len({line.count("\t") for line in lines}) == 1
    assert json.loads(drift_json(found))["drift"][0]["there"] == "No\tfunction"


def ask(package: Path, world: World, *options: str) -> str:
    with serve(world.answer) as service:
        where = [f"--{name}={service.address}" for name in ("cpic", "ensembl", "pharmcat")]
        cache = f"--cache={package.parent / 'cache'}"
        done = CliRunner().invoke(reference, ["upstream", str(package), *where, cache, *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_proposal_can_be_applied(package: Path) -> None:
    world = World()
    world.alleles[1] = allele("*2", "No function")
    world.alleles.append(allele("*9", "Uncertain function"))
    world.published["haplotypes"]["*2"] = "No function"
    world.published["diplotypes"][1]["generesult"] = "Likely Poor Metabolizer"
    moved = world.variants.pop("rs102")
    world.variants["rs900"] = moved | {"name": "rs900", "synonyms": ["rs102"]}
    proposal = ask(package, world, "--format", "diff")
    assert "# alleles TOY2 *9: new allele" in proposal
    subprocess.run(
        ["git", "apply"], input=proposal, text=True, cwd=package.parent, check=True, timeout=60
    )
    ref = load_reference(package)
    assert {r.allele: r.function for r in ref.rows(Allele) if r.gene == "TOY2"}["*2"] == (
        "No function"
    )
    assert {r.rsid for r in ref.rows(CuratedSite)} == {"rs101", "rs900"}
    made = {(r.function_1, r.function_2): r.phenotype for r in ref.rows(PhenotypeRule)}
    assert made["Decreased function", "No function"] == "Likely Poor Metabolizer"


def test_where_sources_differ_nothing_is_proposed(package: Path) -> None:
    world = World()
    world.alleles[1] = allele("*2", "No function")
    world.published["haplotypes"]["*2"] = "Uncertain function"
    proposal = ask(package, world, "--format", "diff")
    assert proposal.count("# alleles TOY2 *2: function") == 2
    assert "+++" not in proposal


def test_published_data_of_another_shape_are_said(package: Path) -> None:
    world = World()
    world.published = [1]
    with serve(world.answer) as service, pytest.raises(InputError, match="service-shape"):
        check_upstream(
            load_reference(package),
            WebClient(sleep=lambda _: None),
            cpic=service.address,
            ensembl=service.address,
            pharmcat=service.address,
        )
