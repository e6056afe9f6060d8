"""The devices of the bus, each behind a small Protocol with a simulated driver beside the real one."""
