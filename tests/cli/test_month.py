"""A month of a small laboratory, by its commands alone."""

import hashlib
import re

import pytest

from epilepsy_pgx.ledger.signing import VARIABLE
from tests.command import run, table
from tests.ledger.test_signing import key
from tests.recall.bench import among, changed

TECH = ("--name", "T. Tech", "--role", "technician")
DOCTOR = ("--name", "Dr R. Release", "--role", "clinical geneticist")
PEOPLE = {
    "A1": ("EX03", "Cora", "1990-02-11", "female", "levetiracetam"),
    "A2": ("EX04", "Dan", "2014-09-30", "male", "clobazam"),
    "A3": ("EX05", "Eve", "1978-12-24", "female", "carbamazepine[start=2026-11-01]"),
    "A4": ("EX06", "Fay", "2002-04-17", "female", "valproate"),
    "A9": ("EX11", "Control", "2000-01-01", "male", "none"),
}


def write(path, rows):
    lines = ["\t".join(rows[0]), *("\t".join(map(str, r.values())) for r in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class Laboratory:
    """Orders, files and results of a laboratory, and what it types."""

    def __init__(self, root, folder):
        self.folder, self.results = folder, folder / "results"
        self.vcf = root / "examples/vcf/clinic.GRCh38.vcf.gz"
        self.bed = root / "examples/vcf/panel.bed"
        self.digest = hashlib.sha256(self.vcf.read_bytes()).hexdigest()
        self.hla = root / "examples/hla.tsv"

    def type(self, *words, code=0):
        done = run(*words)
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    def order(self, week, *accessions, code=0, digests=(), **cells):
        """Take orders in; return the folder of what may run."""
        orders, manifest, entries = [], [], []
        for accession in accessions:
            sample, name, born, sex, drugs = PEOPLE[accession]
            orders.append(
                {
                    "accession": accession,
                    "record_number": f"M{accession}",
                    "name": name,
                    "birth_date": born,
                    "specimen": "blood",
                    "collected": "2026-11-02",
                    "received": "2026-11-03",
                    "requester": "Dr W. Ward",
                    "consent": "yes",
                    "priority": cells.get(f"priority_{accession}", "."),
                    "genes_off": cells.get(f"off_{accession}", "."),
                }
            )
            manifest.append(
                {
                    "accession": accession,
                    "sample_id": sample,
                    "vcf_sample": sample,
                    "vcf": self.vcf,
                    "vcf_sha256": dict(digests).get(accession, self.digest),
                    "build": "GRCh38",
                    "callable": self.bed,
                }
            )
            entries.append(
                {
                    "accession": accession,
                    "sex": sex,
                    "current_drugs": drugs,
                    "hla": self.hla if accession == "A3" else ".",
                    "entry_date": "2026-11-20",
                }
            )
        out = self.folder / week
        out.mkdir()
        paths = [
            write(out / f"{n}.tsv", rows)
            for n, rows in (("orders", orders), ("manifest", manifest), ("entries", entries))
        ]
        more = ("--entries", paths[2], "--sign", "--out", out / "intake")
        self.type("orders", *paths[:2], *more, code=code)
        return out / "intake"

    def run(self, intake):
        return self.type(
            "run",
            "--vcf",
            self.vcf,
            "--build",
            "GRCh38",
            "--samples",
            intake / "samples.tsv",
            "--out",
            self.results,
            "--formats",
            "json,html",
        )

    def release(self, *samples):
        for sample in samples:
            self.type("review", self.results, sample, *TECH)
            self.type("release", self.results, sample, *DOCTOR)

    def edition(self, sample):
        rows = [r for r in table(self.folder / "recall/recall.tsv") if r["sample_id"] == sample]
        return rows[0]["report"]

    def draft(self, sample, folder="recall"):
        (found,) = (self.folder / folder / "drafts").glob(f"*/{sample}/{sample}.json")
        return found


@pytest.fixture(scope="module")
def new_tables(tmp_path_factory):
    """CYP2C9*2 has less function, and *3 more."""

    def edit(rows):
        for allele, function, value in (
            ("*2", "No function", "0.0"),
            ("*3", "Decreased function", "0.5"),
        ):
            for row in among(rows, gene="CYP2C9", allele=allele):
                row.update(function=function, activity_value=value)

    return changed(tmp_path_factory.mktemp("new") / "tables", alleles=edit)


def test_a_month(root, tmp_path, new_tables, monkeypatch):
    monkeypatch.setenv(VARIABLE, key(tmp_path / "key.pem"))
    lab = Laboratory(root, tmp_path)
    # First week: two patients and a control; one gene was not ordered.
    lab.run(lab.order("week1", "A1", "A2", "A9", off_A2="TSC2"))
    lab.type(
        *("ledger", lab.results, "--persons", "2", "--valid-days", "365"),
        *("--formats", "json,html", "--sign"),
    )
    assert "nobody reviewed" in lab.type("release", lab.results, "EX04", *DOCTOR, code=2)
    lab.release("EX03", "EX04")
    assert "released as" in lab.type("release", lab.results, "EX04", *DOCTOR, code=2)
    # Second week: one cannot wait, one file is another than the one bound.
    intake = lab.order("week2", "A3", "A4", priority_A3="stat", digests={"A4": "0" * 64}, code=3)
    assert [r["sample_id"] for r in table(intake / "samples.tsv")] == ["EX05"]
    assert "another SHA-256" in (intake / "index.html").read_text(encoding="utf-8")
    lab.run(intake)
    assert lab.type("urgent", lab.results).split("\n")[1].startswith("open\tEX05")
    page = lab.results / "cohort/index.html"
    assert "open: nobody was told" in page.read_text(encoding="utf-8")
    call = ("--told", "Dr W. Ward", "--read-back", *TECH)
    lab.type("acknowledge", lab.results, "EX05", *call)
    assert "open: nobody was told" not in page.read_text(encoding="utf-8")
    lab.release("EX05")
    assert "0 of 1 urgent results are open" in lab.type("urgent", lab.results)
    # Third week: the file is bound anew, and the control is run once more.
    lab.run(lab.order("week3", "A4", "A9"))
    lab.release("EX06")
    # New tables: two patients are recalled, and nobody else.
    again = ("reanalyse", lab.results, "--reference", new_tables.path)
    lab.type(*again, "--out", tmp_path / "recall")
    found = {r["sample_id"]: r for r in table(tmp_path / "recall/recall.tsv")}
    assert {s for s, r in found.items() if r["state"] == "changes"} == {"EX03", "EX04"}
    assert {r["state"] for s, r in found.items() if s in ("EX05", "EX06")} == {"no change"}
    assert found["EX04"]["rows"] == "alleles CYP2C9 *2"
    for sample in ("EX03", "EX04"):
        draft = lab.draft(sample)
        lab.type("review", lab.results, draft, *TECH)
        lab.type(
            "amend",
            lab.results,
            draft,
            "--replaces",
            lab.edition(sample),
            "--reason",
            "function of CYP2C9 alleles",
            *DOCTOR,
            "--reference",
            new_tables.path,
        )
    # A correction: a medicine was left out.
    sheet = write(
        tmp_path / "corrected.tsv",
        [
            {
                "sample_id": "EX06",
                "name": "Fay",
                "sex": "female",
                "entry_date": "2026-11-20",
                "current_drugs": "valproate|meropenem",
            }
        ],
    )
    lab.type("reanalyse", lab.results, "--samples", sheet, "--out", tmp_path / "corrected")
    (row,) = table(tmp_path / "corrected/recall.tsv")
    assert (row["state"], row["urgency"]) == ("changes", "urgent")
    draft = lab.draft("EX06", "corrected")
    lab.type("review", lab.results, draft, *TECH)
    said = lab.type(
        "amend",
        lab.results,
        draft,
        "--replaces",
        row["report"],
        "--correction",
        "--reason",
        "meropenem was left out",
        *DOCTOR,
    )
    assert "corrected" in said
    # The audit, and the controls.
    weeks = [w for n in (1, 2, 3) for w in ("--manifest", tmp_path / f"week{n}/intake")]
    said = lab.type("verify", lab.results, *weeks)
    assert re.search(r"7 sets of files, 5 made again, 0 problems", said)
    said = lab.type("verify", lab.results, "--reference", new_tables.path)
    assert re.search(r"7 sets of files, 2 made again, 0 problems", said)
    said = lab.type("verify", lab.results, *weeks[2:], code=3)
    assert said.count("no manifest binds") == 4
    controls = write(
        tmp_path / "controls.tsv", [{"sample_id": "EX11", "gene": "CYP2C9", "expected": "*1/*1"}]
    )
    said = lab.type("quality", lab.results, "--controls", controls, "--out", tmp_path / "quality")
    assert "1 of 1 controls agree" in said
