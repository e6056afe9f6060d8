"""Bus days that never were: the real uplink and the real intake under every fault, in virtual time, by seed."""
