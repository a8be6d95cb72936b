"""The tables over all patients as Parquet (optional extra `parquet`)."""

from pathlib import Path

from epilepsy_pgx.errors import ConfigError, InputError
from epilepsy_pgx.files import open_output
from epilepsy_pgx.tsv import read_columns


def write_parquet(folder: Path) -> tuple[Path, ...]:
    """Write each table of a folder beside itself, `.` as null; return the files.

    Every column is text, as in the tables: a number of one run may be a word of the next.

    Raises
    ------
    ConfigError
        If pyarrow is not installed.
    InputError
        If the folder holds no table.
    """
    try:
        from pyarrow import csv, parquet, string
    except ImportError:
        raise ConfigError.one(
            "parquet-extra",
            found="no pyarrow",
            expected="the optional extra 'parquet'",
            fix="pip install 'epilepsy-pgx[parquet]'",
        ) from None
    tables = sorted(folder.glob("*.tsv"))
    if not tables:
        raise InputError.one(
            "parquet-tables",
            file=str(folder),
            found="no table",
            expected="the folder of the tables over all patients",
            fix="Check the path.",
        )
    written = []
    for path in tables:
        reader = csv.open_csv(
            path,
            parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(read_columns(path), string()),
                null_values=["."],
                strings_can_be_null=True,
            ),
        )
        target = path.with_suffix(".parquet")
        with (
            open_output(target) as handle,
            parquet.ParquetWriter(handle, reader.schema, compression="zstd") as writer,
        ):
            for batch in reader:
                writer.write_batch(batch)
        written.append(target)
    return tuple(written)
