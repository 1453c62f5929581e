#!/usr/bin/env bash
# Takes away what lets Upstart run a transaction again after a power cut, or a kill. A part of the door and of the
# transaction.

drop_units() {
    rm -f /etc/init/provision-recovery.conf /etc/init/provision-transaction.conf
}
