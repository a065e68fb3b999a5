"""The server under the application: sockets, limits, signals. It knows nothing of customers."""
