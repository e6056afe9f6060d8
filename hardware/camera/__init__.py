"""Cameras that give stills."""
