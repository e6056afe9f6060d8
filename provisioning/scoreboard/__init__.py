"""THE SCOREBOARD: figures of what was promised, each taken by a command run for this very board."""
