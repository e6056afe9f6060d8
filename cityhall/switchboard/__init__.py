"""The room that connects a bus with a caseworker: presence, calls and lines of text."""
