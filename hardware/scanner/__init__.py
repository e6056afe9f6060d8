"""Sheet scanners: the SANE driver, the simulated one, and a network scanner played in software."""
