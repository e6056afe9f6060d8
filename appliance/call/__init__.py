"""The room of the bus that carries the call; it holds no key that opens anything."""
