"""The names under which files know the chromosomes, as the readers of files ask for them."""

from epilepsy_pgx.reference.contig_names import ContigNames, cut_list, load_contig_names

__all__ = ["ContigNames", "cut_list", "load_contig_names"]
