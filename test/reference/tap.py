"""What the checks of models by other programs share: psql on the throw-away cluster, and TAP."""
import subprocess
import sys

count = failed = 0


def sql(text):
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1"], input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit("psql failed: " + done.stderr)
    return done.stdout.strip()


def check(name, passed, note=""):
    global count, failed
    count += 1
    failed += not passed
    print(("ok" if passed else "not ok"), count, "-", name)
    if note and not passed:
        print("# " + note)


def finish():
    print(f"1..{count}")
    sys.exit(1 if failed else 0)
