#!/usr/bin/env bash
# Builds what an app requires, in a virtual environment, and sends that as an archive on standard output.
#
# Build scripts of packages may do what they like here: this runs as a user that owns nothing but the folder it works
# in, in a box, and what comes out passes a gate before it becomes root's.
set -euo pipefail
method=$1 environment=$2 requirements=$3 hashes=$4 runtime=$5 pins=$6
shift 6 # what remains are further specifiers
exec 4>&1 >&2
export HOME=$PWD LANG=C.UTF-8 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
# Another user's wishes are not for this one.
export PYTHONNOUSERSITE=1

if [[ $method == system ]]; then
    # It sees what the host has, so that only what is lacking is installed.
    /usr/bin/python3 -m venv --system-site-packages --without-pip "$environment"
    # Debian's pip of before 2021 looks for parts of itself below the environment.
    [[ ! -d /usr/share/python-wheels ]] ||
        { mkdir -p "$environment/share" && ln -s /usr/share/python-wheels "$environment/share/"; }
else
    /usr/bin/python3 -m venv --clear "$environment"
fi
python=$environment/bin/python3
version=$("$python" -m pip --version)
version=${version#pip }
options=()
# What is built already needs no build script at all. Older versions of pip know no such wish.
((${version%%.*} < 18)) || options+=(--prefer-binary)
wanted=("$@")
[[ -z $requirements ]] || wanted+=(--requirement "$requirements")
[[ $hashes == no ]] || options+=(--require-hashes)
((${#wanted[@]} == 0)) || "$python" -m pip install --quiet "${options[@]+"${options[@]}"}" "${wanted[@]}"
# What runs the app, unless the app requires it by itself.
if [[ -n $pins ]] && ! "$python" -c "import $runtime" 2>/dev/null; then
    printf '%s\n' "$pins" >"$environment/pins.txt"
    # What is there already has the version that the app asks for.
    while read -r name; do
        [[ $name != "$runtime" ]] || continue
        ! "$python" -c "import ${name//-/_}" 2>/dev/null ||
            sed -i "/^$name==/,/[^\\\\]\$/d" "$environment/pins.txt"
    done < <(sed -n 's/^\([a-z0-9-]*\)==.*/\1/p' <<<"$pins")
    "$python" -m pip install --quiet --no-deps --require-hashes --requirement "$environment/pins.txt"
    rm -f -- "$environment/pins.txt"
fi
rm -f -- "$environment/share/python-wheels"
exec tar --create --hard-dereference --directory="$environment" . >&4
