"""Mobile modems."""
