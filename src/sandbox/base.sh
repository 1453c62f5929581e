#!/usr/bin/env bash
# Builds the root that all sandbox hosts of a suite share: what a small cloud host has, and offline stores for the rest.
#
# usage: base.sh MIRROR COMPONENTS KEYRING ROOT PINS PINS PINS SUITE [SUITE-updates]...
#
# PINS are the requirements with hashes that bring gunicorn to hosts with Python 3.5, 3.7 and 3.10, and those after
# them. ROOT must not exist. Whoever calls this removes it when the script fails.
set -euo pipefail

mirror=$1 components=$2 keyring=$3 root=$4
pins_35=$5 pins_37=$6 pins_310=$7
shift 7
suites=("$@")

# What a freshly rented host brings along.
installed=(
  systemd-sysv dbus apt openssh-server sudo python3 ca-certificates iproute2 procps util-linux cron bash
)
# What provisioning installs: kept out of the root, so that installing it is real work, but within reach of apt.
# A suite that has no package of a name goes without it.
offered=(
  nginx gunicorn gunicorn3 python3-gunicorn python3-flask python3-pip python3-venv git curl logrotate upstart-sysv
)

# Standard output has nothing but what is being done.
exec 3>&1 >/dev/null
step() { printf '%s\n' "$*" >&3; }

