"""THE AGREEMENT between bus and city hall. Pure: no loop, no socket, no clock, no database."""
