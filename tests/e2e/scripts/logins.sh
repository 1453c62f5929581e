#!/usr/bin/env bash
# Makes users who may log in as ubuntu may, one for each shell that users have, and such whose shells get in the way.
set -euo pipefail

user() { # NAME SHELL
    useradd --create-home --shell "$2" "$1"
    install -d -m 0700 -o "$1" -g "$1" "/home/$1/.ssh"
    install -m 0600 -o "$1" -g "$1" /home/ubuntu/.ssh/authorized_keys "/home/$1/.ssh/authorized_keys"
    printf '%s ALL=(ALL) NOPASSWD: ALL\n' "$1" >"/etc/sudoers.d/$1"
}

for shell in sh dash bsd-csh tcsh; do
    ! program=$(command -v "$shell") || user "of-$shell" "$program"
done
# Neither ends its line.
user noisy /bin/bash
printf 'printf welcome\nprintf news >&2\n' >/home/noisy/.bashrc
user curious /bin/bash
printf 'read -r answer\n' >/home/curious/.bashrc
user hungry /bin/bash
printf 'cat >/dev/null\n' >/home/hungry/.bashrc
user closed /usr/sbin/nologin

# Who has to give a password, and gets a lecture first.
user typist /bin/bash
user stranger /bin/bash
printf 'typist:correct horse\nstranger:correct horse\n' | chpasswd
printf 'typist ALL=(ALL) ALL\n' >/etc/sudoers.d/typist
rm /etc/sudoers.d/stranger
user seated /bin/bash
printf 'Defaults:seated requiretty\n' >>/etc/sudoers.d/seated

# Root may log in, and not use sudo.
install -d -m 0700 /root/.ssh
install -m 0600 /home/ubuntu/.ssh/authorized_keys /root/.ssh/authorized_keys
printf 'root ALL=(ALL) !ALL\n' >/etc/sudoers.d/root
sed -i 's/^PermitRootLogin no$/PermitRootLogin prohibit-password/' /etc/ssh/sshd_config
systemctl reload ssh
