#!/bin/sh
# Makes what the containers prove to each other who they are with, as files in ./secrets. What is there already stays.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
# The files are read by users that exist only in the containers; the folder keeps everybody else out.
chmod 700 secrets

random() { head -c "$1" /dev/urandom | base64 | tr -d '\n='; }

keep() {
  [ -e "secrets/$1" ] && return
  printf '%s\n' "$2" > "secrets/$1"
  chmod 444 "secrets/$1"
}

for name in grpc_token s3_access_key s3_secret_key user_token admin_token grafana_password synapse_registration synapse_macaroon; do
  keep "$name" "$(random 24 | tr '+/' '-_')"
done
keep signing_key "ed25519 a_1 $(random 32)"
