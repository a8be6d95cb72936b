"""Keep an extraction in a folder, so that any stage can be looked at and run again."""

import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from epilepsy_pgx.errors import Problem
from epilepsy_pgx.model import InputFile, VariantKey
from epilepsy_pgx.pipeline.extract import Extraction, Targets
from epilepsy_pgx.variants.collect import Carriers
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.variants.readings import Readings
from epilepsy_pgx.variants.store import open_store, save_store
from epilepsy_pgx.vocabulary import SiteStatus


def save_extraction(extraction: Extraction, folder: Path) -> None:
    """Write an extraction; `extraction.json` comes last and marks it complete."""
    folder.mkdir(parents=True, exist_ok=True)
    digest = save_store(extraction.store, folder / "store")
    with (folder / ".coverage.npy").open("wb") as handle:
        np.save(handle, extraction.callable_bases)
    os.replace(folder / ".coverage.npy", folder / "coverage.npy")
    with (folder / ".readings.npy").open("wb") as handle:
        np.save(handle, extraction.readings.counts)
    os.replace(folder / ".readings.npy", folder / "readings.npy")
    content = {
        "store": digest,
        "observed": [asdict(v) for v in extraction.observed],
        "undocumented": [asdict(c) for c in extraction.undocumented],
        "callability": extraction.callability,
        "inputs": [asdict(f) for f in extraction.inputs],
        "warnings": extraction.warnings,
        "mismatches": extraction.mismatches,
        "caller": extraction.caller,
        "problems": [asdict(p) for p in extraction.sample_problems],
    }
    temporary = folder / ".extraction.json"
    temporary.write_text(json.dumps(content, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(temporary, folder / "extraction.json")


def open_extraction(folder: Path, targets: Targets) -> Extraction:
    """Read an extraction back.

    Raises
    ------
    ValueError
        If it was made from other curated tables.
    """
    content = json.loads((folder / "extraction.json").read_text(encoding="utf-8"))
    return Extraction(
        store=open_store(folder / "store", targets.sites),
        observed=tuple(_observed(v) for v in content["observed"]),
        undocumented=tuple(
            Carriers(c["gene"], VariantKey(**c["key"]), tuple(c["columns"]), c["doubtful"])
            for c in content["undocumented"]
        ),
        callable_bases=np.load(folder / "coverage.npy"),
        targets=targets,
        callability=content["callability"],
        inputs=tuple(InputFile(**f) for f in content["inputs"]),
        warnings=tuple(content["warnings"]),
        mismatches=content["mismatches"],
        readings=Readings(np.load(folder / "readings.npy")),
        sample_problems=tuple(Problem(**p) for p in content["problems"]),
        caller=tuple((name, value) for name, value in content["caller"]),
    )


def _observed(values: dict[str, Any]) -> ObservedVariant:
    plain = ObservedVariant(**values)
    return replace(
        plain,
        key=VariantKey(**values["key"]),
        haplotypes=tuple(values["haplotypes"]),
        filters=tuple(values["filters"]),
        status=SiteStatus(values["status"]),
    )
