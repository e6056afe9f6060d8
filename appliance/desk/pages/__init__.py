"""Pages: what a fed sheet is, what is written on it, and whose it is. Pictures stay in bounded workers."""
