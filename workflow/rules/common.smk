"""Configuration, the plan of the run, and the options that several rules share.

Nothing of the package is imported: the jobs have it, from an environment or an image of their own.
"""

import atexit
import importlib.util
import json
import os
import re
import shlex
import sys
import time
from contextlib import suppress
from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from snakemake.utils import validate

# What came with the workflow: a checkout, or the folder of the installed package. It is no folder
# of this machine where another workflow imports this one from a hosting service.
SHIPPED = Path(str(workflow.current_basedir.get_path_or_uri(secret_free=True))).parents[
    1
]


KINDS_OF_VALUES = {
    "string": "a text",
    "null": "null",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "keys with values",
}
"""The types of a schema, as messages call them."""


def tell(file, column, found, expected, fix, check):
    """Print the line on what is wrong with the configuration."""
    place = file if column == "." else f"{file}: {column}"
    print(
        f"{place}: found {found}, expected {expected} [{check}]. {fix}", file=sys.stderr
    )


def refuse(*said):
    """End with the line on what is wrong with the configuration, before anything runs."""
    tell(*said)
    sys.exit(2)


def check_sheet_named():
    """Refuse a configuration without a sample sheet."""
    named = config.get("samples")
    if not named:
        refuse(
            "config/config.yaml",
            "samples",
            "no sample sheet",
            "the path of a sample sheet",
            "Run 'epilepsy-pgx init .' for a configuration and a sheet to fill in, start snakemake "
            "in the folder that has them (or name it with --directory), or give --config "
            "samples=SHEET.",
            "sheet-named",
        )
    if isinstance(named, str) and not Path(named).exists():
        refuse(
            named,
            ".",
            "no such file",
            f"the sample sheet, seen from {Path.cwd()}",
            "Name your sheet as 'samples' in config/config.yaml, or with --config samples=SHEET; "
            "'epilepsy-pgx init FOLDER' writes one to fill in.",
            "sheet-readable",
        )


def expected_of(fault):
    """Return what a value of the configuration should have been, in words."""
    said = fault.validator_value
    kinds = said if isinstance(said, list) else [said]
    return {
        "additionalProperties": "a key of config/README.md",
        "enum": f"one of {', '.join(map(str, kinds))}",
        "type": " or ".join(KINDS_OF_VALUES.get(kind, str(kind)) for kind in kinds),
        "minimum": f"{said} or more",
        "maximum": f"{said} or less",
    }.get(fault.validator, f"what the key is for: {fault.schema.get('description')}")


def check_configuration():
    """Refuse what the schema does not allow, all of it at once; then set the defaults."""
    schema = Path(workflow.source_path("../schemas/config.schema.yaml")).read_text()
    faults = Draft202012Validator(yaml.safe_load(schema)).iter_errors(dict(config))
    said = set()
    for fault in faults:
        place = [str(step) for step in fault.absolute_path]
        known = fault.schema.get("properties", {})
        if fault.validator == "additionalProperties":
            for key in sorted(set(fault.instance) - set(known)):
                near = get_close_matches(str(key), known, 1)
                fix = f"Did you mean '{near[0]}'?" if near else "Remove the key."
                said.add(
                    (".".join([*place, str(key)]), "this key", expected_of(fault), fix)
                )
            continue
        found, fix = str(fault.instance), "See the keys in config/README.md."
        if isinstance(fault.instance, date):
            found, fix = f"{found}, read as a date", "Put it in quotes."
        said.add((".".join(place), found, expected_of(fault), fix))
    for key, path in named_files():
        if not Path(path).is_file():
            said.add((key, path, "a file", f"Its path is seen from {Path.cwd()}."))
    if said:
        for key, found, expected, fix in sorted(said):
            tell("config/config.yaml", key, found, expected, fix, "config-schema")
        sys.exit(2)
    validate(config, "../schemas/config.schema.yaml")


def named_files():
    """Return the files that the configuration names for all patients, by their key."""
    copies, head = config.get("clinvar"), config.get("laboratory")
    yield from [
        ("clinvar", path)
        for path in ([copies] if isinstance(copies, str) else copies or [])
        if isinstance(path, str)
    ]
    logo = head.get("logo") if isinstance(head, dict) else None
    if isinstance(logo, str) and logo:
        yield "laboratory.logo", logo


check_sheet_named()
check_configuration()


def installed():
    """Return the folder of the package that is installed beside Snakemake, if there is one."""
    found = importlib.util.find_spec("epilepsy_pgx")
    return Path(found.origin).parent if found and found.origin else None


