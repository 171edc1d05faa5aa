"""What is private stays private.

Who may read a phone number that we keep? Receives texts with the place where they stand, and keys. Gives sealed bytes
that open in that place only, hashes by which equal texts are found again, and masks that show the last digits. Never
writes a text or a key into an error or a log.
"""
