#!/bin/sh
# make.sh: writes task-with-sidecar.json and template-with-sidecar.yaml, from the files beside it and from these.
set -eu
cd "$(dirname "$0")"
: "${SIDECAR_IMAGE:=123456789012.dkr.ecr.us-west-2.amazonaws.com/gossamer/sidecar:0.1.0}"
: "${XDS_ENDPOINT:=gossamer.simpleapp.local:18000}"
inject() {
  gossamer inject ecs "$1" --mesh simpleapp --virtual-node serviceA --app-ports 8080 --region us-west-2 \
    --image "$SIDECAR_IMAGE" --xds-endpoint "$XDS_ENDPOINT" --env GOSSAMER_XDS_AUTH=sigv4
}
inject task.json >task-with-sidecar.json
inject template.yaml >template-with-sidecar.yaml
