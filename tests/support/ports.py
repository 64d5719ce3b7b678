"""Ports for the servers that cannot be asked which port they took."""

import random
import socket


def free_ports(count: int, offset: int = 0) -> list[int]:
    """Random ports of 127.0.0.1 that are free, and so is the one that lies `offset` above each.

    All lie below Linux's range for outgoing connections, which begins at 32768: no connection takes
    one between this check and the server's start.
    """
    ports: list[int] = []
    while len(ports) < count:
        port = random.randrange(11_000, 22_000)
        if port not in ports and _is_free(port) and _is_free(port + offset):
            ports.append(port)
    return ports


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
