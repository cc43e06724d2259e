# bench/suite/peers.py: who can take part here, and building their programs.
import os
import shutil
import subprocess

from suite.registry import BUILD, ROOT

BUILD_SECONDS = 1800  # a peer whose build takes longer than this is left out
# Toolchains that their own installers put where no login shell's path leads.
TOOL_FOLDERS = ("~/.cargo/bin", "/root/.cargo/bin", "/usr/local/go/bin", "~/go/bin")


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
        return f"not installed: {' '.join(packages)}"
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


def build_cpp(targets, log):
    """The programs in C and C++, in a build of their own, so that building and testing torus stay what they were."""
    cpp = BUILD / "cpp"
    options = [f"-DTORUS_{name}=OFF" for name in ("TESTS", "CLI", "EXAMPLES", "INSTALL")]
    # The last preset's cache may name a compiler launcher or not: CMake finds ccache itself.
    problem = attempt(["cmake", "--preset", "release", "-B", str(cpp), "-DTORUS_BENCH=ON", *options], log)
    known = subprocess.run(["cmake", "--build", str(cpp), "--target", "help"], capture_output=True, text=True).stdout
    there = [target for target in targets if f"{target}:" in known]
    return problem or attempt(["cmake", "--build", str(cpp), "-j", str(os.cpu_count()), "--target", *there], log)


def build(registry, wanted):
    """Builds all that is wanted and can be. {peer: why it is left out}"""
    BUILD.mkdir(parents=True, exist_ok=True)
    left_out = {name: reason for name in wanted if (reason := missing(registry.peers[name]))}
    with open(BUILD / "build.log", "w") as log:
        building = [registry.peers[name] for name in wanted if name not in left_out]
        problem = build_cpp([target for peer in building for target in peer.targets], log)
        for peer in building:
            reason = problem if peer.targets else ""
            for step in peer.build:
                reason = reason or attempt(command_of(step), log)
            if reason:
                left_out[peer.name] = f"{reason}; see build/bench/build.log"
    return left_out


def version_of(peer):
    done = subprocess.run(command_of(peer.version), cwd=ROOT, capture_output=True, text=True)
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    return ", ".join(lines) if done.returncode == 0 and lines else "unknown"
