"""Run as a program, this package is the worker process."""

from epilepsy_pgx.worker.serve import main

main()
