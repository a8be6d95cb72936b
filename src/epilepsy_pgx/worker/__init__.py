"""Work of C libraries on patients' files, done in processes that may end without ending a run."""
