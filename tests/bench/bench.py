"""Speed and memory of mlk against the peers it is compared with, measured in the same run.

Every line shows two medians, their ratio, the target, and whether it is met. The two programs take turns (A B A B), so
that a busy machine is busy for both. Nothing here fails because something is slow: this is a report, not a test.

  MLK   the program to measure (build/mlk)
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from measure import MIB, Command, Failed, Runner, Skip, Table, adopt_orphans, stop_children

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REAL = os.path.join(TOP, "tests", "real")

JOB = """mlk: v1
name: bench
namespace: nlp
jobs:
  tune:
    image: registry.example.com/nlp/trainer:1.4
    command: [torchrun, train.py]
    nodes: 1
    gpus: h100:1
    env: {KWOK_TEST_RUN_FOR: 600s}
"""

SERVICE = """  service-%d:
    model: model-%d
    engine: vllm
    gpus: h100:1
    resources: {cpu: 8, memory: 64Gi}
    scale: {min: 2, max: 20, metrics: [{cpu: 70%%}]}
    expose: {gateway: infra/public, host: nlp.example.com, path: /service-%d, rewrite: strip, auth: none}
"""


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    return path


def read_if_there(path):
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError:
        return ""


def bench_startup(runner, table, options):
    kubectl = runner.peer("kubectl")
    many = options.runs * 4  # cheap, and short times need more of them
    ours, theirs, oras = runner.turns(
        many,
        Command([runner.mlk, "version"]),
        Command([kubectl, "version", "--client"]),
        Command([runner.peer("oras"), "version"]),
    )
    table.time("start: version", ours, theirs, "kubectl", share=1 / 6)
    table.memory("start: version", ours, theirs, "kubectl")
    table.time("start: version", ours, oras, "oras")
    ours, theirs = runner.turns(
        many,
        Command([runner.mlk, "__complete", "--", "serve", ""], expect="rollout"),
        Command([kubectl, "__complete", "rollout", ""], expect="status"),
    )
    table.time("completion of a static word", ours, theirs, "kubectl", share=1 / 6)


def bench_generate(runner, table, options):
    folder = os.path.join(runner.work, "services")
    numbers = range(1, 11)
    models = "".join(f"  model-{i}: {{image: registry.example.com/nlp/model-{i}:v1}}\n" for i in numbers)
    services = "".join(SERVICE % (i, i, i) for i in numbers)
    write(os.path.join(folder, "mlk.yaml"),
          f"mlk: v1\nname: bench\nnamespace: nlp\nmodels:\n{models}services:\n{services}")
    locked = "".join(
        f"  model-{i}: {{image: 'registry.example.com/nlp/model-{i}:v1', digest: 'sha256:{i:064x}', size: {MIB}}}\n"
        for i in numbers)
    write(os.path.join(folder, "mlk.lock"), f"mlk-lock: 1\nedition: 1\nmodels:\n{locked}")
    runner.read(runner.mlk, "lock", "--offline", cwd=folder)
    manifests = runner.read(runner.mlk, "generate", cwd=folder)
    write(os.path.join(folder, "manifests", "all.yaml"), manifests)
    write(os.path.join(folder, "manifests", "kustomization.yaml"), "resources: [all.yaml]\n")
    ours, theirs = runner.turns(
        options.runs * 2,
        Command([runner.mlk, "generate"], folder=folder, expect="service-10"),
        Command([runner.peer("kubectl"), "kustomize", "manifests"], folder=folder, expect="service-10"),
    )
    table.time("generate ten services", ours, theirs, "kustomize", limit=0.020)


def write_safetensors(path, size):
    """A model of one tensor, written in pieces."""
    header = json.dumps({"weight": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    header += b" " * (-len(header) % 8)
    piece = os.urandom(MIB)
    with open(path, "wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        for number in range(size // MIB):
            file.write(number.to_bytes(8, "little") + piece[8:])


def pack_one(runner, table, options, what, model):
    layout, copy = os.path.join(runner.work, "layout"), os.path.join(runner.work, "copy")

    def clear(_):
        shutil.rmtree(layout, ignore_errors=True)
        shutil.rmtree(copy, ignore_errors=True)
        os.sync()  # else one run pays for what the run before wrote

    script = 'cp -r "$1" "$2" && find "$1" -type f -exec sha256sum {} + > /dev/null'
    ours, theirs = runner.turns(
        options.runs,
        Command([runner.mlk, "model", "pack", model, "-t", f"oci:{layout}:v1", "--no-lock"], before=clear),
        Command(["/bin/sh", "-c", script, "sh", model, copy], before=clear),
    )
    clear(0)
    table.time(f"pack {what} into a layout", ours, theirs, "cp+sha256sum", share=1.5)
    table.memory(f"pack {what} into a layout", ours, theirs, "cp+sha256sum", limit=64 * MIB)


def bench_pack(runner, table, options):
    demo = os.path.join(runner.parts, "model")
    if os.path.exists(os.path.join(demo, "model.safetensors")):
        pack_one(runner, table, options, "the demonstration model (90 MB)", demo)
    else:
        table.note("pack the demonstration model", f"skipped: {read_if_there(demo + '/REASON') or 'it is not here'}")
    size = options.model_size * MIB
    free = shutil.disk_usage(runner.work).free
    what = f"a model of {options.model_size} MiB"
    if free < 4 * size:
        raise Skip(f"pack {what}: {free // MIB} MiB of disk are free, {4 * size // MIB} are needed")
    model = os.path.join(runner.work, "model")
    os.makedirs(model)
    write_safetensors(os.path.join(model, "model.safetensors"), size)
    write(os.path.join(model, "config.json"), "{}\n")
    pack_one(runner, table, options, what, model)
    shutil.rmtree(model)


class Bed:
    """A control plane of our own, which goes when we go."""

    def __init__(self, runner):
        self.folder = os.path.join(runner.work, "bed")
        if subprocess.run([os.path.join(REAL, "build"), "--check"]).returncode != 0:
            raise Skip("the real control plane is not built here; 'make real' does it")
        started = subprocess.run(
            [os.path.join(REAL, "start"), "--dir", self.folder, "--owner", str(os.getpid()), "--no-registries"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if started.returncode != 0:
            raise Skip(f"no control plane: {started.stderr.strip().splitlines()[0]}")
        with open(os.path.join(self.folder, "env.json")) as file:
            self.configs = json.load(file)["cluster"]["kubeconfig"]

    @staticmethod
    def stop(folder):
        if os.path.isdir(folder):
            subprocess.run([os.path.join(REAL, "stop"), folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_jobs(runner, kubectl, project, count):
    """Suspended Jobs as mlk makes them."""
    generated = json.loads(runner.read(runner.mlk, "generate", "job/tune", "-o", "json", cwd=project))
    job = next(item for item in generated["items"] if item["kind"] == "Job")
    job["spec"]["suspend"] = True
    at_once = 4
    say(f"making {count} suspended Jobs")
    files = [open(os.path.join(runner.work, f"jobs-{part}.json"), "w") for part in range(at_once)]
    for file in files:
        file.write('{"apiVersion":"v1","kind":"List","items":[')
    for number in range(count):
        name = f"tune-{number:05d}"
        job["metadata"]["name"] = name
        for meta in (job["metadata"], job["spec"]["template"]["metadata"]):
            meta["labels"]["mlk.dev/job"] = name
        files[number % at_once].write(("," if number >= at_once else "") + json.dumps(job))
    for file in files:
        file.write("]}")
        file.close()
    makers = [
        subprocess.Popen([kubectl, "create", "--validate=false", "-f", file.name], env=runner.env,
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for file in files
    ]
    if any([maker.wait() != 0 for maker in makers]):
        raise Failed("kubectl create: not all Jobs could be made")
    # Until the controller has looked at each, it keeps the machine busy.
    for _ in range(60):
        states = runner.read(kubectl, "get", "jobs", "-o", "jsonpath={.items[*].status.conditions[0].type}")
        if states.count("Suspended") >= count:
            return
        time.sleep(2)
    raise Failed("the Job controller did not get through in two minutes")


def bench_list(runner, table, options, kubectl):
    what = f"list {options.jobs} Jobs"
    last = f"tune-{options.jobs - 1:05d}"
    ours, theirs = runner.turns(
        options.runs,
        Command([runner.mlk, "train", "list"], expect=last),
        Command([kubectl, "get", "jobs"], expect=last),
    )
    table.time(what, ours, theirs, "kubectl", share=1 / 2)
    table.memory(what, ours, theirs, "kubectl", share=1 / 4)


def bench_live_completion(runner, table, options, kubectl, bed):
    last = f"tune-{options.jobs - 1:05d}"
    tab = [runner.mlk, "__complete", "--", "train", "status", ""]
    their_tab = [kubectl, "__complete", "get", "jobs", ""]
    first, theirs = runner.turns(
        options.runs, Command(tab, before=runner.forget, expect=last), Command(their_tab, expect=last))
    table.time("completion of a Job's name, first time", first, theirs, "kubectl", limit=0.150)
    table.memory("completion of a Job's name, first time", first, theirs, "kubectl")
    (cached,) = runner.turns(options.runs * 2, Command(tab, expect=last))
    table.time("completion of a Job's name, from the cache", cached, theirs, "kubectl", limit=0.020)

    config = json.loads(runner.read(kubectl, "config", "view", "--raw", "--flatten", "-o", "json",
                                    "--kubeconfig", bed.configs["dev"]))
    token = config["users"][0]["user"].get("token")
    if not token:
        raise Skip("completion with a slow plugin: the limited user of the bed has no token")
    credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                  "status": {"token": token}}
    answer = write(os.path.join(runner.work, "plugin", "credential"), json.dumps(credential))
    plugin = write(os.path.join(runner.work, "plugin", "plugin"), f"#!/bin/sh\nsleep 1\ncat '{answer}'\n")
    os.chmod(plugin, 0o700)
    config["users"][0]["user"] = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": plugin,
                                           "interactiveMode": "Never"}}
    env = {"KUBECONFIG": write(os.path.join(runner.work, "plugin", "kubeconfig"), json.dumps(config))}
    empty, theirs = runner.turns(options.runs, Command(tab, env=env, before=runner.forget),
                                 Command(their_tab, env=env, expect=last))
    table.time("the same, a 1 s exec plugin, nothing known (empty)", empty, theirs, "kubectl", limit=0.300)
    (known,) = runner.turns(options.runs, Command(tab, env=env, expect=last))
    table.time("the same, known from the refresh behind", known, theirs, "kubectl", limit=0.300)


def bench_submit(runner, table, options, kubectl, project):
    manifests = runner.read(runner.mlk, "generate", "job/tune", "-o", "json", cwd=project)

    def write_manifest(number):
        job = json.loads(manifests)["items"][0]
        job["metadata"]["name"] = f"applied-{number + 1}"
        write(os.path.join(project, "job.json"), json.dumps(job))
        time.sleep(1)  # the controllers are at the run before

    submit = [runner.mlk, "train", "submit", "tune", "--name"]
    ours, theirs = runner.turns(
        options.runs * 2,
        Command(lambda number: submit + [f"submitted-{number + 1}"], folder=project, before=lambda _: time.sleep(1)),
        Command([kubectl, "apply", "--server-side", "-f", "job.json"], folder=project, before=write_manifest),
    )
    table.time("submit one Job, validated and planned", ours, theirs, "kubectl apply", share=1.5)
    table.memory("submit one Job, validated and planned", ours, theirs, "kubectl apply")


def bench_cluster(runner, table, options):
    kubectl = runner.peer("kubectl")
    say("starting a control plane")
    bed = Bed(runner)
    adopt_orphans()  # not before: the bed's own processes are none of our children
    shutil.copy(bed.configs["admin"], runner.env["KUBECONFIG"])
    runner.read(kubectl, "config", "set-context", "--current", "--namespace=nlp")
    project = os.path.dirname(write(os.path.join(runner.work, "project", "mlk.yaml"), JOB))
    make_jobs(runner, kubectl, project, options.jobs)
    parts = (
        lambda: bench_list(runner, table, options, kubectl),
        lambda: bench_live_completion(runner, table, options, kubectl, bed),
        lambda: bench_submit(runner, table, options, kubectl, project),
    )
    for part in parts:
        attempt(table, "cluster", part)


SECTIONS = {"startup": bench_startup, "generate": bench_generate, "pack": bench_pack, "cluster": bench_cluster}


def attempt(table, name, section):
    try:
        section()
    except Skip as reason:
        table.note(name, f"skipped: {reason}")
    except Failed as reason:
        table.note(name, f"failed: {reason}")


def parse():
    parser = argparse.ArgumentParser(prog="tests/bench/run", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", "--runs", type=int, default=5, help="runs of each command (5); short ones run more often")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="only this section; repeatable")
    parser.add_argument("--jobs", type=int, default=5000, help="Jobs in the cluster (5000)")
    parser.add_argument("--model-size", type=int, default=1024, metavar="MIB", help="size of the large model (1024)")
    options = parser.parse_args()
    if min(options.runs, options.jobs, options.model_size) < 1:
        parser.error("numbers must be at least 1")
    return options


def leave(number, _):
    sys.exit(128 + number)


def overdue(*_):
    raise TimeoutError


def main():
    options = parse()
    mlk = os.path.abspath(os.environ.get("MLK") or os.path.join(TOP, "build", "mlk"))
    if not os.access(mlk, os.X_OK):
        sys.exit(f"bench: no program at '{mlk}'; run 'make build', or say where it is: MLK=PATH tests/bench/run")
    parts = subprocess.run([os.path.join(REAL, "build"), "--print"], capture_output=True, text=True).stdout.strip()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    signal.signal(signal.SIGALRM, overdue)
    work = tempfile.mkdtemp(prefix="mlk-bench-")
    try:
        runner = Runner(work, mlk, parts)
        load = os.getloadavg()[0]
        print(f"{runner.read(mlk, 'version').strip()} · {os.cpu_count()} cores, load {load:.1f} · "
              f"medians of {options.runs} runs and more, taken in turns", flush=True)
        table = Table()
        for name in options.only or SECTIONS:
            attempt(table, name, lambda name=name: SECTIONS[name](runner, table, options))
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.alarm(0)
        stop_children()
        Bed.stop(os.path.join(work, "bed"))
        os.chdir("/")
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
