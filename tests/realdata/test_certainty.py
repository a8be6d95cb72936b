"""The first law on real genomes: less data never make a call more certain."""

import gzip

import numpy as np
import pytest

from epilepsy_pgx.calling.definitions import UNDEFINED, define_gene
from epilepsy_pgx.calling.diplotypes import call_pairs, distinct_genotypes
from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.variants.sites import OTHER
from epilepsy_pgx.vocabulary import GenomeBuild

pytestmark = pytest.mark.realdata

GENES = ("CYP2C9", "CYP2C19", "CYP2B6", "CYP3A4", "CYP3A5", "SLCO1B1", "UGT1A1", "UGT2B7", "ABCG2")


@pytest.fixture(scope="module")
def targets(reference):
    return load_targets(reference, GenomeBuild.GRCH38)


def read(path, targets, reference):
    return extract_group([path], None, None, targets, reference, Thresholds()).store


def rank(call) -> int:
    if not call.pairs:
        return 0
    if any(UNDEFINED in p for p in call.pairs):
        return 1
    if len(call.pairs) > 1:
        return 2
    return 3 if call.not_excluded or call.missing else 4


def test_blanking_any_site_of_real_genomes(shared, targets, reference):
    files = sorted((shared / "data/gvcf").glob("*.g.vcf.gz"))[::5]
    definitions = {g: define_gene(reference, targets.sites, g) for g in GENES}
    tried = 0
    for path in files:
        store = read(path, targets, reference)
        usable = store.usable()
        for definition in definitions.values():
            rows = list(definition.rows)
            codes, phase = usable[rows, 0], store.phase[rows, 0]
            before = call_pairs(definition, codes, phase)
            for site in range(len(rows)):
                if (codes[site] == -1).all() or OTHER in codes[site]:
                    continue
                blank = codes.copy()
                blank[site] = -1
                after = call_pairs(definition, blank, phase)
                tried += 1
                if definition.core_site[site]:
                    assert rank(after) <= rank(before)
                elif rank(before) >= 2:
                    assert rank(after) <= rank(before)
                assert rank(after) < 4
    assert tried > 1500


def test_dropping_the_phase_of_a_cohort_is_said(shared, targets, reference):
    store = read(shared / "data/cohort_1kgp.GRCh38.vcf.gz", targets, reference)
    usable = store.usable()
    replaced = 0
    for gene in GENES:
        definition = define_gene(reference, targets.sites, gene)
        rows = list(definition.rows)
        distinct = distinct_genotypes(usable[rows], store.phase[rows])
        for codes, phase in zip(distinct.codes, distinct.phase, strict=True):
            phased = call_pairs(definition, codes, phase)
            loose = call_pairs(definition, codes, np.full_like(phase, -1))
            named = {p for p in phased.pairs if UNDEFINED not in p}
            assert named <= set(loose.pairs)
            if not named and any(UNDEFINED not in p for p in loose.pairs):
                replaced += 1
                assert loose.phase_assumed
    assert replaced > 0


def test_a_cut_cohort_with_its_index_is_refused(shared, reference, targets, tmp_path):
    """With the index, region reads of such a file find nothing and say nothing."""
    import shutil

    from epilepsy_pgx.errors import InputError

    source = shared / "data/cohort_1kgp.GRCh38.vcf.gz"
    cut = tmp_path / source.name
    cut.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    shutil.copy(f"{source}.tbi", f"{cut}.tbi")
    with pytest.raises(InputError, match="cut short"):
        extract_group([cut], None, "all", targets, reference, Thresholds())


def test_the_other_build_is_refused(shared, reference):
    """Neither cohort's header names a build: the reference bases tell."""
    from epilepsy_pgx.errors import InputError

    for stated, file in ((GenomeBuild.GRCH37, "GRCh38"), (GenomeBuild.GRCH38, "GRCh37")):
        path = shared / f"data/cohort_1kgp.{file}.vcf.gz"
        with gzip.open(path, "rt") as handle:
            assert "length=" not in handle.read(2000)
        with pytest.raises(InputError, match="vcf-build"):
            extract_group(
                [path], None, None, load_targets(reference, stated), reference, Thresholds()
            )
