#!/usr/bin/env bash
# Run once, when Gradescope builds the autograder's image: Debian or Ubuntu, as root, with a network.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq --no-install-recommends make python3 python3-venv bubblewrap
make -C "$(dirname "$(readlink -f "$0")")/course" setup PYTHON=/usr/bin/python3
