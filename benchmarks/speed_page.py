"""Table and picture of the measured stages, as `docs/speed.md` shows them."""

import csv
import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "benchmarks/scale.tsv"
PAGE = ROOT / "docs/speed.md"
PICTURE = ROOT / "docs/speed.svg"
COLUMNS = ("samples", "stage", "cpu_seconds", "of_htslib", "peak_mb", "measured", "runs", "date")
BEGIN, END = "<!-- scale: begin -->\n", "<!-- scale: end -->\n"
READ = "htslib"
TABLES_ONLY = ("plan", "cut", "extract", "identify", "predict", "cohort")
ALL = (*TABLES_ONLY, "report")
TOTALS = {"tables only": TABLES_ONLY, "with HTML, JSON and TSV": ALL}

Measured = dict[int, dict[str, dict[str, str]]]


def read_data(path: Path = DATA) -> Measured:
    """Return what was measured, by samples and stage."""
    found: Measured = {}
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            found.setdefault(int(row["samples"]), {})[row["stage"]] = row
    return found


def total(stages: dict[str, dict[str, str]], names: tuple[str, ...], column: str) -> float:
    """Return what several stages took together."""
    return sum(float(stages[name][column]) for name in names)


def table(found: Measured) -> str:
    """Return the table: a stage each line, a size each column, CPU seconds and their ratio."""
    sizes = sorted(found)
    lines = ["| stage | " + " | ".join(f"{size:,}" for size in sizes) + " |"]
    lines.append("|---" * (len(sizes) + 1) + "|")
    for name in (READ, *ALL):
        cells = [_cell(found[size][name], ratio=name != READ) for size in sizes]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    for label, names in TOTALS.items():
        cells = [
            f"{_seconds(total(found[s], names, 'cpu_seconds'))} "
            f"({total(found[s], names, 'of_htslib'):.1f})"
            for s in sizes
        ]
        lines.append(f"| **{label}** | " + " | ".join(cells) + " |")
    peaks = [max(int(row["peak_mb"]) for row in found[size].values()) for size in sizes]
    lines.append("| most memory of a job, MB | " + " | ".join(map(str, peaks)) + " |")
    each = [1000 * total(found[s], ALL, "cpu_seconds") / s for s in sizes]
    lines.append("| ms of CPU a patient | " + " | ".join(f"{n:,.0f}" for n in each) + " |")
    return "\n".join(lines) + "\n"


def _cell(row: dict[str, str], *, ratio: bool) -> str:
    text = _seconds(float(row["cpu_seconds"]))
    if ratio:
        text += f" ({float(row['of_htslib']):.1f})"
    return text if float(row["measured"]) == 1 else f"~{text}"


def _seconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}" if value >= 0.1 else f"{value:.2f}"


def picture(found: Measured) -> str:
    """Return CPU seconds by samples, both scales logarithmic, as SVG."""
    sizes = sorted(found)
    lines = {READ: [float(found[s][READ]["cpu_seconds"]) for s in sizes]}
    for label, names in TOTALS.items():
        lines[label] = [total(found[s], names, "cpu_seconds") for s in sizes]
    top = math.ceil(math.log10(max(max(values) for values in lines.values())))
    low = math.floor(math.log10(min(min(values) for values in lines.values())))
    right = math.ceil(math.log10(sizes[-1]))

    def place(samples: float, seconds: float) -> tuple[float, float]:
        return (
            60 + 460 * math.log10(samples) / max(right, 1),
            20 + 280 * (top - math.log10(seconds)) / (top - low),
        )

    return "\n".join(_drawing(sizes, lines, place, (low, top, right))) + "\n"


def _drawing(sizes, lines, place, ends) -> Iterator[str]:  # type: ignore[no-untyped-def]
    low, top, right = ends
    yield (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 350" role="img" '
        'font-family="sans-serif" font-size="12">'
    )
    yield "<title>CPU seconds by number of samples</title>"
    for power in range(low, top + 1):
        x, y = place(1, 10.0**power)
        yield f'<path d="M{x:.0f} {y:.1f}H520" stroke="#ccc"/>'
        yield f'<text x="{x - 6:.0f}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>'
    for power in range(right + 1):
        x, y = place(10.0**power, 10.0**low)
        yield f'<text x="{x:.0f}" y="{y + 20:.1f}" text-anchor="middle">{10**power:,}</text>'
    for (label, values), colour in zip(lines.items(), ("#555", "#06c", "#c40"), strict=True):
        points = [place(s, v) for s, v in zip(sizes, values, strict=True)]
        for (x, y), (x2, y2) in pairwise(points):
            yield f'<path d="M{x:.1f} {y:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" fill="none"/>'
        for x, y in points:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
        x, y = points[-1]
        yield f'<text x="{x + 8:.1f}" y="{y + 4:.1f}" fill="{colour}">{label}</text>'
    yield "</svg>"


def text_of(found: Measured) -> str:
    """Return the part of the page."""
    days = sorted({row["date"] for stages in found.values() for row in stages.values()})
    runs = sorted({int(row["runs"]) for stages in found.values() for row in stages.values()})
    return (
        f"{BEGIN}{table(found)}\n"
        "Seconds of CPU, and in brackets their ratio to htslib (`bcftools query`, genotypes to "
        "nowhere) on the same\nrecords in the same run. `~`: of three batches, for all patients. "
        f"Runs of a size: {min(runs)} to {max(runs)}, median;\n{', '.join(days)}.\n\n"
        f"![CPU seconds by number of samples](speed.svg)\n{END}"
    )


def write_page() -> None:
    """Write picture and table of what was measured."""
    found = read_data()
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(before + text_of(found) + after, encoding="utf-8")
    PICTURE.write_text(picture(found), encoding="utf-8")
