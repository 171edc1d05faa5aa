"""What can be found of a subject."""

CONFIRMED, GOOD, UNABLE = "confirmed", "good", "unable"
FINDINGS = frozenset({CONFIRMED, GOOD, UNABLE})
