"""The chip that keeps small secrets off the disk: a TPM 2.0 spoken to directly, and a simulated one."""
