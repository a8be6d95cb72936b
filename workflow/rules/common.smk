"""Configuration, the plan of the run, and the options that several rules share."""

import os
import sys
from pathlib import Path

from snakemake.utils import validate

from epilepsy_pgx import __version__
from epilepsy_pgx.pipeline.workflow import load_run

validate(config, "../schemas/config.schema.yaml")

RUN = load_run(config)
# Not an option of the rules: a run that logs more must not run all jobs again.
os.environ["EPILEPSY_PGX_VERBOSE"] = str(config.get("verbose", 0))
os.environ["EPILEPSY_PGX_ACCESS"] = config.get("file_access", "group")


envvars:
    "EPILEPSY_PGX_ACCESS",
    "EPILEPSY_PGX_VERBOSE",


onstart:
    for line in RUN.problems:
        print(line, file=sys.stderr)


wildcard_constraints:
    batch="batch[0-9]+",


# Where another workflow imports this one with a prefix, the prefix is for what the rules write.
TABLES = [local(path) for path in RUN.tables]


def batch_files(wildcards):
    """Return the patient files of a batch that exist."""
    return [local(path) for path in RUN.files(wildcards.batch)]


def folder(path, levels=1):
    """Return the folder so many levels above a file of a rule."""
    return str(Path(path).parents[levels - 1])
