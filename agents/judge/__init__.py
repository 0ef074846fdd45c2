"""Judge: a ruling on one wish and one item, element by element."""
