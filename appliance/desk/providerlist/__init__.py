"""The provider's own list of its people, brought as a CSV file: read in bounds, mapped to the form, kept sealed."""