def software_version():
    """Return the version that the jobs have: another one runs them all again."""
    for folder in (SHIPPED / "src/epilepsy_pgx", SHIPPED.parent, installed()):
        source = folder / "__init__.py" if folder else None
        if source and source.is_file():
            found = re.search(r'^__version__ = "([^"]+)"', source.read_text(), re.M)
            if found:
                return found[1]
    return "unknown"


def tables_folder():
    """Return the folder of the curated tables, as short as the working folder allows."""
    if config["reference_dir"]:
        found = Path(config["reference_dir"])
    else:
        package = installed()
        places = [SHIPPED / "reference"]
        if package:
            places += [package / "data/reference", package.parents[1] / "reference"]
        found = next((p for p in places if (p / "datapackage.json").is_file()), None)
    if found is None or not (found / "datapackage.json").is_file():
        refuse(
            "." if found is None else str(found),
            ".",
            "no datapackage.json",
            "a curated data package",
            "Set reference_dir to the folder of the tables, or to null for those that came with "
            "the software.",
            "package-exists",
        )
    work = Path.cwd()
    return found.relative_to(work) if found.is_relative_to(work) else found


VERSION = software_version()
# Not an option of the rules: a run that logs more must not run all jobs again.
os.environ["EPILEPSY_PGX_VERBOSE"] = str(config.get("verbose"))
os.environ["EPILEPSY_PGX_ACCESS"] = config.get("file_access")
# Snakemake itself makes the folders of outputs and its own records: what it makes, and whatever a
# job makes, is for nobody else from the start. The commands do the same by the word above.
OTHERS = {"owner": 0o077, "group": 0o007, "all": 0}[config["file_access"]]
os.umask(os.umask(0o077) | OTHERS)
# This one is there before any rule is read; another user's stays as it is.
with suppress(OSError):
    RECORDS = Path(".snakemake")
    RECORDS.chmod(RECORDS.stat().st_mode & ~OTHERS & 0o7777)
# Where --sdm conda installs the software from: see envs/epilepsy-pgx.post-deploy.sh.
os.environ["EPILEPSY_PGX_SOURCE"] = str(SHIPPED)
os.environ["EPILEPSY_PGX_VERSION"] = VERSION


envvars:
    "EPILEPSY_PGX_ACCESS",
    "EPILEPSY_PGX_SOURCE",
    "EPILEPSY_PGX_VERBOSE",
    "EPILEPSY_PGX_VERSION",


wildcard_constraints:
    batch="batch[0-9]+",
    cut="[0-9a-f]{12}",


CONTAINER = config["container"]
SHEET = config["samples"]
REFERENCE = tables_folder()
OVERLAY = config.get("reference_overlay")
COPIES = config.get("clinvar") or []
COPIES = [COPIES] if isinstance(COPIES, str) else COPIES
LOGO = config["laboratory"]["logo"]
# Where another workflow imports this one with a prefix, the prefix is for what the rules write.
TABLES = [
    local(str(path))
    for path in (
        REFERENCE / "datapackage.json",
        *sorted(REFERENCE.glob("*.tsv")),
        *sorted((REFERENCE / "sequences").rglob("*.fa")),
        *(sorted(Path(OVERLAY).glob("*.tsv")) if OVERLAY else ()),
    )
]


def options(*pairs):
    """Return options of a command, those that have a value, as text for a shell."""
    given = [(name, value) for name, value in pairs if value not in (None, "", [])]
    return shlex.join(str(word) for pair in given for word in pair)


BASES = [("--reference-fasta", config["reference_fasta"])]
READ_WITH = [
    *BASES,
    ("--min-quality", config["thresholds"]["genotype_quality"]),
    ("--min-depth", config["thresholds"]["depth"]),
    ("--min-balance", config["thresholds"]["allele_balance"]),
    ("--min-gencall", config["thresholds"].get("gencall_score", 0.15)),
    ("--class-field", config["class_field"]),
    *(("--frequency-field", name) for name in config["frequency_fields"]),
]
TABLE_OPTIONS = [("--reference", REFERENCE), ("--overlay", OVERLAY)]
LANGUAGE = [("--language", config["language"])]
CLINVAR = [("--clinvar", path) for path in COPIES]
DATE = [("--date", config["report_date"])]
HEAD = [
    ("--paper", config["paper"]),
    ("--laboratory", config["laboratory"]["name"]),
    ("--accreditation", config["laboratory"]["accreditation"]),
    ("--logo", LOGO),
    *(("--address", line) for line in config["laboratory"]["address"]),
]
LINKED = config["reports"] if "html" in config["report_formats"] else "none"


def folder(path, levels=1):
    """Return the folder so many levels above a file of a rule.

    Before the plan is made, Snakemake asks with a stand-in that has none.
    """
    above = Path(path).parents
    return str(above[min(levels, len(above)) - 1])


