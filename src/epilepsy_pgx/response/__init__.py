"""From gene results and a clinical entry to what may be said about each drug."""
