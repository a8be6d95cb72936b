"""Files at URLs, on a loopback server that answers as servers do, and as they should not."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pysam
import pysam.bcftools
import pytest

from epilepsy_pgx.addresses import UrlPath, full_text, input_path, shown
from epilepsy_pgx.cli import commands
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake import remote
from epilepsy_pgx.intake.sheet import read_sheet
from epilepsy_pgx.pipeline.artefact import relative_path
from epilepsy_pgx.pipeline.extract import Extraction, extract_cut, extract_files, extract_group
from epilepsy_pgx.pipeline.inspection import Inspections
from epilepsy_pgx.pipeline.manifest import CutPlan
from epilepsy_pgx.pipeline.parts import CutJob, cut_for_batches, open_part
from epilepsy_pgx.pipeline.targets import TargetCache, load_targets
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.record import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.toy.vcf import ALL_REFERENCE, vcf_text

BUILD = GenomeBuild.GRCH38
SECRET = "X-Amz-Signature=5ec2e7"
RECORDS = ("1001 A G GT 0/1", "1011 C T GT 1|1", *ALL_REFERENCE[2:])


@dataclass
class Host:
    """What a server does, and what it was asked."""

    folder: Path
    address: str = ""
    does: str = "ranges"
    """`ranges`, `whole`, `elsewhere`, `changes`, `short`, or a status."""
    failures: int = 0
    """How many requests are answered with 503 first."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path with query, and range."""
    sent: int = 0
    logins: set[str | None] = field(default_factory=set)


