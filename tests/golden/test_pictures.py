"""What six reports look like: the first two pages of each PDF, downscaled and in grey.

`pytest tests/golden --update-golden` draws the expected pictures anew; look at them before they
are kept. The PDF brings its own fonts, so that one machine draws what another draws.
"""

import struct
import subprocess
import zlib
from pathlib import Path
from shutil import which

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.report.examples import drawn, example_reports
from tests.report.sheets import needs

EXPECTED = Path(__file__).parent / "expected"
SHOWN = ("EX01", "EX04", "EX05", "EX07", "EX08", "EX11")
DPI, PAGES = 24, 2
STRONG = 40
"""Steps of grey by which a spot differs to the eye."""
TOLERATED = 0.01
"""Part of the spots that may differ: a moved line of text is more."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"

Grey = NDArray[np.uint8]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Grey]:
    pytest.importorskip("typst", reason="needs the extra pdf")
    tool = needs(which("pdftoppm"))
    folder = tmp_path_factory.mktemp("pictures")
    made = {}
    for name in SHOWN:
        source = folder / f"{name}.pdf"
        source.write_bytes(drawn(example_reports()[name], "pdf"))
        options = ["-gray", "-r", str(DPI), "-l", str(PAGES)]
        subprocess.run([tool, *options, source, folder / name], check=True, capture_output=True)
        pages = [read_pgm(path) for path in sorted(folder.glob(f"{name}-*.pgm"))]
        assert len(pages) == PAGES
        made[name] = np.hstack(pages)
    return made


@pytest.mark.slow
@pytest.mark.parametrize("name", SHOWN)
def test_report_looks_as_expected(name, pictures, request):
    path = EXPECTED / f"{name}.png"
    if request.config.getoption("--update-golden"):
        path.write_bytes(to_png(pictures[name]))
    assert path.is_file(), "no expected picture: run with --update-golden and look at it"
    assert differing(pictures[name], from_png(path.read_bytes())) <= TOLERATED


@pytest.mark.slow
def test_reports_of_two_patients_do_not_pass_for_each_other(pictures):
    for name, other in zip(SHOWN, SHOWN[1:], strict=False):
        assert differing(pictures[name], pictures[other]) > TOLERATED


def test_a_picture_is_read_as_it_was_written():
    grey = np.arange(42, dtype=np.uint8).reshape(6, 7)
    assert np.array_equal(from_png(to_png(grey)), grey)


def test_a_moved_line_is_seen():
    page = np.full((280, 200), 255, np.uint8)
    page[::8] = 90
    assert differing(page, np.roll(page, 3, axis=0)) > TOLERATED
    assert differing(page, page) == 0
    assert differing(page, page[:-1]) == 1


def differing(one: Grey, other: Grey) -> float:
    """Return the part of two pictures that differs to the eye; all of it, if their sizes do."""
    if one.shape != other.shape:
        return 1.0
    apart = np.abs(one.astype(np.int16) - other.astype(np.int16))
    return float((apart > STRONG).mean())


def read_pgm(path: Path) -> Grey:
    """Return a binary PGM of eight bits."""
    data = path.read_bytes()
    kind, width, height, depth = data.split(maxsplit=4)[:4]
    assert (kind, depth) == (b"P5", b"255")
    size = int(width) * int(height)
    return np.frombuffer(data[-size:], np.uint8).reshape(int(height), int(width))


def to_png(grey: Grey) -> bytes:
    """Return a grey picture as PNG, its rows unfiltered."""
    height, width = grey.shape
    rows = b"".join(b"\0" + row.tobytes() for row in grey)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def from_png(data: bytes) -> Grey:
    """Return the picture of a file that `to_png` wrote."""
    width, height = struct.unpack(">II", data[16:24])
    at = data.index(b"IDAT")
    size = struct.unpack(">I", data[at - 4 : at])[0]
    rows = np.frombuffer(zlib.decompress(data[at + 4 : at + 4 + size]), np.uint8)
    return rows.reshape(height, width + 1)[:, 1:]
