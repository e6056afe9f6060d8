"""The bus's shelf: desk puts sealed things on it, uplink carries them; both open it, neither calls the other."""
