# bench/suite/peers.py: who can take part here, and building their programs.
import os
import shutil
import subprocess

from suite.registry import BUILD, ROOT

BUILD_SECONDS = 1800  # a peer whose build takes longer than this is left out
# Toolchains that their own installers put where no login shell's path leads.
TOOL_FOLDERS = ("~/.cargo/bin", "/usr/local/go/bin")


def extend_path():
    found = [os.path.expanduser(folder) for folder in TOOL_FOLDERS]
    os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *(f for f in found if os.path.isdir(f))])


def command_of(words):
    """A command of the registry, with its folders filled in."""
    return [word.format(build=BUILD) if word.startswith("{build}") else word for word in words]


def installed(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package], capture_output=True, text=True)
    return done.returncode == 0 and done.stdout == "installed"


def missing(peer):
    """Why a peer cannot take part, or an empty text."""
    tools = [tool for tool in peer.needs if not shutil.which(tool)]
    packages = [package for package in peer.packages if not installed(package)]
    if tools:
        return f"no {' and no '.join(tools)} on this machine"
    if packages:
        return f"not installed: {' '.join(packages)} (apt-get install {' '.join(packages)})"
    return ""


def attempt(command, log):
    """Runs a step of a build; what it says goes to the log. An empty text, or why it failed."""
    log.write(f"$ {' '.join(command)}\n")
    log.flush()
    try:
        done = subprocess.run(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, timeout=BUILD_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.returncode == 0 else f"'{' '.join(command)}' ended with {done.returncode}"


def configure_cpp(log):
    """The programs in C and C++ have a build of their own, so that the one for the tests stays what it was."""
    options = [f"-DTORUS_{name}=OFF" for name in ("TESTS", "CLI", "EXAMPLES", "INSTALL")]
    return attempt(["cmake", "--preset", "release", "-B", str(BUILD / "cpp"), "-DTORUS_BENCH=ON", *options], log)


def build_one(peer, log):
    """An empty text, or why it failed."""
    steps = [command_of(step) for step in peer.build]
    if peer.targets:
        steps.append(["cmake", "--build", str(BUILD / "cpp"), "-j", str(os.cpu_count()), "--target", *peer.targets])
    return next(filter(None, (attempt(step, log) for step in steps)), "")


def build(registry, wanted):
    """Builds all that is wanted and can be. {peer: why it is left out}"""
    BUILD.mkdir(parents=True, exist_ok=True)
    left_out = {name: reason for name in wanted if (reason := missing(registry.peers[name]))}
    with open(BUILD / "build.log", "w") as log:
        no_cpp = configure_cpp(log)
        for peer in (registry.peers[name] for name in wanted if name not in left_out):
            if reason := (no_cpp if peer.targets else "") or build_one(peer, log):
                left_out[peer.name] = f"{reason}; see build/bench/build.log"
    return left_out


def version_of(peer):
    try:
        done = subprocess.run(command_of(peer.version), cwd=ROOT, capture_output=True, text=True)
    except OSError:  # with --no-build, what has not been built
        return "unknown"
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    return ", ".join(lines) if done.returncode == 0 and lines else "unknown"
