#!/bin/sh
# Inside a build: installs one image's pinned, hashed requirements and our wheel into /opt/gossamer, the same bytes
# each time: no caches, no installer, byte code that depends on the sources' content alone.
set -eu
python3 -m venv /opt/gossamer
pip="/opt/gossamer/bin/pip --disable-pip-version-check --no-input --quiet install --no-cache-dir --no-compile"
if [ -s /context/ca.crt ]; then export PIP_CERT=/context/ca.crt; fi
$pip --require-hashes -r "/context/requirements/$1.txt"
# Whatever brings these modules a second time, this copy is the one that is there (requirements/last.txt).
if [ "$1" = control-plane ]; then $pip --require-hashes --no-deps --force-reinstall -r /context/requirements/last.txt; fi
$pip --no-deps /context/*.whl
cd /opt/gossamer/lib/python3*/site-packages
rm -rf pip pip-* setuptools setuptools-* _distutils_hack distutils-precedence.pth pkg_resources
rm -f /opt/gossamer/bin/pip* /opt/gossamer/bin/Activate.ps1 /opt/gossamer/bin/activate*
find . -path '*/gossamer-*.dist-info/direct_url.json' -delete
find . -name RECORD -path '*/gossamer-*.dist-info/*' -exec sed -i /direct_url/d {} +
python3 -m compileall -q --invalidation-mode unchecked-hash . || true
