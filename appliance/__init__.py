"""THE BUS: desk, mail, uplink and call. Desk and uplink share the mail shelf and nothing else."""
