"""One module for each program, with the reader of its result files as `READER`."""
