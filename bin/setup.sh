# Sourced by bin/demo and bin/test: makes the virtual environment and the console's page, again only when stale.
# shellcheck shell=bash

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
VENV="${VENV:-$ROOT/.venv}"
STATIC="$ROOT/job_console/console/static"
export PIP_DISABLE_PIP_VERSION_CHECK=1

# Every step says `|| return`: bin/test calls these where bash ignores `set -e`.

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# A Python 3.10 or newer: $PYTHON, else the first one that really starts (a version manager's shim may not).
find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then
      command -v "$candidate"
      return
    fi
  done
  say "Job Console needs Python 3.10 or newer, and there is none on the PATH (or set PYTHON)."
  return 1
}

# Debian ships Python without venv's pip: get it where we may, else say what to install.
need_venv_module() {
  "$1" -c 'import ensurepip, venv' >/dev/null 2>&1 && return
  if may_install; then
    apt_install python3-venv
  else
    say "Please install python3-venv first: $1 cannot make virtual environments."
    return 1
  fi
}

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

apt_install() {
  say "Installing $* with apt"
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } >&2
}

# make_venv DIR STAMP REQUIREMENT...: a virtual environment with these in it, reused while STAMP stays the same.
make_venv() {
  local dir="$1" stamp="$2" python
  shift 2
  python="$(find_python)" || return
  stamp="$stamp $("$python" --version) $*"
  if [ "$(cat "$dir/.stamp" 2>/dev/null)" = "$stamp" ]; then return; fi
  need_venv_module "$python" || return
  rm -f "$dir/.stamp"
  "$python" -m venv --clear "$dir" >&2 || return
  "$dir/bin/python" -m pip install -q "$@" >&2 || return
  printf '%s' "$stamp" >"$dir/.stamp"
}

# ensure_venv EXTRA: .venv with this checkout, editable, and an extra of pyproject.toml.
ensure_venv() {
  # What bin/test installed is enough for bin/demo: do not throw it away.
  if [ "$1" = demo ] && [[ "$(cat "$VENV/.stamp" 2>/dev/null)" == "$(venv_stamp) "*"[dev]" ]]; then return; fi
  [ "$(cat "$VENV/.stamp" 2>/dev/null)" ] || say "Making $VENV"
  make_venv "$VENV" "$(venv_stamp)" -e "$ROOT[$1]"
}

venv_stamp() { cksum <"$ROOT/pyproject.toml"; }

ensure_node_modules() {
  local stamp
  if ! command -v npm >/dev/null; then
    say "The page is built with Node.js (18 or newer), and there is no npm on the PATH."
    return 1
  fi
  stamp="$(cksum <"$ROOT/ui/package-lock.json") $(node --version)"
  if [ "$(cat "$ROOT/ui/node_modules/.stamp" 2>/dev/null)" = "$stamp" ] && [ -e "$ROOT/node_modules/vue" ]; then return; fi
  say "Installing the page's build tools"
  (cd "$ROOT/ui" && npm ci --no-audit --no-fund --loglevel=error) >&2 || return
  printf '%s' "$stamp" >"$ROOT/ui/node_modules/.stamp"
}

page_is_stale() {
  [ -f "$STATIC/index.html" ] || return 0
  [ -n "$(find "$ROOT/job_console/public/js" "$ROOT"/ui/package-lock.json "$ROOT"/ui/vite.config.js -newer "$STATIC/index.html" -print -quit)" ]
}

# The operator console's page, built by Vite into the Python package.
ensure_page() {
  page_is_stale || return 0
  ensure_node_modules || return
  say "Building the page"
  npm --prefix "$ROOT/ui" run --silent build >&2
}
