"""The kiosk's pages: each route asks the counter and draws; no rule lives here."""
