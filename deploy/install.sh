#!/bin/sh
# Installs a packed jit with exactly the dependencies of the lock file, for everybody to run and nobody to change.
# The container file runs this, and so does whoever installs without a container.
set -eu

if [ $# -ne 3 ]; then
  echo "usage: install.sh <jit-X.Y.Z.tgz> <package-lock.json> <folder>" >&2
  exit 2
fi
tarball=$1
lock=$2
folder=$3

mkdir -p "$folder"
tar -xzf "$tarball" -C "$folder" --strip-components=1 --no-same-owner
cp "$lock" "$folder/package-lock.json"
cd "$folder"
npm ci --omit=dev --ignore-scripts --no-audit --no-fund
chmod -R a+rX,go-w .
node bin/jit.js --version
