"""Makes a world of the ranks that a pod's environment asks for.

`rendezvous.py` stands where torchrun stands in a pod. Where PyTorch is installed it hands over to the real torchrun,
whose workers meet by gloo. Else it does the same in small: it reads PET_* as torchrun does, node 0 listens on the
rendezvous' endpoint, and each node starts its workers, which meet there. Each worker prints whom it met.
"""
import importlib.util
import json
import os
import socket
import subprocess
import sys
import threading
import time


def serve(port, world):
    """Node 0's part: waits for every rank, then tells each of them who is there."""
    listener = socket.create_server(("", port))
    ranks, peers = [], []
    while len(peers) < world:
        peer, _ = listener.accept()
        stream = peer.makefile("rw")
        ranks.append(int(stream.readline()))
        peers.append(stream)
    for stream in peers:
        stream.write(json.dumps(sorted(ranks)) + "\n")
        stream.close()


def meet(address, port, rank, seconds):
    """A worker's part: tries until node 0 listens, as pods start in any order."""
    end = time.monotonic() + seconds
    while True:
        try:
            stream = socket.create_connection((address, port), timeout=seconds).makefile("rw")
            break
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
    stream.write(f"{rank}\n")
    stream.flush()
    return json.loads(stream.readline())


def launch():
    env = os.environ
    if env["PET_RDZV_BACKEND"] != "static":
        sys.exit("only the static rendezvous gives ranks by the nodes' own numbers")
    address, port = env["PET_RDZV_ENDPOINT"].rsplit(":", 1)
    if (address, port) != (env["PET_MASTER_ADDR"], env["PET_MASTER_PORT"]):
        sys.exit("the endpoint isn't the master's address and port")
    node, local_size = int(env["PET_NODE_RANK"]), int(env["PET_NPROC_PER_NODE"])
    world = int(env["PET_NNODES"]) * local_size
    if node == 0:
        threading.Thread(target=serve, args=(int(port), world)).start()
    workers = []
    for local in range(local_size):
        theirs = {"RANK": node * local_size + local, "LOCAL_RANK": local, "WORLD_SIZE": world, "MASTER_ADDR": address,
                  "MASTER_PORT": port}
        workers.append(subprocess.Popen([sys.executable, __file__, "work"],
                                        env={**env, **{key: str(value) for key, value in theirs.items()}}))
    sys.exit(max(worker.wait() for worker in workers))


def work():
    rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    if importlib.util.find_spec("torch"):
        import torch.distributed as dist
        dist.init_process_group("gloo")
        ranks = [None] * dist.get_world_size()
        dist.all_gather_object(ranks, dist.get_rank())
        world = dist.get_world_size()
    else:
        ranks = meet(os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]), rank, 60)
    # One write each, so that the lines of workers that share an output stay whole.
    os.write(1, f"rank {rank} of {world} met {','.join(map(str, ranks))}\n".encode())


if __name__ == "__main__":
    if sys.argv[1:] == ["work"]:
        work()
    elif importlib.util.find_spec("torch"):
        os.execv(sys.executable, [sys.executable, "-m", "torch.distributed.run", __file__, "work"])
    else:
        launch()
