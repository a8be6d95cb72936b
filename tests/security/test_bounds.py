"""What is sent has bounds of size and time, and each is one clear line."""

import ast
import gzip
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from epilepsy_pgx.errors import ConfigError, InputError, TableError
from epilepsy_pgx.intake.clinvar import open_clinvar
from epilepsy_pgx.intake.vcf import inspect_vcf
from epilepsy_pgx.ledger.send import Receiver, exchange
from epilepsy_pgx.pipeline import results
from epilepsy_pgx.reference import history, web
from epilepsy_pgx.reference.fasta import read_fasta
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.web import WebClient
from epilepsy_pgx.report import authorise
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.fuzz.mutator import block_gzip
from tests.fuzz.seeds import RECORDS
from tests.syntax import nodes
from tests.test_layers import MODULES, SOURCE

BOUNDED_ELSEWHERE = {"worker/client.py"}
"""The worker ends itself: `signal.alarm` and limits of memory and file size in its own process."""


def test_every_process_that_is_started_has_a_limit_of_time() -> None:
    found = 0
    for path in MODULES:
        name = path.relative_to(SOURCE).as_posix()
        for node in nodes(path):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if getattr(node.func.value, "id", "") != "subprocess":
                continue
            found += 1
            given = {k.arg for k in node.keywords}
            assert "timeout" in given or name in BOUNDED_ELSEWHERE, f"{name}:{node.lineno}"
            assert "shell" not in given, f"{name}:{node.lineno}"
    assert found >= 3
    worker = (SOURCE / "worker/serve.py").read_text(encoding="utf-8")
    assert "signal.alarm(" in worker
    assert "RLIMIT_" in worker


def test_git_that_hangs_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object, **given: float) -> None:
        raise subprocess.TimeoutExpired("git", given["timeout"])

    monkeypatch.setattr(history.subprocess, "run", hang)
    with pytest.raises(TableError, match="did not end") as raised:
        history.read_at(tmp_path, "main")
    assert len(raised.value.problems) == 1


def test_a_report_without_end_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authorise, "LARGEST", 1 << 20)
    path = tmp_path / "report.json"
    path.write_bytes(b" " * ((1 << 20) + 1))
    with pytest.raises(InputError, match="more than 1 MB"):
        authorise.read_report_file(path)


def test_a_copy_of_clinvar_that_unpacks_without_end_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "clinvar.vcf.gz"
    path.write_bytes(gzip.compress(b"##fileformat=VCFv4.1\n##x=" + b"A" * (80 << 20), 9, mtime=0))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(InputError) as raised:
        open_clinvar(path, "2026-11-28")
    assert len(raised.value.problems) == 1


def test_a_name_in_a_fasta_without_end_is_one_line(reference: Reference, tmp_path: Path) -> None:
    path = tmp_path / "genome.fa.gz"
    path.write_bytes(gzip.compress(b">" + b"A" * (40 << 20), 1, mtime=0))
    with pytest.raises(InputError, match="name without end"):
        read_fasta(str(path), [("2", 10, 40)], reference, GenomeBuild.GRCH38)


def test_a_line_of_results_without_end_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "LARGEST", 1 << 20)
    path = tmp_path / "results.jsonl.gz"
    path.write_bytes(gzip.compress(b"{" + b" " * (1 << 22), 1, mtime=0))
    with pytest.raises(InputError, match="results-readable"):
        list(results.read_results(path))


@contextmanager
def sending(head: bytes, part: bytes, pause: float) -> Iterator[int]:
    """Run a system that sends a head and then a part after the other; give its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                with connection, suppress(OSError):
                    connection.sendall(head)
                    while True:
                        connection.sendall(part)
                        time.sleep(pause)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


@pytest.mark.parametrize(
    ("part", "pause", "longest"), [(b" " * 65536, 0.0, 60.0), (b" ", 0.02, 0.2)]
)
def test_a_service_that_answers_without_end_is_one_line(
    part: bytes, pause: float, longest: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "LARGEST_ANSWER", 1 << 20)
    with sending(b"HTTP/1.0 200 OK\r\n\r\n", part, pause) as port:
        with pytest.raises(InputError, match="without end"):
            WebClient(longest=longest).get(f"http://127.0.0.1:{port}/x")


def test_a_receiver_that_never_ends_its_answer_is_one_line() -> None:
    message = b"MSH|^~\\&|A||||20261123||ORU^R01|77|P|2.5.1\r"
    with sending(b"\x0b", b"x", 0.05) as port:
        with pytest.raises(ConfigError, match="no whole answer|timed out"):
            exchange(message, Receiver("127.0.0.1", port, 0.3))


@pytest.mark.parametrize("number", [1_000_001, 242_193_529, 10**30])
def test_a_header_that_numbers_an_entry_beyond_all_is_one_line(
    number: int, reference: Reference, tmp_path: Path
) -> None:
    """htslib would take a table of that length: gigabytes for a file of a few hundred bytes."""
    head = b"".join(x for x in RECORDS.splitlines(keepends=True) if x.startswith(b"#"))
    text = head.replace(b"length=242193529>", b"length=242193529,IDX=%d>" % number) + b"\0"
    path = tmp_path / "a.bcf"
    path.write_bytes(block_gzip(b"BCF\x02\x02" + struct.pack("<I", len(text)) + text))
    with pytest.raises(InputError, match="beyond a million"):
        inspect_vcf(path, GenomeBuild.GRCH38, reference)
