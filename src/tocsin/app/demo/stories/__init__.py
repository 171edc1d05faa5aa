"""Scam stories, as practice knows them.

How does each fraud go, step by step? Receives a Platform and a moment. Gives events in its Diary, each with its stage.
Never bends to what a rule can see: some tellers are careful, and some stories will be missed.
"""
