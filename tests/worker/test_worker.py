"""Jobs in a process of their own: whatever becomes of it, the answer is a line in words."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx import worker
from epilepsy_pgx.worker import client
from epilepsy_pgx.worker.client import ask
from epilepsy_pgx.worker.jobs import (
    Consequences,
    CsqJob,
    ExtractionJob,
    Failure,
    Records,
    Request,
    decode_request,
    encode,
)
from tests.toy.vcf import vcf_text

SOURCE = Path(client.__file__).resolve().parents[2]


@pytest.fixture
def bed(tmp_path):
    path = tmp_path / "a.bed"
    path.write_text("chr10\t0\t2000\n")
    return path


@pytest.fixture
def vcf(tmp_path):
    path = tmp_path / "good.vcf"
    path.write_text(vcf_text("1001 A G GT 0/1"), encoding="utf-8")
    return path


@pytest.fixture
def endless(tmp_path, bed):
    """A job that waits for a pipe that nothing is written to."""
    os.mkfifo(tmp_path / "pipe")
    return ExtractionJob(tmp_path / "pipe", bed, tmp_path / "never.bcf", False)


def children(pid):
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_for(what, seconds=20):
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def kill_soon(pids):
    """Kill the first process that turns up."""
    thread = threading.Thread(target=lambda: os.kill(wait_for(pids)[0], signal.SIGKILL))
    thread.start()
    return thread


def test_a_file_that_cannot_be_read_stops_nothing_else(tmp_path, bed, vcf):
    absent = ask(ExtractionJob(tmp_path / "absent.vcf", bed, tmp_path / "1.bcf", False))
    assert isinstance(absent, Failure)
    assert "absent.vcf" in absent.message
    good = ExtractionJob(vcf, bed, tmp_path / "2.bcf", False)
    assert isinstance(ask(good), Records)
    assert (tmp_path / "2.bcf").stat().st_size > 0
    long = tmp_path / "long.vcf"
    long.write_text(vcf_text("1001 A " + "G" * 2**26 + " GT 0/1"), encoding="utf-8")
    too_long = ExtractionJob(long, bed, tmp_path / "3.bcf", False)
    assert isinstance(ask(too_long, memory=2**25), Failure)
    assert ask(good).cut.contigs == {"chr10": 1}


def test_each_thread_gets_the_answer_to_its_own_question(tmp_path, bed):
    names = [f"absent{n}.vcf" for n in range(40)]
    jobs = [ExtractionJob(tmp_path / n, bed, tmp_path / "1.bcf", False) for n in names]
    client.close()
    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(ask, jobs)]
    assert [n for n, a in zip(names, answers, strict=True) if n not in a.message] == []


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_process_that_is_forked_while_a_thread_asks_can_ask(tmp_path, bed):
    with client._one_at_a_time:
        child = os.fork()
        if not child:
            signal.alarm(20)
            job = ExtractionJob(tmp_path / "absent.vcf", bed, tmp_path / "1.bcf", False)
            os._exit(0 if isinstance(ask(job), Failure) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_job_that_is_killed_is_told_with_its_signal(endless, tmp_path, bed, vcf):
    good = ExtractionJob(vcf, bed, tmp_path / "2.bcf", False)
    ask(good)
    worker = client._worker._process.pid
    thread = kill_soon(lambda: children(worker))
    assert ask(endless) == Failure(
        "a process ended by signal 9 (Killed, as when memory runs out) while cutting out records"
    )
    thread.join()
    assert isinstance(ask(good), Records)
    assert client._worker._process.pid == worker


def test_a_job_that_is_killed_leaves_nothing_behind(tmp_path, monkeypatch):
    client.close()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    endless = _csq_job(tmp_path, "49\tv\tG\tA")
    endless.vcf.unlink()
    os.mkfifo(endless.vcf)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    # What bcftools says goes to a file of its own, which only its own end takes away.

    def left():
        return [*scratch.rglob("tmp*")]

    thread = kill_soon(lambda: left() and children(client._worker._process.pid))
    assert isinstance(ask(endless), Failure)
    thread.join()
    assert left()
    client.close()
    assert list(scratch.iterdir()) == []


def test_a_worker_that_is_killed_is_told_and_replaced(endless, tmp_path, bed, vcf):
    good = ExtractionJob(vcf, bed, tmp_path / "2.bcf", False)
    ask(good)
    worker = client._worker._process.pid
    forks = []
    thread = kill_soon(lambda: forks.extend(children(worker)) or forks and [worker])
    answer = ask(endless)
    thread.join()
    wait_for(lambda: not any(map(_runs, forks)))
    assert answer.message.startswith("a process ended by signal 9 (Killed")
    assert isinstance(ask(good), Records)
    os.kill(client._worker._process.pid, signal.SIGKILL)
    client._worker._process.wait()
    assert isinstance(ask(good), Records)


def test_a_job_that_takes_too_long_is_given_up(endless):
    assert ask(endless, timeout=1) == Failure(
        "cutting out records that did not end within 1 seconds"
    )


def test_a_worker_that_cannot_start_says_why(endless, monkeypatch, tmp_path):
    client.close()
    broken = tmp_path / "epilepsy_pgx"
    broken.mkdir()
    (broken / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    answer = ask(endless)
    assert answer.message.startswith("a process that ended with exit code 1 while cutting out")
    assert answer.message.endswith("No module named epilepsy_pgx.worker")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    assert ask(endless) == Failure("no process for cutting out records (No such file or directory)")


@pytest.mark.parametrize("call", ["pipe", "fork"])
def test_a_fork_that_fails_leaves_no_file_open(endless, monkeypatch, call):
    client.close()
    made = []

    def fail(*_):
        made.append(True)
        # The first pipe opens, the second does not.
        if call == "pipe" and len(made) == 1:
            return real()
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    real = getattr(os, call)
    monkeypatch.setattr(client, "_sole_thread", lambda: True)
    before = os.listdir("/proc/self/fd")
    monkeypatch.setattr(os, call, fail)
    answer = ask(endless)
    monkeypatch.undo()
    assert os.listdir("/proc/self/fd") == before
    assert answer == Failure(
        "no process for cutting out records (Resource temporarily unavailable)"
    )


def test_an_interrupted_question_leaves_no_late_answer(endless, tmp_path, bed, vcf):
    good = ExtractionJob(vcf, bed, tmp_path / "2.bcf", False)
    ask(good)
    worker = client._worker._process.pid
    # A test run in the background of a shell starts with this signal ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def interrupt():
        wait_for(lambda: children(worker))
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            ask(endless)
    finally:
        thread.join()
        signal.signal(signal.SIGINT, before)
    assert not Path(f"/proc/{worker}").exists()
    assert isinstance(ask(good), Records)


PROGRAM = """
import sys
sys.path[:] = [p for p in sys.path if p]
sys.path.insert(0, {source!r})
from pathlib import Path
from epilepsy_pgx.worker import client, fork_workers
from epilepsy_pgx.worker.client import ask
from epilepsy_pgx.worker.jobs import ExtractionJob
if {forks}:
    fork_workers()
