"""What is applied for: forms as data, their grammar, their field types and their checks."""
