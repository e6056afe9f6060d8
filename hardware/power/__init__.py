"""The bus's supply."""