print("said before", end="")
print(ask(ExtractionJob(Path({vcf!r}), Path({bed!r}), Path("out.bcf"), False)))
print(type(client._worker._process).__name__)
"""
HOWS = pytest.mark.parametrize("forks", [False, True], ids=["started", "forked"])


def environment():
    return {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}


def program(vcf, bed, forks):
    text = PROGRAM.format(source=str(SOURCE), vcf=str(vcf), bed=str(bed), forks=forks)
    return [sys.executable, "-c", text]


@HOWS
def test_it_runs_in_any_folder_and_without_pythonpath(tmp_path, bed, vcf, forks):
    """Neither a folder nor modules named like ours in the user's folder change what is run."""
    folder = tmp_path / "here"
    (folder / "epilepsy_pgx").mkdir(parents=True)
    for name in ("json.py", "pysam.py", "epilepsy_pgx/__init__.py"):
        (folder / name).write_text("raise SystemExit('the wrong module')\n")
    done = subprocess.run(
        program(vcf, bed, forks),
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("said beforeRecords(")
    assert done.stdout.splitlines()[-1] == ("_Forked" if forks else "Popen")
    assert (folder / "out.bcf").stat().st_size > 0


@HOWS
def test_it_ends_when_its_parent_is_killed(endless, tmp_path, forks):
    with subprocess.Popen(
        program(endless.source, endless.regions, forks),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.DEVNULL,
    ) as parent:
        (worker,) = wait_for(lambda: children(parent.pid))
        (fork,) = wait_for(lambda: children(worker))
        parent.kill()
    for pid in (worker, fork):
        wait_for(lambda pid=pid: not _runs(pid))


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


KILLED = """
import os, signal, sys, threading, time
sys.path.insert(0, {source!r})
from pathlib import Path
from epilepsy_pgx.worker import client, fork_workers
from epilepsy_pgx.worker.jobs import ExtractionJob
fork_workers()
held = open({bed!r})
good = ExtractionJob(Path({vcf!r}), Path({bed!r}), Path("out.bcf"), False)
print(type(client.ask(good)).__name__)
process = client._worker._process
folder = Path(client._worker._folder)
assert str(folder) == os.path.dirname(os.readlink(f"/proc/{{process.pid}}/fd/2")).split(" ")[0]
assert not [f for f in Path(f"/proc/{{process.pid}}/fd").iterdir() if os.readlink(f) == {bed!r}]
if not os.fork():
    time.sleep(0.5)
    os.kill(process.pid, signal.{signal})
    os._exit(0)
print(client.ask(ExtractionJob(Path({pipe!r}), Path({bed!r}), Path("never.bcf"), False)))
assert not folder.exists() or client._worker is None or not client._worker.is_alive()
print(type(client.ask(good)).__name__)
"""


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM"])
def test_a_fork_that_is_killed_is_told_and_replaced(endless, tmp_path, bed, vcf, how):
    names = {"source": str(SOURCE), "vcf": str(vcf), "bed": str(bed), "pipe": str(endless.source)}
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", KILLED.format(signal=how, **names)],
        cwd=tmp_path,
        env={**environment(), "TMPDIR": str(scratch)},
        capture_output=True,
        text=True,
        check=False,
    )
    first, told, last = done.stdout.splitlines()
    assert (done.returncode, done.stderr, first, last) == (0, "", "Records", "Records")
    assert f"a process ended by signal {signal.Signals[how].value} (" in told
    assert list(scratch.iterdir()) == []


