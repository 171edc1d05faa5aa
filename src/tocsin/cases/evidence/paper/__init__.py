"""Evidence for people to read.

What does a court hold in its hand? Receives a manifest and the facts of its case. Gives a PDF in Chinese or English, and
in words how everything is verified. Never proves anything itself, and never lets what people wrote be more than text.
"""
