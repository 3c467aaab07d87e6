#!/usr/bin/env bash
# Runs Node's own fs tests against the built package: npm run conformance [-- options of the harness].
# The harness and the lists live beside the project; EIO_CONFORMANCE says where, if elsewhere.
# Tests that we fail for a reason are in test/conformance-exceptions.txt, in the form of the harness's exclude list.
# With --api among the options only that one runs; otherwise promises, then callback.
set -euo pipefail
cd "$(dirname "$0")/.."

harness=${EIO_CONFORMANCE:-../shared/conformance}
if [ ! -e "$harness/conformance.mjs" ]; then
  echo "conformance: no harness at $harness (set EIO_CONFORMANCE)" >&2
  exit 2
fi
if [ ! -e dist/promises.js ]; then
  echo "conformance: no dist/promises.js; run npm run build first" >&2
  exit 2
fi
if [ ! -d .node-tests/test/parallel ] && ! sh "$harness/get-node-tests.sh" .node-tests; then
  echo "conformance: Node's tests cannot be had here" >&2
  exit 77
fi

exclude=$(mktemp)
trap 'rm -f "$exclude"' EXIT
cat "$harness/exclude.txt" test/conformance-exceptions.txt >"$exclude"

run() {
  NODE_SRC=.node-tests node "$harness/conformance.mjs" \
    --subject ./test/conformance-subject.cjs \
    --list "$harness/open.txt" --exclude "$exclude" --missing throw --jobs 2 "$@"
}

case " $* " in
  *" --api "* | *" --api="*) run "$@" ;;
  *)
    status=0
    for api in promises callback; do
      echo "== $api"
      run --api "$api" "$@" || status=1
    done
    exit "$status"
    ;;
esac
