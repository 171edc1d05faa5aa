"""Events from a stream, decisions back to it.

How does a platform send what happened without waiting, and lose nothing? Receives messages of a NATS stream or a Kafka
topic. Gives a decision or a dead letter for each. Never acknowledges a message before its event is on the disk and its
letter is with the broker, and never drops one.
"""