@contextmanager
def serving(folder: Path, **given: Any) -> Iterator[Host]:
    host = Host(folder, **given)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def reply(self, status: int, data: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            host.sent += len(data)
            try:
                self.wfile.write(data)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def do_GET(self) -> None:  # noqa: N802
            asked = self.headers.get("Range", "")
            host.asked.append((self.path, asked))
            host.logins.add(self.headers.get("Authorization"))
            path = host.folder / urlsplit(self.path).path.lstrip("/")
            if host.failures:
                host.failures -= 1
                self.reply(503)
            elif host.does.isdigit():
                self.reply(int(host.does))
            elif host.does == "elsewhere":
                self.reply(302, Location="http://127.0.0.2:9/x.vcf.gz")
            elif not path.is_file():
                self.reply(404)
            elif not asked or host.does == "whole":
                self.reply(200, path.read_bytes())
            else:
                self.part(path.read_bytes(), asked)

        def part(self, data: bytes, asked: str) -> None:
            first, last = map(int, asked.removeprefix("bytes=").split("-"))
            tag = str(len(host.asked)) if host.does == "changes" else "1"
            stop = min(last + 1, len(data))
            cut = data[first : stop - (7 if host.does == "short" and first else 0)]
            said = f"bytes {first}-{stop - 1}/{len(data)}"
            self.reply(206, cut, Content_Range=said, ETag=f'"{tag}"')

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    host.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy between the two, and no pauses."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(remote.time, "sleep", lambda _: None)


def write(folder: Path, name: str = "x.vcf.gz", *records: str) -> Path:
    """Write an indexed file in a folder to serve."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = folder / "plain.vcf"
    plain.write_text(vcf_text(*(records or RECORDS)))
    if name.endswith(".bcf"):
        pysam.bcftools.view("-Ob", "-o", str(path), str(plain), catch_stdout=False)
        pysam.bcftools.index(str(path))
    else:
        pysam.tabix_compress(str(plain), str(path), force=True)
        pysam.tabix_index(str(path), preset="vcf", force=True)
    plain.unlink()
    return path


def read(url: str, ref: Reference, folder: Path) -> Extraction:
    folder.mkdir(exist_ok=True)
    inspections, targets = Inspections(ref), load_targets(ref, BUILD)
    with inspections.keeping(folder):
        files = inspections.files([UrlPath(url)], BUILD)
        return extract_files(files, None, None, targets, ref, Thresholds())


def same(one: Extraction, other: Extraction) -> bool:
    return all(
        np.array_equal(getattr(one.store, n), getattr(other.store, n))
        for n in ("alleles", "status", "reason", "phase", "depth", "quality")
    )


def test_what_is_shown_of_a_url() -> None:
    url = f"https://me:pw@a.org/d/x.vcf.gz?{SECRET}##idx##https://a.org/d/x.csi?{SECRET}"
    path = UrlPath(url)
    assert str(path) == "https://a.org/d/x.vcf.gz" == shown(url)
    assert path.name == "x.vcf.gz"
    assert "5ec2e7" not in repr(path) + relative_path(path, Path("/x"))
    assert full_text(path) == url
    assert full_text(input_path(full_text(path))) == url
    assert path.own_index == f"https://a.org/d/x.csi?{SECRET}"
    assert not path.is_file()


@pytest.mark.parametrize("name", ["x.vcf.gz", "x.bcf"])
def test_a_url_is_read_as_the_file_is(toy: Reference, tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "served", name)
    whole = extract_group([path], None, None, load_targets(toy, BUILD), toy, Thresholds())
    assert whole.store.alleles[0].tolist() == [[0, 1]]
    with serving(path.parent) as host:
        found = read(f"{host.address}/{name}?{SECRET}", toy, tmp_path / "job")
    assert same(found, whole)
    assert found.warnings == whole.warnings
    (made,) = found.inputs
    assert (made.name, made.digest, made.size) == (name, 'etag:"1"', path.stat().st_size)
    # Everything but the index is asked for in parts, signed.
    for asked, part in host.asked:
        assert SECRET in asked
        assert bool(part) is not urlsplit(asked).path.endswith((".csi", ".tbi"))
    kept = {p.name for p in (tmp_path / "job").iterdir()}
    assert all(
        n.startswith(remote.local_path(UrlPath(f"{host.address}/{name}?{SECRET}"), Path("/")).name)
        for n in kept
    )


def test_only_the_regions_are_read(toy: Reference, tmp_path: Path) -> None:
    # Many bins, and bytes that pack badly.
    letters = np.frombuffer(b"ACGT", np.uint8)
    drawn = letters[np.random.default_rng(1).integers(0, 4, (1000, 4000))]
    more = (
        f"{50_000 + 20_000 * i} A {row.tobytes().decode()} GT 0/1" for i, row in enumerate(drawn)
    )
    path = write(tmp_path / "served", "x.vcf.gz", *RECORDS, *more)
    with serving(path.parent) as host:
        remote_file = UrlPath(f"{host.address}/x.vcf.gz")
        found = remote.RemoteFile(remote_file, tmp_path / "x")
        index = found.index()
        before = host.sent
        (tmp_path / "x.tag").write_text(found.tag)
        remote.fetch_regions(remote_file, tmp_path / "x", index, [("chr10", 1000, 1100)])
        assert host.sent - before <= 4 * remote.BLOCK < path.stat().st_size / 4


def test_two_files_of_one_name_have_their_own_index(toy: Reference, tmp_path: Path) -> None:
    write(tmp_path / "served/a", "x.vcf.gz")
    write(tmp_path / "served/b", "x.vcf.gz", *ALL_REFERENCE)
    with serving(tmp_path / "served") as host:
        found = [read(f"{host.address}/{n}/x.vcf.gz", toy, tmp_path / "job") for n in "ab"]
    assert [f.store.alleles[0].tolist() for f in found] == [[[0, 1]], [[0, 0]]]


@pytest.mark.parametrize(
    ("does", "check"),
    [
        ("whole", "url-ranges"),
        ("elsewhere", "url-host"),
        ("403", "url-reached"),
        ("404", "url-reached"),
        ("500", "url-reached"),
        ("changes", "url-same"),
    ],
)
def test_a_host_that_does_not_answer_so_is_one_line(
    toy: Reference, tmp_path: Path, does: str, check: str
) -> None:
    path = write(tmp_path / "served")
    with serving(path.parent, does=does) as host, pytest.raises(InputError) as error:
        read(f"{host.address}/x.vcf.gz?{SECRET}", toy, tmp_path / "job")
    (problem,) = error.value.problems
    assert problem.check == check
    assert problem.file == f"{host.address}/x.vcf.gz"
    assert "5ec2e7" not in str(problem)
    # A file that is sent whole is not read on.
    assert host.sent < 3 * path.stat().st_size


def test_a_user_in_a_url_is_sent_and_not_shown(toy: Reference, tmp_path: Path) -> None:
    path = write(tmp_path / "served")
    with serving(path.parent) as host:
        url = host.address.replace("//", "//me:p%20w@") + "/x.vcf.gz"
        found = read(url, toy, tmp_path / "job")
    assert found.store.samples == ("S1",)
    assert host.logins == {"Basic bWU6cCB3"}
    assert "@" not in str(UrlPath(url))


def test_a_host_that_is_not_there(toy: Reference, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no connection") as error:
        read(f"http://127.0.0.1:9/x.vcf.gz?{SECRET}", toy, tmp_path / "job")
    assert "5ec2e7" not in str(error.value)


def test_a_host_that_is_busy_is_asked_again(toy: Reference, tmp_path: Path) -> None:
    path = write(tmp_path / "served")
    with serving(path.parent, failures=2) as host:
        assert read(f"{host.address}/x.vcf.gz", toy, tmp_path / "job").store.samples == ("S1",)


def test_an_index_of_another_file_or_none(toy: Reference, tmp_path: Path) -> None:
    path = write(tmp_path / "served")
    other = write(tmp_path / "served", "y.vcf.gz", *RECORDS[:2])
    with serving(path.parent) as host:
        url = f"{host.address}/x.vcf.gz"
        with pytest.raises(InputError, match=r"url-index.*index again|not used"):
            read(f"{url}##idx##{host.address}/y.vcf.gz.tbi", toy, tmp_path / "one")
        moved = other.with_name("own.tbi")
        Path(f"{path}.tbi").rename(moved)
        with pytest.raises(InputError, match="no index beside it"):
            read(url, toy, tmp_path / "two")
        assert read(f"{url}##idx##{host.address}/own.tbi", toy, tmp_path / "three").store.samples


def test_a_file_of_several_batches_at_a_url(toy: Reference, tmp_path: Path) -> None:
    path = write(tmp_path / "served")
    with serving(path.parent) as host:
        url = f"{host.address}/x.vcf.gz?{SECRET}"
        plan = CutPlan((url,), (url,), BUILD, None, {"batch00001": ("S1",), "batch00002": ("S1",)})
        job = CutJob(plan, toy, TargetCache(toy, None), Inspections(toy))
        assert cut_for_batches(job, tmp_path / "cut") == ()
        asked = len(host.asked)
        assert cut_for_batches(job, tmp_path / "cut") == ()
        # To see that nothing changed takes header and index, and no records.
        assert len(host.asked) - asked < asked
    part = open_part(tmp_path / "cut", "batch00002", job.targets, None, toy)
    found = extract_cut(part, None, job.targets, toy, Thresholds())
    assert found.store.alleles[0].tolist() == [[0, 1]]
    written = b"".join(p.read_bytes() for p in (tmp_path / "cut").iterdir())
    assert b"5ec2e7" not in written


def test_plain_text_is_not_read_from_afar(toy: Reference, tmp_path: Path) -> None:
    (tmp_path / "x.vcf").write_text(vcf_text(*RECORDS))
    with serving(tmp_path) as host, pytest.raises(InputError, match="bgzip"):
        read(f"{host.address}/x.vcf", toy, tmp_path / "job")


@pytest.mark.parametrize(
    ("scheme", "variable"), [("s3", "AWS_ENDPOINT_URL"), ("gs", "STORAGE_EMULATOR_HOST")]
)
def test_buckets(
    toy: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str, variable: str
) -> None:
    write(tmp_path / "served/bucket", "d/x y.vcf.gz")
    with serving(tmp_path / "served") as host:
        (tmp_path / "served/bucket/d/x%20y.vcf.gz").symlink_to("x y.vcf.gz")
        (tmp_path / "served/bucket/d/x%20y.vcf.gz.tbi").symlink_to("x y.vcf.gz.tbi")
        monkeypatch.setenv(variable, host.address)
        found = read(f"{scheme}://bucket/d/x%20y.vcf.gz", toy, tmp_path / "job")
    assert found.store.alleles[0].tolist() == [[0, 1]]
    monkeypatch.delenv(variable)
    public = remote.web_address(f"{scheme}://bucket/x.vcf.gz")
    assert public.startswith("https://")
    assert public.endswith("/bucket/x.vcf.gz")


def test_a_sheet_of_urls_through_the_stages_says_no_secret(
    root: Path, tmp_path: Path, reference: Reference, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(root / "examples/vcf") as host:
        sheet = tmp_path / "s.tsv"
        url = f"{host.address}/EX01.vcf.gz?{SECRET}"
        lost = f"{host.address}/EX09.vcf.gz?{SECRET}"
        rows = [f"EX01\t{url}\tGRCh38", f"LOST\t{lost}\tGRCh38"]
        sheet.write_text("\n".join(["sample_id\tvcf\tbuild", *rows]) + "\n")
        assert [full_text(p) for row in read_sheet(sheet, reference).rows for p in row.vcfs] == [
            url,
            lost,
        ]
        plan, out = str(tmp_path / "plan"), tmp_path / "x/batch00001"
        words = ["plan", "--samples", str(sheet), "--out", plan]
        commands.main(words, standalone_mode=False)
        words = ["extract", "-vv", "--plan", plan, "--batch", "batch00001", "--out", str(out)]
        commands.main(words, standalone_mode=False)
    said = "".join(capsys.readouterr())
    assert f"{host.address}/EX09.vcf.gz: found status 404" in said
    assert "5ec2e7" not in said
    written = b"".join(p.read_bytes() for p in out.rglob("*") if p.is_file())
    assert b"5ec2e7" not in written
    assert f"{host.address}/EX01.vcf.gz".encode() in written
