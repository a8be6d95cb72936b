"""Clinical entries made at random: cells as the form writes them, right ones and wrong ones."""

import random
from datetime import date, timedelta
from typing import Any

from epilepsy_pgx.report.entryform.schema import form_schema

LAST = date(2026, 11, 22)
WRONG = {
    "choice": ("perhaps", "0"),
    "word": ("banana", "none of it"),
    "words": ("banana", "|"),
    "day": ("2026-13-01", "22.11.2026", "1026-01-01", "2026-02-30"),
    "number": ("-1", "1,5", "1e3", "nan", "99999999", "1.5 kg"),
    "quantity": ("45", "45 banana", "-3 mg/L", "1e9 mg/L", "999999999 days", "99999999 mg/day"),
    "name": ("carbamazepine stopped", "400 mg", "?", "lamotrigine valproate"),
}
UNLISTED = ("Wunderkraut", "carbamazepin forte 7", "Zaubersirup", "lamotrigin-like")


def cases(ref: Any, number: int, wrong: float = 0.0, seed: int = 7) -> list[dict[str, list[str]]]:
    """Return cells of so many entries; of each value, the part that is wrong."""
    rng = random.Random(seed)  # noqa: S311 - not a secret
    schema = form_schema(ref, "en")
    return [_one(schema, rng, wrong) for _ in range(number)]


def _one(schema: Any, rng: random.Random, wrong: float) -> dict[str, list[str]]:
    fill = rng.choice((0.15, 0.5, 0.9))
    cells: dict[str, list[str]] = {}
    for group in schema["groups"]:
        for field in group["fields"]:
            if rng.random() > fill:
                continue
            if field["kind"] == "drugs":
                cells[field["name"]] = _list(field, schema, rng, wrong)
            else:
                cells[field["name"]] = [_value(field, rng, wrong)]
    if wrong:
        return cells
    if "entry_date" not in cells:
        cells["entry_date"] = [LAST.isoformat()]
    else:
        cells["entry_date"] = [rng.choice((LAST.isoformat(), "2026-11-28"))]
    if cells.get("sex") == ["male"]:
        cells.pop("pregnant", None), cells.pop("pregnancy_potential", None)
    if cells.get("pregnant") == ["yes"]:
        cells.pop("pregnancy_potential", None)
    if "age_years" in cells and "onset_months" in cells:
        cells["onset_months"] = [str(int(float(cells["age_years"][0])))]
    if rng.random() < 0.1:
        del cells["entry_date"]
    return cells


def _day(rng: random.Random, first: int = 2000, last: int = 0) -> str:
    return (LAST - timedelta(rng.randint(last, first))).isoformat()


def _number(limits: list[float], rng: random.Random) -> str:
    low, high = limits
    value = rng.choice((low, high, rng.uniform(low, high), rng.uniform(low, min(high, low + 60))))
    text = f"{value:.{rng.choice((0, 1, 2))}f}"
    return text if low <= float(text) <= high else f"{value:g}"


def _value(field: Any, rng: random.Random, wrong: float, mark: str = "|") -> str:
    kind = field["kind"]
    if rng.random() < wrong:
        return rng.choice(WRONG[kind])
    if kind == "day":
        return _day(rng)
    if kind == "number":
        return _number(field["limits"], rng)
    if kind == "quantity":
        unit = rng.choice(field["units"])
        amount = rng.choice(("1", "2.5", "12", "8.50", "35"))
        return ("<" if field["undetected"] and rng.random() < 0.2 else "") + f"{amount} {unit}"
    words = [o["word"] for o in field["options"]]
    if kind != "words":
        return rng.choice(words)
    alone = {o["word"] for o in field["options"] if o["alone"]}
    chosen = rng.sample(words, min(len(words), rng.choice((1, 2, 3))))
    kept = chosen if wrong else [w for w in chosen if w not in alone] or chosen[:1]
    return mark.join(kept)


def _list(field: Any, schema: Any, rng: random.Random, wrong: float) -> list[str]:
    if rng.random() < 0.15:
        return ["none"]
    drugs: dict[str, str] = dict(schema["drugs"]["names"])
    places = {drug: place for place, drug in enumerate(sorted(set(drugs.values())))}
    # Planned drugs come from the other half of the drugs, so that none is taken already.
    side = field["name"] == "planned_drugs"
    mine = [n for n in drugs if _plain(n) and (places[drugs[n]] % 2 == 0) == side]
    items = {}
    for _ in range(rng.choice((1, 1, 2, 4))):
        name = rng.choice(mine) if rng.random() < 0.9 else rng.choice(UNLISTED)
        if rng.random() < wrong:
            name = rng.choice(WRONG["name"])
        items[drugs.get(name, name)] = name + _details(field, rng, wrong)
    return list(items.values())


def _plain(name: str) -> bool:
    return not any(c in name for c in "|,;+&/[]?")


def _details(field: Any, rng: random.Random, wrong: float) -> str:
    said: dict[str, str] = {}
    for key in field["keys"]:
        if rng.random() < 0.5:
            said[key["name"]] = _value(key, rng, wrong, "+")
            if key["kind"] == "day" and not wrong:
                early = key["name"] == "start"
                said[key["name"]] = _day(rng, *((900, 500) if early else (400, 0)))
    if not wrong and not {"level", "free_level", "metabolite_level"} & set(said):
        said.pop("level_date", None), said.pop("level_hours", None)
    inside = ";".join(f"{key}={value}" for key, value in said.items())
    return f"[{inside}]" if inside else ""
