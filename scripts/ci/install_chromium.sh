#!/usr/bin/env bash
# Installs Debian's Chromium, in which a test opens the report's page; does nothing where there is a browser already.
# On a distribution whose `chromium` is no package of its own (Ubuntu), its machines bring Chrome along.
set -euo pipefail
command -v chromium google-chrome >/dev/null && exit 0
# Neither root nor sudo: the test says what it lacks.
if [ "$(id -u)" = 0 ]; then as_root=(); else as_root=(sudo); fi
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -qq --no-install-recommends chromium >/dev/null