# Parts beside an output have their prefix where another workflow imports this one; `local` keeps it
# from being put before them once more.
def planned(kind):
    """Return the part of the plan that a batch's jobs read; it is written if its content changes."""

    def file(wildcards):
        plan = checkpoints.plan.get().output[0]
        return local(f"{folder(plan)}/{wildcards.batch}.{kind}.json")

    return file


def plan_part(name):
    """Return a part of the plan that holds for all batches."""

    def file(wildcards):
        return local(f"{folder(checkpoints.plan.get().output[0])}/{name}")

    return file


@cache
def content_of(path, changed):
    """Return a part of the plan."""
    return json.loads(Path(path).read_text())


def read_plan(path):
    """Return a part of the plan; one that stayed as it was is read once."""
    return content_of(path, Path(path).stat().st_mtime_ns)


def existing(path):
    """Return the files that a part of the plan names, those that exist."""
    return [local(name) for name in read_plan(path)["inputs"] if Path(name).is_file()]


def files_of(kind):
    """Return the patients' files that a batch's jobs read, those that exist.

    One that does not exist fails its own patients and nobody else.
    """

    def files(wildcards):
        return existing(planned(kind)(wildcards))

    return files


def plan_of_cut(wildcards):
    """Return the part of the plan on files that serve several batches."""
    return plan_part(f"{wildcards.cut}.cut.json")(wildcards)


def files_of_cut(wildcards):
    """Return the files that are cut for several batches, those that exist."""
    return existing(plan_of_cut(wildcards))


def parts_of_batch(wildcards):
    """Return what was cut for a batch out of files that serve several."""
    # The plan first: Snakemake asks again only for a checkpoint that it did not ask for before.
    named = read_plan(planned("files")(wildcards))["groups"]
    made = [
        (name, checkpoints.cut.get(cut=name).output[0])
        for name in dict.fromkeys(group["cut"] for group in named)
        if name is not None
    ]
    return [
        local(f"{folder(file)}/{name}/{wildcards.batch}.json") for name, file in made
    ]


def of_batches(pattern):
    """Return a file of each batch of the plan."""

    def files(wildcards):
        plan = json.loads(Path(checkpoints.plan.get().output[0]).read_text())
        return expand(pattern, batch=plan["batches"])

    return files


def verdicts(wildcards):
    """Return what the comparison says of a batch; it is written if its content changes."""
    # The plan first: Snakemake asks again only for a checkpoint that it did not ask for before.
    checkpoints.plan.get()
    compared = checkpoints.identify.get().output[0]
    return local(f"{folder(compared, 2)}/identity/{wildcards.batch}.tsv")


SAID = set()


def say_at_exit(log, status):
    """Have this process end with the lines of a log, whatever else Snakemake prints before.

    Snakemake closes a run that failed with lines on its own jobs; what a user has to mend would
    stand above them. Nothing is said where the job did not run, or did all that it should; but
    withdrawn reports are, which fail nothing.
    """
    log, status = Path(log).absolute(), Path(status).absolute()
    begun = time.time()

    def say():
        if log.is_file() and log.stat().st_mtime >= begun - 1:
            made = status.exists() and status.stat().st_mtime >= begun - 1
            said = log.read_text(encoding="utf-8")
            # Of patients who all have a report there is one line, which nobody needs twice.
            if not made or (status.suffix == ".txt" and said.count("\n") > 1):
                sys.stderr.write(said)

    if not workflow.dryrun and log not in SAID:
        SAID.add(log)
        atexit.register(say)


def outcome(wildcards, output):
    """Return the file of the outcome; failed patients are named once more as Snakemake ends."""
    say_at_exit(Path(output[0]).parents[1] / "logs/finish.log", output[0])
    return output[0]


BEFORE_ALL = []


def before_all(log, output):
    """Note a job without which nothing is run; its log is said as Snakemake ends."""
    say_at_exit(log, output)
    BEFORE_ALL.append((Path(log), Path(output), time.time()))


def plan_folder(wildcards, output):
    """Return the folder of the plan; what is wrong with the sheet is said as Snakemake ends."""
    before_all(Path(output[0]).parents[2] / "logs/plan.log", output[0])
    return folder(output[0])


def tables_to_check(wildcards, input, output):
    """Return the folder of the tables; what is wrong with them is said as Snakemake ends."""
    before_all(Path(output[0]).parents[2] / "logs/check_reference.log", output[0])
    return folder(input[0])


onerror:
    # Tables, a sheet or a configuration that cannot be used are no failed job: nothing was run.
    for log_, output_, begun_ in BEFORE_ALL:
        if (
            log_.is_file()
            and log_.stat().st_mtime >= begun_ - 1
            and not output_.exists()
        ):
            sys.exit(2)
