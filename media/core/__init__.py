"""The forwarding engine: datagrams and commands in, datagrams and notices out.

Nothing here is asynchronous, opens a socket, reads a clock or draws randomness: `now` is the last argument, entropy is
handed in by the composition root, and `Worker.wake_at` tells the shell when to come back.
"""