def test_a_program_with_threads_forks_none(tmp_path, bed, vcf, monkeypatch):
    client.close()
    monkeypatch.setattr(worker, "forks", True)
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert isinstance(ask(ExtractionJob(vcf, bed, tmp_path / "1.bcf", False)), Records)
        assert isinstance(client._worker._process, subprocess.Popen)
    finally:
        done.set()
        thread.join()


def test_paths_of_a_job_start_from_the_folder_of_the_caller(tmp_path, bed, vcf, monkeypatch):
    for number in ("1", "2"):
        (tmp_path / number).mkdir()
        monkeypatch.chdir(tmp_path / number)
        job = ExtractionJob(Path("../good.vcf"), Path("../a.bed"), Path("out.bcf"), False)
        assert isinstance(ask(job), Records)
        assert (tmp_path / number / "out.bcf").exists()


@given(
    st.binary(min_size=1).filter(lambda b: b"\0" not in b),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]))),
    st.booleans(),
)
def test_a_job_survives_the_way_to_the_worker(name, samples, flag):
    """File names are bytes, and need not be text."""
    path = Path(os.fsdecode(name))
    job = ExtractionJob(path, path, path / "x", flag, tuple(samples), None, flag, path, None)
    line = encode(Request(job, path, 1, 2.0))
    assert line.count(b"\n") == 1
    assert decode_request(line) == Request(job, path, 1, 2.0)


def test_a_name_that_is_not_utf8_is_told(tmp_path, bed):
    absent = tmp_path / os.fsdecode(b"na\xefve.vcf")
    answer = ask(ExtractionJob(absent, bed, tmp_path / "1.bcf", False))
    assert "No such file" in answer.message


def _csq_job(folder, *records):
    (folder / "a.fa").write_text(f">g\nATG{'GCA' * 18}TAA\n")
    rows = [
        ("gene", "ID=gene:g;biotype=protein_coding;Name=g"),
        ("mRNA", "ID=transcript:g;Parent=gene:g;biotype=protein_coding"),
        ("CDS", "ID=CDS:g;Parent=transcript:g"),
        ("exon", "Parent=transcript:g"),
    ]
    lines = [
        f"g\tt\t{kind}\t1\t60\t.\t+\t{'0' if kind == 'CDS' else '.'}\t{rest}\n"
        for kind, rest in rows
    ]
    (folder / "a.gff").write_text("##gff-version 3\n" + "".join(lines))
    head = "##fileformat=VCFv4.2\n##contig=<ID=g,length=60>\n"
    head += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    (folder / "a.vcf").write_text(head + "".join(f"g\t{r}\t.\t.\t.\n" for r in records))
    return CsqJob(
        folder / "a.fa", folder / "a.gff", folder / "a.vcf", len(records), folder / "b.vcf"
    )


def test_csq_starts_afresh_with_each_job(tmp_path):
    """It refuses a position before the last one of an earlier run in the same process."""
    for pos in (49, 31, 4):
        answer = ask(_csq_job(tmp_path, f"{pos}\tv\tG\tA"))
        assert isinstance(answer, Consequences)
        assert answer.by_record["v"].startswith("missense|")


def test_csq_that_refuses_a_record_is_told_in_words(tmp_path):
    answer = ask(_csq_job(tmp_path, "31\tv\tC\tA"))
    assert isinstance(answer, Failure)
    assert answer.message.startswith("bcftools csq: ")
    assert "does not match the VCF REF" in answer.message
