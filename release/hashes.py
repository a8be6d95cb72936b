"""Write constraints.hashes.txt: every pinned version with the digests of its files.

    python release/hashes.py [--anew] [3.12 3.13]

Asks pip, and whichever index pip is set up with, for the file of each pin that fits the Python that
runs this, and for those that fit other versions of Python on the same system. The file holds
digests and no address; pins that it has already keep theirs, unless `--anew` is given. It is for
`pip install --require-hashes --no-deps -r constraints.hashes.txt`.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PINS, HASHES = ROOT / "constraints.txt", ROOT / "constraints.hashes.txt"
PIP = (sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps")
SECONDS = 1800


def pins() -> list[str]:
    """Return the pins in their order."""
    lines = PINS.read_text(encoding="utf-8").splitlines()
    return [text for text in lines if text and not text.startswith("#")]


def held() -> dict[str, set[str]]:
    """Return the digests that the file has, by pin."""
    lines = HASHES.read_text(encoding="utf-8").splitlines() if HASHES.is_file() else []
    mark = "--hash=sha256:"
    return {
        pin: {word.removeprefix(mark) for word in rest.split()}
        for pin, _, rest in (line.partition(" ") for line in lines)
    }


def files(wanted: Sequence[str], version: str | None = None) -> Iterator[tuple[str, str, str]]:
    """Yield for each pin its place among them, a digest, and the name of the file."""
    if not wanted:
        return
    with tempfile.TemporaryDirectory() as folder:
        report, listed = Path(folder) / "report.json", Path(folder) / "pins.txt"
        listed.write_text("\n".join(wanted) + "\n", encoding="utf-8")
        words = [*PIP, "--quiet", "--report", str(report), "--target", folder, "-r", str(listed)]
        words += [] if version is None else ["--python-version", version]
        subprocess.run(words, check=True, timeout=SECONDS)
        found = json.loads(report.read_text(encoding="utf-8"))["install"]
    by_name = {plain(pin.partition("==")[0]): pin for pin in wanted}
    for one in found:
        source = one["download_info"]
        digest = source["archive_info"]["hashes"]["sha256"]
        name = source["url"].partition("#")[0].rpartition("/")[2]
        yield by_name[plain(one["metadata"]["name"])], digest, name


def plain(name: str) -> str:
    """Return the name of a package in one spelling."""
    return name.lower().replace("_", "-").replace(".", "-")


def main() -> None:
    """Write the file."""
    versions = [word for word in sys.argv[1:] if word != "--anew"]
    known = {} if "--anew" in sys.argv else held()
    digests = {pin: known.get(pin, set()) for pin in pins()}
    wanted = [pin for pin, found in digests.items() if not found]
    built = []
    for pin, digest, name in files(wanted):
        digests[pin].add(digest)
        if name.endswith(".whl") and not name.endswith("-none-any.whl"):
            built.append(pin)
    for version in versions:
        for pin, digest, _ in files(built, version):
            digests[pin].add(digest)
    text = "".join(
        f"{pin} {' '.join(f'--hash=sha256:{d}' for d in sorted(found))}\n"
        for pin, found in digests.items()
    )
    HASHES.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
