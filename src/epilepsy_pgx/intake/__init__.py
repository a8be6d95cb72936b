"""Sample sheet, VCF headers, callable regions, outside results, clinical entry."""
