"""How large a fed sheet's picture may be; checked by the reader before a worker sees it, and by the worker again."""

PIXEL_LIMIT = 50_000_000
"""A3 at 400 dpi has 31 million pixels."""
BYTE_LIMIT = 64 * 1024 * 1024
LONG_SIDE_LIMIT = 4300
"""The long side we work with; A4 at 300 dpi has 3508, the insurance card 3272."""
