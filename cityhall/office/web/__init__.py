"""The caseworkers' screens: HTTP in, pages and JSON out. Holds no rule of its own."""
