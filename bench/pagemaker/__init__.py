"""Makes pages as cities, hospitals and people make them, damaged as scanners and cameras do, with the truth beside."""
