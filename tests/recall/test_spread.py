"""Several processes tell what one tells, in the same order."""

import os
import pickle

import pytest

from epilepsy_pgx.errors import ConfigError, InputError, PlaceError, Problem, TableError
from epilepsy_pgx.recall.reanalyse import Asked, reanalyse
from epilepsy_pgx.recall.spread import AHEAD, FEW, spread
from tests.ledger.bench import example, tables
from tests.recall.bench import changed, dropping, keep, less_function
from tests.recall.test_reanalyse import DAY

NAMES = tuple(f"EX{n:02}" for n in range(1, 12))


@pytest.mark.parametrize("number", [0, 1, FEW - 1, FEW, 40])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_what_is_made_comes_in_the_order_of_the_items(number, processes):
    found = list(spread(lambda n: (n * n, os.getpid()), range(number), processes))
    assert [(item, made) for item, (made, _) in found] == [(n, n * n) for n in range(number)]
    others = {pid for _, (_, pid) in found} - {os.getpid()}
    assert bool(others) == (processes > 1 and number >= FEW)
    assert len(others) <= processes


def test_only_a_few_items_are_read_ahead():
    read = []
    items = (read.append(n) or n for n in range(200))
    done = spread(lambda n: n, items, 2)
    next(done)
    assert len(read) <= max(FEW, 2 * AHEAD) + 1
    done.close()
    assert len(read) < 200


@pytest.mark.parametrize("kind", [ConfigError, InputError, PlaceError, TableError])
@pytest.mark.parametrize("processes", [1, 2])
def test_what_goes_wrong_in_a_process_arrives_whole(kind, processes):
    problem = Problem("a.tsv", 3, "sex", "sex-word", "x", "female or male", "Correct it.", "EX01")

    def fail(number):
        if number == 12:
            raise kind([problem])
        return number

    with pytest.raises(kind) as caught:
        list(spread(fail, range(40), processes))
    assert type(caught.value) is kind
    assert caught.value.problems == (problem,)
    assert str(caught.value) == str(pickle.loads(pickle.dumps(caught.value)))


def written(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if not p.is_dir()}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


def edited(base, name):
    if name == "less":
        return less_function(base)
    drop = dropping(rule_id="cyp2c19-clobazam-pm")
    return changed(base / name, drug_rules=drop, drug_rule_conditions=drop)


@pytest.mark.parametrize("name", ["less", "rule"])
def test_several_processes_write_what_one_writes(name, tmp_path, base):
    """Every table, page and draft; with a damaged draft and one that is not there among them."""
    ref = edited(base, name)
    results = keep(tmp_path / "results", *map(example, NAMES))
    (results / "cohort").mkdir()
    (results / "cohort/cohort.tsv").write_text("sample_id\nGONE\n", encoding="utf-8")
    (path,) = (results / "reports").glob("*/EX03/EX03.json")
    path.write_bytes(path.read_bytes().replace(b'"en"', b'"es"', 1))
    outs = {}
    for processes in (1, 2):
        out = tmp_path / f"out{processes}"
        done = reanalyse(Asked(results, out, DAY, (tables(),), processes=processes), ref)
        assert done.patients == len(NAMES) + 1
        outs[processes] = written(out)
    assert outs[1] == outs[2]
    assert {"recall.tsv", "statements.tsv", "not_told.tsv", "index.html"} <= outs[1].keys()
