#!/usr/bin/env bash
# Says which of the numbered files have anything but names that are set to literals, as Python 3.5 reads them.
set -euo pipefail
python3 - [0-9]* <<'PYTHON'
import ast
import sys

known = set()
for number in sys.argv[1:]:
    try:
        tree = ast.parse(open(number, "rb").read(), feature_version=(3, 5))
        for statement in tree.body:
            assert isinstance(statement, ast.Assign), "it does something"
            assert [type(target) for target in statement.targets] == [ast.Name], "it sets something strange"
            ast.literal_eval(statement.value)
    except (SyntaxError, ValueError, AssertionError) as error:
        print(number, error)
PYTHON
