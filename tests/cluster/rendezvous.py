#!/usr/bin/env python3
"""What torchrun does with a static rendezvous, as far as finding each other goes: a launcher a node, which starts its
workers; worker 0 listens, all others come to it, and everybody learns who is there. Prints "rank R of W: 0,1,2,…"."""
import os
import socket
import struct
import sys
import time

PATIENCE_SECONDS = 30


def receive(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise ConnectionError("the other side went away")
        data += part
    return data


def gather(rank, world, address, port):
    """Everybody's rank, in order."""
    if rank == 0:
        with socket.create_server((address, port), backlog=world) as server:
            server.settimeout(PATIENCE_SECONDS)
            peers = [server.accept()[0] for _ in range(world - 1)]
            ranks = sorted([0] + [struct.unpack("!I", receive(peer, 4))[0] for peer in peers])
            for peer in peers:
                peer.sendall(struct.pack(f"!{world}I", *ranks))
                peer.close()
            return ranks
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection = socket.create_connection((address, port), timeout=PATIENCE_SECONDS)
            break
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
    with connection:
        connection.sendall(struct.pack("!I", rank))
        return list(struct.unpack(f"!{world}I", receive(connection, 4 * world)))


def main():
    env = os.environ
    if env["PET_RDZV_BACKEND"] != "static":
        sys.exit("only a static rendezvous gives each node the rank of its index")
    nodes, processes, node = (int(env[k]) for k in ("PET_NNODES", "PET_NPROC_PER_NODE", "PET_NODE_RANK"))
    address, port = env["PET_RDZV_ENDPOINT"].rsplit(":", 1)
    if (address, port) != (env["PET_MASTER_ADDR"], env["PET_MASTER_PORT"]):
        sys.exit("endpoint and master are two different places")
    world = nodes * processes
    children = []
    for local in range(processes):
        child = os.fork()
        if child == 0:
            rank = node * processes + local
            ranks = gather(rank, world, address, int(port))
            # One write a line, so that the workers' lines don't mix.
            os.write(1, f"rank {rank} of {world}: {','.join(map(str, ranks))}\n".encode())
            os._exit(0 if ranks == list(range(world)) else 1)
        children.append(child)
    sys.exit(max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children))


main()
