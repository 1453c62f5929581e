#!/usr/bin/env bash
# Says which of the numbered files have anything but names that are set to literals and what all of them have alike, as
# Python 3.5 reads them.
set -euo pipefail
python3 - [0-9]* <<'PYTHON'
import ast
import sys

COMPUTED = [ast.dump(ast.parse(text).body[0]) for text in (
    "workers = min(2 * len(os.sched_getaffinity(0)) + 1, 32)",
    # Under Upstart the process itself gives up what systemd takes from it.
    "ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)",
)]

HOOKS = ("_environment", "_stop_while_waiting", "on_reload", "on_starting", "post_fork", "post_worker_init",
         "pre_request", "worker_abort")

# Hooks and imports are the template's own, so no value changes them. There is one kind for each that gunicorn needs.
hooks = {}
for number in sys.argv[1:]:
    try:
        tree = ast.parse(open(number, "rb").read(), feature_version=(3, 5))
        imports = [statement for statement in tree.body if isinstance(statement, ast.Import)]
        kind = tuple(alias.name for statement in imports for alias in statement.names)
        for statement in tree.body:
            if isinstance(statement, ast.Import):
                first = [alias.name for alias in statement.names][0]
                assert first in ("ctypes", "errno", "os", "re", "signal", "sys", "traceback"), "it imports something"
            elif isinstance(statement, ast.FunctionDef):
                assert statement.name in HOOKS, "it defines something"
                known = hooks.setdefault((kind, statement.name), ast.dump(statement))
                assert known == ast.dump(statement), "a hook is another"
            elif ast.dump(statement) not in COMPUTED:
                assert isinstance(statement, ast.Assign), "it does something"
                assert [type(target) for target in statement.targets] == [ast.Name], "it sets something strange"
                ast.literal_eval(statement.value)
    except (SyntaxError, ValueError, AssertionError) as error:
        print(number, error)
PYTHON
