"""NATS JetStream as a transport: one durable pull consumer.

Receives the name of a stream and of a consumer. Gives their messages in the order of the stream, also after a crash.
Never makes a stream or a consumer that nobody asked for.
"""
