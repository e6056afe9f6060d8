"""What attackers try, one file a threat; docs/threats.md names the tests."""
