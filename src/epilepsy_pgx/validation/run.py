"""The whole validation of an installation, in order."""

import hashlib
import platform
from collections.abc import Callable
from datetime import date
from importlib.metadata import requires, version
from pathlib import Path

from epilepsy_pgx import __version__
from epilepsy_pgx.files import make_folder, scratch_folder, write_text
from epilepsy_pgx.pipeline.selftest import run_selftest
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.validation.bridging import check_bridge
from epilepsy_pgx.validation.checks import Check, Comparison, Verdict, failed
from epilepsy_pgx.validation.concordance import DATA, call_inputs, compare_inputs
from epilepsy_pgx.validation.protocol import Installation, Protocol, write_protocol
from epilepsy_pgx.validation.refusals import check_limits
from epilepsy_pgx.validation.repeatability import check_repeat
from epilepsy_pgx.validation.reportable import check_range
from epilepsy_pgx.validation.robustness import check_robustness
from epilepsy_pgx.validation.sbom import bill_text

Say = Callable[[str], None]
INTENDED_USE = "label-intended-use"
"""Id of the text that every report carries."""


def validate(ref: Reference, out: Path, say: Say, against: Reference | None = None) -> Protocol:
    """Run every check and write the protocol.

    Parameters
    ----------
    say
        Takes a line for each part as it begins, and for each check that failed.
    against
        The tables in use before; None to leave the bridging out.
    """
    checks: list[Check] = []
    compared: list[Comparison] = []

    def add(found: tuple[list[Check], list[Comparison]]) -> None:
        checks.extend(found[0])
        compared.extend(found[1])
        for check in failed(found[0]):
            say(f"FAIL {check.id}: found {check.found}, expected {check.expected}")

    make_folder(out)
    with scratch_folder() as scratch:
        say("Known answers")
        add(([_selftest(ref)], []))
        say("Concordance")
        calls = call_inputs(ref)
        add(compare_inputs(calls))
        for title, work in (
            ("Reportable range", check_range),
            ("Robustness", check_robustness),
            ("Limits", check_limits),
            ("Repeatability", check_repeat),
        ):
            say(title)
            add(work(ref, scratch))
        if against is not None:
            say("Bridging")
            add(check_bridge(ref, against, call_inputs(against), calls, scratch))
    made = installation(ref, against)
    use = Wording(ref).say(INTENDED_USE)
    protocol = Protocol(made, use, tuple(checks), tuple(compared))
    write_protocol(protocol, out)
    write_text(out / "sbom.json", bill_text(ref))
    return protocol


def _selftest(ref: Reference) -> Check:
    lines: list[str] = []
    wrong = run_selftest(ref, lines.append)
    right = len(lines) - wrong
    verdict = Verdict.PASS if lines and not wrong else Verdict.FAIL
    return Check(
        "known-answers",
        "installation",
        "Known answers of the tables",
        "every answer is right",
        f"{right} of {len(lines)}",
        verdict,
    )


def installation(ref: Reference, against: Reference | None = None) -> Installation:
    """Describe the software, its libraries and the tables."""
    names = sorted(
        {r.split(">")[0].strip() for r in requires("epilepsy-pgx") or () if "extra ==" not in r}
    )
    return Installation(
        software=__version__,
        tables=ref.version,
        digest=ref.digest,
        overlay=str(ref.overlay or ""),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        libraries=tuple(f"{n} {version(n)}" for n in names),
        inputs=inputs_digest(),
        date=date.today().isoformat(),
        against="" if against is None else against.digest,
    )


def inputs_digest() -> str:
    """Return the digest of all inputs and expectations of the kit."""
    whole = hashlib.sha256()
    for path in sorted(p for p in DATA.rglob("*") if p.is_file()):
        whole.update(path.relative_to(DATA).as_posix().encode() + b"\0" + path.read_bytes())
    return f"sha256:{whole.hexdigest()}"
