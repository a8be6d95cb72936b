"""Readers of what a laboratory's systems send: orders, controls, panels, answers, indexes."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pysam

from epilepsy_pgx.api import call
from epilepsy_pgx.calling.variant_names import read_name
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.fingerprint import read_panel
from epilepsy_pgx.intake.index import OtherIndexError, contigs_of_index
from epilepsy_pgx.intake.orders import read_entries, read_manifest, read_orders
from epilepsy_pgx.ledger.send import Receiver, accepted
from epilepsy_pgx.oversight.controls import read_controls
from epilepsy_pgx.pipeline.earlier import RunRecord
from epilepsy_pgx.pipeline.prediction_table import predict_table
from epilepsy_pgx.records import DamagedRecordError, read_record
from epilepsy_pgx.reference.fasta import read_fasta
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import PublishedModel
from epilepsy_pgx.reference.schema import read_schema
from epilepsy_pgx.response.prediction_model import load_model
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.fuzz.mutator import block_gzip
from tests.fuzz.seeds import RECORDS

BUILD = GenomeBuild.GRCH38
CONTROL = "77"
DIGEST = b"6f1ed002ab5595859014ebf0951522d9" * 2
ORDERS = (
    b"accession\trecord_number\tname\tbirth_date\tspecimen\tcollected\treceived\trequester\t"
    b"genes_off\tconsent\tpriority\trepeat_of\n"
    b"A-1\t100\tDoe, Jo\t2002-05-01\tblood\t2026-11-01\t2026-11-02\tDr R\t.\tyes\tstat\t.\n"
    b"A-2\t101\t.\t1990-02-28\tsaliva\t2026-11-03\t2026-11-03\tDr S\tPOLG|OTC\tyes\t.\tA-0\n"
)
MANIFEST = (
    b"accession\tsample_id\tvcf\tvcf_sample\tvcf_sha256\tbuild\tcallable\n"
    b"A-1\tEX01\tEX01.vcf.gz\t.\t" + DIGEST + b"\tGRCh38\tpanel.bed\n"
    b"A-2\tEX02\tEX02.vcf.gz|b.vcf\tS2\t" + DIGEST + b"|" + DIGEST + b"\tGRCh37\tall\n"
)
ENTRIES = (
    b"accession\tsex\tage_years\tcurrent_drugs\tsyndromes\thla\n"
    b"A-1\tfemale\t24\tvalproate[dose=500 mg/day]\tdravet\thla.tsv\nA-2\tmale\t.\tnone\t.\t.\n"
)
CONTROLS = (
    b"sample_id\tgene\texpected\ttables\nNA12878\tCYP2C9\t*1/*2|*1/*35\t.\n"
    b"NA12878\tCYP2C19\tIntermediate Metabolizer\t1.2.0\n"
)
PANEL = b"sample_id\tsite\tgenotype\nEX01\trs1\tA/G\nEX01\trs2\tC/C\nEX02\trs1\tG|G\n"
ANSWER = (
    b"MSH|^~\\&|LIS|CITY|PGX|LAB|20261122100000||ACK^R01^ACK|1|P|2.5.1\rMSA|AA|77|received\r"
    b"ERR|^^^207&Application internal error&HL70357\r"
)
MODEL = (
    b"sample\tonset_months\tprotein\tclass\nA\t6\tp.Arg101Gln\tpathogenic\n"
    b"B\t4.5\ttruncating\t.\nC\t30\tR1648H\tVUS\n"
)
NAMES = (
    b"NM_001165963.4(SCN1A):c.5489dupT (p.L1830Ffs*7)",
    b"chr2-166052882-G-A",
    b"ENST00000674923.1:c.2044-1G>A",
    b"SCN1A:p.(Arg222Ter)",
    b"NC_000002.12:g.166052882G>A",
)
LINE = "ACGTTGCANNacgtTTGACCATGGA" * 2 + "\n"
FASTA = (">chr2:1-200 a piece\n" + LINE * 4 + ">chr10:101-200\n" + LINE * 2).encode()


def _index_reader(folder: Path) -> tuple[Callable[[Path], object], list[bytes]]:
    """Return a reader of an index beside a right file, and that file's two kinds of index."""
    data = folder / "indexed.vcf.gz"
    seeds = []
    for csi in (False, True):
        data.write_bytes(block_gzip(RECORDS))
        pysam.tabix_index(str(data), preset="vcf", force=True, csi=csi)
        index = Path(f"{data}.{'csi' if csi else 'tbi'}")
        seeds.append(index.read_bytes())
        index.unlink()

    def read(path: Path) -> object:
        try:
            return contigs_of_index(path, data, None)
        except OtherIndexError as error:
            raise InputError.one("index", found=str(error)) from None

    return read, seeds


def _run_record(path: Path) -> object:
    try:
        return read_record(path, RunRecord)
    except DamagedRecordError as error:
        raise InputError.one("record", found=str(error)) from None


def lab_readers(
    ref: Reference, root: Path, folder: Path
) -> tuple[dict[str, Callable[[Path], object]], dict[str, list[bytes]]]:
    """Return the readers by the kind of their files, and right files of each kind."""
    model = load_model(ref, ref.rows(PublishedModel)[0])
    receiver, numbers = Receiver("127.0.0.1", 1), count()
    index, indexes = _index_reader(folder)
    wanted = [("2", 10, 40), ("10", 100, 150)]

    def through_api(path: Path) -> object:
        # The kind of a VCF is told by its name, as a user's is.
        named = path.rename(f"{path}.{next(numbers)}.vcf")
        try:
            return call(named, build=BUILD.value)
        finally:
            named.rename(path)

    readers: dict[str, Callable[[Path], object]] = {
        "orders": read_orders,
        "manifest": read_manifest,
        "entries": read_entries,
        "controls": read_controls,
        "panel": read_panel,
        "answer": lambda path: accepted(
            path.read_bytes().decode("utf-8", "replace"), CONTROL, receiver
        ),
        "model": lambda path: predict_table(path, folder / "predicted.tsv", model, ref),
        "name": lambda path: read_name(path.read_text("utf-8", "replace")),
        "schema": read_schema,
        "index": index,
        "fasta": lambda path: read_fasta(str(path), wanted, ref, BUILD),
        "record": _run_record,
        "api": through_api,
    }
    seeds = {
        "orders": [ORDERS],
        "manifest": [MANIFEST],
        "entries": [ENTRIES],
        "controls": [CONTROLS],
        "panel": [PANEL],
        "answer": [ANSWER],
        "model": [MODEL],
        "name": list(NAMES),
        "schema": [(root / "reference/schemas/signs.json").read_bytes()],
        "index": indexes,
        "fasta": [FASTA, block_gzip(FASTA)],
        "record": [b'{"patients": {"EX01": ["a.vcf", "b.tsv"]}, "settings": null}\n'],
        "api": [RECORDS],
    }
    return readers, seeds
