"""Run the command line with `python -m epilepsy_pgx.cli`."""

from epilepsy_pgx.cli.program import main

if __name__ == "__main__":
    main()
