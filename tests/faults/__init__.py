"""What a server or a network can do wrong, done over real sockets on 127.0.0.1."""
