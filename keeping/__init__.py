"""WHAT MAY NOT BE LOST: one SQLite file that is durable at every commit, and whole files. Knows no record."""
