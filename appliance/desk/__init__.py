"""THE COUNTER ON THE BUS: a stack of paper in, a batch of applications out. Sees plaintext."""