in_root() {
  chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

install_root() {
  local suite sources=() more=()
  for suite in "${suites[@]}"; do
    sources+=("deb [signed-by=$keyring] $mirror $suite $components")
  done
  if [[ ${suites[0]} == xenial ]]; then
    # Its systemd is set up before PAM and calls `chfn`, which PAM then refuses: so let PAM agree until it is set up.
    # Mmdebstrap's own shell expands it.
    # shellcheck disable=SC2016
    more+=(--extract-hook='cd "$1/etc/pam.d" && for kind in auth account password session; do
      echo "$kind required pam_permit.so" >"common-$kind"; done')
  fi
  # Nobody reads these here. Manual pages stay: packages of Ubuntu 16.04 fail to install without them.
  mmdebstrap --quiet --mode=root --format=directory --variant=minbase \
    --include="$(IFS=,; printf '%s' "${installed[*]}")" \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    "${more[@]}" "${suites[0]}" "$root" "${sources[@]}"
  if [[ ${suites[0]} == xenial ]]; then
    in_root pam-auth-update --force
  fi
}

# A flat repository of the offered packages and all they depend on, as the only source that apt knows.
bake_packages() {
  local store=/srv/debs package
  mkdir -p "$root$store/partial"
  # Ubuntu has a link there, which leads nowhere before its first boot.
  cp --dereference --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"
  in_root apt-get -qq update
  for package in "${offered[@]}"; do
    # One by one: some of them exclude each other.
    if [[ -n $(in_root apt-cache madison "$package") ]]; then
      in_root apt-get -qq --yes --no-install-recommends --download-only \
        -o Dir::Cache::archives="$store" -o APT::Sandbox::User=root install "$package" >/dev/null
    fi
  done
  rm -rf "$root$store/partial" "$root$store/lock"
  (
    cd "$root$store"
    if command -v dpkg-scanpackages >/dev/null; then
      dpkg-scanpackages --multiversion . /dev/null >Packages 2>/dev/null
    else
      apt-ftparchive packages . >Packages
    fi
  )
  rm -rf "$root"/etc/apt/sources.list.d/* "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin
  printf '# Sandbox hosts have no internet: these packages are all there is.\ndeb [trusted=yes] file:%s ./\n' "$store" \
    >"$root/etc/apt/sources.list"
}

# Wheels for the root's own Python. They are fetched from outside, where the proxy and certificates of the user apply.
bake_wheels() {
  local store=/srv/wheels version arch
  version=$(in_root python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  arch=$(uname -m)
  local fetch=(
    python3 -m pip download --quiet --dest "$root$store" --only-binary=:all: --python-version "$version"
    --implementation cp --platform any --platform "manylinux1_$arch"
  )
  # The pip of Python 3.5 knows no later platform tag than the first.
  if [[ $version != 3.5 ]]; then
    fetch+=(--platform "manylinux2010_$arch" --platform "manylinux2014_$arch" --platform "manylinux_2_17_$arch")
  fi
  mkdir -p "$root$store"
  local wheels=(flask setuptools wheel) pins=$pins_310
  # pip weighs markers such as `python_version < "3.10"` with the Python it runs on, so what only older Pythons need
  # is named here.
  [[ $version != 3.[5-9] ]] || wheels+=(importlib-metadata zipp typing-extensions)
  [[ $version != 3.6 ]] || wheels+=(dataclasses)
  "${fetch[@]}" "${wheels[@]}" || no_wheels
  case $version in
    3.[56]) pins=$pins_35 ;;
    3.[789]) pins=$pins_37 ;;
  esac
  # Without markers, for the same reason.
  "${fetch[@]}" --no-deps --require-hashes \
    --requirement <(printf '%s\n' "${pins// ; python_version < \"3.8\"/}") || no_wheels
  # Two more gunicorns: the one that Debian 12 ships, and one that cannot notify systemd.
  "${fetch[@]}" --no-deps gunicorn==20.1.0 || no_wheels
  "${fetch[@]}" --no-deps gunicorn==19.9.0 || no_wheels
  chmod -R u=rwX,go=rX "$root$store"
  printf '%s\n' '# Sandbox hosts have no internet: pip finds its wheels here.' '[global]' 'no-index = true' \
    "find-links = $store" 'disable-pip-version-check = true' >"$root/etc/pip.conf"
}

no_wheels() {
  local help='check that https://pypi.org is reachable, or set PIP_INDEX_URL, PIP_PROXY or PIP_CERT'
  printf 'error: pip could not download the wheels: %s\n' "$help" >&2
  exit 1
}

configure_access() {
  in_root useradd --create-home --shell /bin/bash --uid 1000 --user-group --groups adm,sudo ubuntu
  printf '# The login user of a cloud host.\nubuntu ALL=(ALL) NOPASSWD:ALL\n' >"$root/etc/sudoers.d/90-sandbox"
  chmod 0440 "$root/etc/sudoers.d/90-sandbox"

  # Every host gets a key of its own.
  rm -f "$root"/etc/ssh/ssh_host_*
  # sshd keeps the first value it reads, and old ones know no drop-in files: so these lines go on top.
  {
    printf '%s\n' '# Settings of the sandbox.' 'HostKey /etc/ssh/ssh_host_ed25519_key' 'PasswordAuthentication no' \
      'PermitRootLogin no' 'UseDNS no' '# Connections and sessions can be counted in the journal.' 'LogLevel VERBOSE' \
      '# The exchange that withstands quantum computers costs a tenth of a second of processor time, for nothing' \
      '# on one machine.' \
      'KexAlgorithms curve25519-sha256@libssh.org' ''
    cat "$root/etc/ssh/sshd_config"
  } >"$root/etc/ssh/sshd_config.new"
  mv "$root/etc/ssh/sshd_config.new" "$root/etc/ssh/sshd_config"
}

configure_system() {
  local unit
  printf 'LANG=C.UTF-8\n' | tee "$root/etc/locale.conf" >"$root/etc/default/locale"
  rm -f "$root/etc/resolv.conf"
  printf '# Sandbox hosts have no name server.\n' >"$root/etc/resolv.conf"
  # Kept across reboots.
  mkdir -p "$root/var/log/journal"
  # Written per host; a root with none would run the first-boot questions.
  rm -f "$root/etc/machine-id" "$root/var/lib/dbus/machine-id"
  ln -s /etc/machine-id "$root/var/lib/dbus/machine-id"
  # Nobody sits at the console, and apt must not start by itself in the middle of a test.
  for unit in console-getty.service getty.target apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer \
    e2scrub_reap.service systemd-firstboot.service; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
  done
}

step "installing ${suites[0]} from $mirror"
install_root
step 'collecting packages for apt'
bake_packages
step 'collecting wheels for pip'
bake_wheels
configure_access
configure_system
