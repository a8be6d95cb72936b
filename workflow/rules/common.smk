"""Configuration, the plan of the run, and the options that several rules share."""

import os
import sys
from pathlib import Path

from snakemake.utils import validate

from epilepsy_pgx import __version__
from epilepsy_pgx.errors import PgxError
from epilepsy_pgx.pipeline.workflow import check_sheet_named, load_run, say_at_exit

# What came with the workflow: a checkout, or the folder of the installed package. It is no folder
# of this machine where another workflow imports this one from a hosting service.
SHIPPED = Path(str(workflow.current_basedir.get_path_or_uri(secret_free=True))).parents[
    1
]

try:
    check_sheet_named(config)
    validate(config, "../schemas/config.schema.yaml")
    RUN = load_run(config, SHIPPED / "reference")
except PgxError as error:
    print(*error.problems, sep="\n", file=sys.stderr)
    sys.exit(2)
# Not an option of the rules: a run that logs more must not run all jobs again.
os.environ["EPILEPSY_PGX_VERBOSE"] = str(config.get("verbose"))
os.environ["EPILEPSY_PGX_ACCESS"] = config.get("file_access")
# Where --sdm conda installs the software from: see envs/epilepsy-pgx.post-deploy.sh.
os.environ["EPILEPSY_PGX_SOURCE"] = str(SHIPPED)
os.environ["EPILEPSY_PGX_VERSION"] = __version__


envvars:
    "EPILEPSY_PGX_ACCESS",
    "EPILEPSY_PGX_SOURCE",
    "EPILEPSY_PGX_VERBOSE",
    "EPILEPSY_PGX_VERSION",


onstart:
    for line in RUN.problems:
        print(line, file=sys.stderr)


wildcard_constraints:
    batch="batch[0-9]+",


CONTAINER = config["container"]
# Where another workflow imports this one with a prefix, the prefix is for what the rules write.
TABLES = [local(path) for path in RUN.tables]


def batch_files(wildcards):
    """Return the patient files of a batch that exist."""
    return [local(path) for path in RUN.files(wildcards.batch)]


def folder(path, levels=1):
    """Return the folder so many levels above a file of a rule."""
    return str(Path(path).parents[levels - 1])


def outcome(wildcards, output):
    """Return the file of the outcome; failed patients are named once more as Snakemake ends."""
    if not workflow.dryrun:
        say_at_exit(Path(output[0]))
    return output[0]
