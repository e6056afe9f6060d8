"""A PAGE AS A PICTURE: foreign ones opened in bounds, blank forms, the rungs it travels in. Knows no person, no key."""
