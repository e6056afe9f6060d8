"""Days with broken clocks: the real clock, seals and receipts of a box against a truth that only the judge knows."""
