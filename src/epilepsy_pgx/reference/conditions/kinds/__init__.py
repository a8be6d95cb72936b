"""One module for each kind of condition, with the kind as its `KIND`."""
