"""What is done on the side.

What must be done from time to time so that a service can go on for years? Receives a service at work. Gives snapshots,
sealed stretches and the end of what was kept long enough. Never lets a decision wait.
"""
