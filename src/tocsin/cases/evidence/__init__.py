"""What was there, kept as it was.

What did the platform see, and is this still the same? Receives bytes from anybody, and where they were seen. Gives them
back under their SHA-256 and proved, a manifest that names them, and one bundle for a court, which anybody can verify
without Tocsin. Never believes what a sender says of a file, never opens one, and never changes one.
"""
