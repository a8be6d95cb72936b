"""Named checks of the data package, one function each."""
