"""The command line: options become values, one function is called, its answer is printed."""

from epilepsy_pgx.cli.program import commands, main

__all__ = ["commands", "main"]
