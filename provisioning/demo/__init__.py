"""ONE STOP ON ONE MACHINE: city hall and one bus as their real processes, the link between them played."""
