"""The room that sees the network: it carries sealed envelopes and holds no key that opens anything."""
