"""What is plugged in, and the comings and goings."""
