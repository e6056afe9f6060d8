"""THE CASEWORKERS' ROOM: opens what the buses brought, keeps the audit, decides. Sole holder of the division's key."""
