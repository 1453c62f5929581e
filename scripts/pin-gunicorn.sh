#!/usr/bin/env bash
# Writes src/runtime/gunicorn/ anew: the gunicorn that hosts get where an app's requirements name none, one file for
# each range of Python versions, with the hash of every file that PyPI has of it. Raise a version here, run this, then
# the tests.
set -euo pipefail
cd "$(dirname "$0")/.."

# Written beside its place first, so that a failed download leaves the old file.
pin() { # FILE, then the lines of the comment on standard input, then REQUIREMENT or REQUIREMENT;MARKER...
    local file=src/runtime/gunicorn/$1 line
    local -a requirement
    shift
    {
        sed 's/^/# /'
        echo '# Written by scripts/pin-gunicorn.sh; the hashes are those of the wheel and of the source on PyPI.'
        for line in "$@"; do
            IFS=';' read -r -a requirement <<<"$line"
            python3 scripts/hashes.py "${requirement[@]}"
        done
    } >"$file.new"
    mv -- "$file.new" "$file"
}

mkdir -p src/runtime/gunicorn
pin python3.5.txt gunicorn==20.1.0 <<'END'
gunicorn for Python 3.5 and 3.6: the last that runs there. It needs setuptools, which these hosts have: install it
with --no-deps.
END
pin python3.7.txt gunicorn==23.0.0 packaging==24.0 'importlib-metadata==6.7.0;python_version < "3.8"' \
    'typing-extensions==4.7.1;python_version < "3.8"' 'zipp==3.15.0;python_version < "3.8"' <<'END'
gunicorn for Python 3.7 to 3.9: the last that runs there, with all that it needs.
END
pin python3.10.txt gunicorn==27.0.1 <<'END'
gunicorn for Python 3.10 and later. It needs nothing else.
END
