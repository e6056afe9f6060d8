"""City hall's shelf: intake puts sealed things on it, office takes them; both open it, neither calls the other."""
