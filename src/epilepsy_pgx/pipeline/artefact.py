"""Keep an extraction in a folder, so that any stage can be looked at and run again."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from epilepsy_pgx import __version__
from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.files import make_folder, open_output, write_text
from epilepsy_pgx.genetics import PhaseSet
from epilepsy_pgx.model import InputFile, VariantKey
from epilepsy_pgx.pipeline.extract import Extraction
from epilepsy_pgx.pipeline.plan import Batch
from epilepsy_pgx.pipeline.targets import Targets
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.statement import Message, Value
from epilepsy_pgx.variants.collect import Carriers
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.variants.readings import Readings
from epilepsy_pgx.variants.store import open_store, save_store
from epilepsy_pgx.vocabulary import SiteStatus

OPTIONS = {
    "quality": "min-quality",
    "depth": "min-depth",
    "balance": "min-balance",
    "gencall_score": "min-gencall",
    "class_field": "class-field",
}
"""Option of the command line that sets a threshold, by its name."""


def save_extraction(extraction: Extraction, folder: Path) -> None:
    """Write an extraction; `extraction.json` comes last and marks it complete."""
    make_folder(folder)
    digest = save_store(extraction.store, folder / "store")
    with open_output(folder / "coverage.npy") as handle:
        np.save(handle, extraction.callable_bases)
    with open_output(folder / "readings.npy") as handle:
        np.save(handle, extraction.readings.counts)
    content = {
        "store": digest,
        "observed": [asdict(v) for v in extraction.observed],
        "undocumented": [asdict(c) for c in extraction.undocumented],
        "callability": asdict(extraction.callability),
        "inputs": [asdict(f) for f in extraction.inputs],
        "warnings": extraction.warnings,
        "mismatches": extraction.mismatches,
        "caller": extraction.caller,
        "problems": [asdict(p) for p in extraction.sample_problems],
        "unwitnessed": extraction.unwitnessed,
    }
    write_text(folder / "extraction.json", json.dumps(content, sort_keys=True) + "\n")


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
            Carriers(c["gene"], _key(c["key"]), tuple(c["columns"]), c["doubtful"])
            for c in content["undocumented"]
        ),
        callable_bases=np.load(folder / "coverage.npy"),
        targets=targets,
        callability=_message(content["callability"]),
        inputs=tuple(InputFile(**f) for f in content["inputs"]),
        warnings=tuple(content["warnings"]),
        mismatches=content["mismatches"],
        readings=Readings(np.load(folder / "readings.npy")),
        sample_problems=tuple(Problem(**p) for p in content["problems"]),
        caller=tuple((name, value) for name, value in content["caller"]),
        unwitnessed=tuple(content["unwitnessed"]),
    )


def describe_batch(
    batch: Batch, folder: Path, ref: Reference, fasta: Path | None
) -> dict[str, Any]:
    """Return what an extraction rests on, as its artefact keeps it.

    Paths are written as seen from the folder of the extraction.
    """
    return {
        "software": __version__,
        "reference": ref.digest,
        "sequence": None if fasta is None else relative_path(fasta, folder),
        "groups": [
            {
                "files": [relative_path(p, folder) for p in group.vcfs],
                "build": group.build.value,
                "callable": group.callable
                if group.callable in (None, "all")
                else relative_path(Path(str(group.callable)), folder),
                "samples": [[row.sample_id, row.vcf_sample] for row in group.rows],
            }
            for group in batch.groups
        ],
    }


def read_batch(
    batch: Batch,
    folder: Path,
    ref: Reference,
    fasta: Path | None | Literal["any"] = "any",
    stated: Mapping[str, object] = MappingProxyType({}),
) -> dict[str, Any]:
    """Read what `extract` says of a batch, and compare it with what is asked for.

    Parameters
    ----------
    fasta
        FASTA of this stage; `any` for a stage that reads no bases.
    stated
        Thresholds that the user gave, by name.

    Raises
    ------
    InputError
        With every difference.
    """
    path = folder / "complete.json"
    try:
        state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError.one(
            "extract-complete",
            file=str(path),
            found="no complete extraction",
            expected="what 'extract' wrote",
            fix="Run the extraction of this batch.",
        ) from None
    wanted = describe_batch(batch, folder, ref, None if fasta == "any" else fasta)
    said = {
        "software": "another version of the software",
        "reference": "other curated tables",
        "sequence": "another FASTA, or none",
        "groups": "other files, samples, builds or callable regions",
    }
    skipped = ("sequence",) if fasta == "any" else ()
    problems = [
        Problem(
            str(folder),
            0,
            ".",
            "extract-tables" if key == "reference" else f"extract-{key}",
            f"an extraction made with {words}",
            "what this command was given",
            "Run the extraction again, or give this command the same.",
        )
        for key, words in said.items()
        if key not in skipped and state.get(key) != wanted[key]
    ]
    used = state.get("thresholds", {})
    problems += [
        Problem(
            str(folder),
            0,
            f"--{OPTIONS[name]}",
            "extract-thresholds",
            str(value),
            f"{used.get(name)}, as in the extraction",
            "Leave the option out, or run the extraction again with it.",
        )
        for name, value in stated.items()
        if value != used.get(name)
    ]
    if problems:
        raise InputError(problems)
    return state


def relative_path(path: Path, folder: Path) -> str:
    """Write a path as seen from a folder: the same if both are moved."""
    return Path(os.path.relpath(os.path.abspath(path), os.path.abspath(folder))).as_posix()


def _message(said: dict[str, Any]) -> Message:
    """Read back a message whose values are plain names."""
    return Message(
        said["text_id"], tuple(Value(v["name"], tuple(v["items"])) for v in said["values"])
    )


def _key(values: dict[str, Any]) -> VariantKey:
    return VariantKey(values["chrom"], values["pos"], values["ref"], values["alt"])


def _observed(values: dict[str, Any]) -> ObservedVariant:
    plain = ObservedVariant(**values)
    return replace(
        plain,
        key=_key(values["key"]),
        phase_sets=tuple(PhaseSet(**p) for p in values["phase_sets"]),
        haplotypes=tuple(values["haplotypes"]),
        filters=tuple(values["filters"]),
        status=SiteStatus(values["status"]),
    )
