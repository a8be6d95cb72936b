"""Quality over time: control samples, turnaround, what is due, and an export for outside checks."""
