"""Runs programs in turns and measures them: time, processor time, peak memory."""

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import time

LONGEST = 180  # seconds that one command may take before it is given up
MIB = 1024 * 1024


class Skip(Exception):
    """Something isn't there that a section needs."""


class Failed(Exception):
    """A measured command did not do its work, so its time means nothing."""


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


class Command:
    """A command line to measure. `argv` may depend on the number of the run; `before` is not measured."""

    def __init__(self, argv, folder=None, env=None, before=None, expect=None):
        self.argv = argv if callable(argv) else lambda _: argv
        self.folder = folder
        self.env = env or {}
        self.before = before
        self.expect = expect  # text without which the answer is no answer


class Figures:
    """What the runs of one command took: medians of seconds, of seconds on a processor, of peak resident bytes."""

    def __init__(self):
        self.floor = 0  # Linux counts what the forking process held into its child's peak: nothing smaller is seen
        self.all_seconds = []
        self.all_busy = []
        self.all_peaks = []
        self.answers = 0  # runs whose output held what was expected

    seconds = property(lambda self: median(self.all_seconds))
    busy = property(lambda self: median(self.all_busy))
    peak = property(lambda self: median(self.all_peaks))
    runs = property(lambda self: len(self.all_seconds))


class Runner:
    """Runs commands in a home of their own and measures them."""

    def __init__(self, work, mlk, parts):
        self.work = work
        self.mlk = mlk
        self.parts = parts
        home = os.path.join(work, "home")
        self.cache = os.path.join(home, ".cache")
        os.makedirs(self.cache)
        self.env = {
            "PATH": os.path.join(parts, "bin") + ":" + os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": home,
            "XDG_CACHE_HOME": self.cache,
            "XDG_DATA_HOME": os.path.join(home, ".data"),
            "XDG_CONFIG_HOME": os.path.join(home, ".config"),
            "KUBECONFIG": os.path.join(work, "kubeconfig"),
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
        }
        self.out = os.path.join(work, "out")
        self.err = os.path.join(work, "err")

    def peer(self, name):
        found = shutil.which(name, path=self.env["PATH"])
        if not found:
            raise Skip(f"no {name} here; 'make real' builds it")
        return found

    def once(self, command, number):
        """One run: (seconds, seconds on a processor, peak bytes). Raises Failed where it ends with another code than 0."""
        if command.before:
            command.before(number)
        argv = [str(word) for word in command.argv(number)]
        os.chdir(command.folder or self.work)
        files = [
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, self.out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            (os.POSIX_SPAWN_OPEN, 2, self.err, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        ]
        env = {**self.env, **command.env}
        begin = time.perf_counter()
        pid = os.posix_spawn(argv[0], argv, env, file_actions=files, setsigdef=[signal.SIGPIPE])
        status = None
        try:
            signal.alarm(LONGEST)
            _, status, usage = os.wait4(pid, 0)
            seconds = time.perf_counter() - begin
        except TimeoutError:
            raise Failed(f"{' '.join(argv)}: no end after {LONGEST} s") from None
        finally:
            signal.alarm(0)
            if status is None:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        if code != 0:
            with open(self.err, errors="replace") as file:
                said = file.read().strip().splitlines()[:2]
            raise Failed(f"{' '.join(argv)}: exit code {code}: {' / '.join(said)}")
        return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024

    def said(self):
        with open(self.out, errors="replace") as file:
            return file.read()

    def turns(self, count, *commands, warm=True):
        """Measures the commands in turns; one Figures for each."""
        figures = [Figures() for _ in commands]
        for number in range(-1 if warm else 0, count):
            for command, figure in zip(commands, figures):
                seconds, busy, peak = self.once(command, number)
                has_answer = command.expect is None or command.expect in self.said()
                wait_for_orphans()
                if number < 0:
                    continue
                figure.floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
                figure.all_seconds.append(seconds)
                figure.all_busy.append(busy)
                figure.all_peaks.append(peak)
                figure.answers += has_answer
        return figures

    def forget(self, _=0):
        """Empties mlk's caches."""
        shutil.rmtree(os.path.join(self.cache, "mlk"), ignore_errors=True)

    def read(self, *argv, **settings):
        """Output of a command that is not measured."""
        done = subprocess.run(argv, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, **settings)
        if done.returncode != 0:
            raise Failed(f"{' '.join(argv)}: exit code {done.returncode}: {done.stderr.strip()[:200]}")
        return done.stdout


# What a completion leaves at work behind the user's back would disturb the next run, and must not outlive this one.


def adopt_orphans():
    set_child_subreaper = 36
    ctypes.CDLL(None, use_errno=True).prctl(set_child_subreaper, 1, 0, 0, 0)


def wait_for_orphans(longest=15.0):
    until = time.monotonic() + longest
    while time.monotonic() < until:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.005)
        except ChildProcessError:
            return


def stop_children():
    me = os.getpid()
    try:
        with open(f"/proc/{me}/task/{me}/children") as file:
            pids = [int(word) for word in file.read().split()]
    except OSError:
        pids = []
    for pid in pids:
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
    wait_for_orphans(5.0)


class Table:
    """The report: a line as soon as it is known."""

    LINE = "{:<58} {:>10} {:>10}  {:<14} {:>7}  {:<22} {}"

    def __init__(self):
        print(self.LINE.format("what", "mlk", "peer", "", "ratio", "target", "").rstrip(), flush=True)

    def time(self, what, ours, theirs=None, peer="", **target):
        self._line(what, ours.seconds, theirs and theirs.seconds, peer, duration, target, ours)

    def memory(self, what, ours, theirs=None, peer="", **target):
        floor = ours.floor

        def size(value):
            return f"{value / MIB:.0f} MiB" if value > floor else f"<{floor / MIB:.0f} MiB"

        self._line(what + ", memory", ours.peak, theirs and theirs.peak, peer, size, target, None)

    def note(self, what, why):
        print(f"{what:<58} {why}", flush=True)

    def _line(self, what, ours, theirs, peer, form, target, answers):
        ratio = ours / theirs if theirs else None
        limit, share = target.get("limit"), target.get("share")
        wanted, is_met = [], True
        if share is not None:
            wanted.append(f"at most {share:.2f} x")
            is_met = is_met and ratio is not None and ratio <= share
        if limit is not None:
            wanted.append(f"at most {form(limit)}")
            is_met = is_met and ours <= limit
        verdict = ("met" if is_met else "NOT MET") if wanted else ""
        if answers is not None and not is_met:
            # What other programs on the machine take shows in the median, less in these.
            verdict += f" (best {form(min(answers.all_seconds))}, on a processor {form(answers.busy)})"
        if answers is not None and answers.answers < answers.runs:
            verdict += f" ({answers.runs - answers.answers} of {answers.runs} answers empty)"
        print(
            self.LINE.format(
                what,
                form(ours),
                form(theirs) if theirs else "",
                peer,
                f"{ratio:.3f}" if ratio is not None else "",
                ", ".join(wanted) or "none",
                verdict,
            ).rstrip(),
            flush=True,
        )


def duration(seconds):
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"
