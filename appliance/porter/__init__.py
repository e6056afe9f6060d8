"""The bus's porter: it keeps the USB sockets and sees neither applicants nor the network."""
