"""The closed loop at work.

What follows from a decision, by itself? Receives the history as it grows, and the time as it passes. Gives proposals,
orders and cases from what fired, and ends what is over. Never does anything twice, wherever it was interrupted.
"""
