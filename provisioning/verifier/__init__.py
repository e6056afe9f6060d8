"""The page that tells whether a receipt holds: one file, no server, nothing fetched; any browser can show it."""
