#!/bin/sh
# Makes the webhook's certificate, and an authority for it, with openssl, and tells the cluster. Run again to renew.
# With --dry-run it writes the Secret and the patch to standard output and changes nothing.
set -eu
namespace=gossamer-system service=gossamer-webhook
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=$service authority" -keyout ca.key -out ca.crt 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj "/CN=$service.$namespace.svc" -keyout tls.key -out tls.csr 2>/dev/null
printf 'subjectAltName=DNS:%s.%s.svc,DNS:%s.%s.svc.cluster.local\n' "$service" "$namespace" "$service" "$namespace" >san
openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 397 -extfile san -out tls.crt 2>/dev/null
base64_of() { base64 <"$1" | tr -d '\n'; }
cat >secret.yaml <<EOF
apiVersion: v1
kind: Secret
metadata:
  name: $service-tls
  namespace: $namespace
type: kubernetes.io/tls
data:
  tls.crt: $(base64_of tls.crt)
  tls.key: $(base64_of tls.key)
EOF
patch="[{\"op\":\"add\",\"path\":\"/webhooks/0/clientConfig/caBundle\",\"value\":\"$(base64_of ca.crt)\"}]"
if [ "${1:-}" = --dry-run ]; then
  cat secret.yaml
  printf '# patch: %s\n' "$patch"
  exit
fi
kubectl create namespace "$namespace" --dry-run=client -o yaml | kubectl apply -f -
kubectl apply -f secret.yaml
kubectl patch mutatingwebhookconfiguration gossamer --type=json -p "$patch" ||
  echo "the webhook is not installed yet: run this again after kubectl apply -k" >&2
