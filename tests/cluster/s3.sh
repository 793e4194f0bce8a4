#!/usr/bin/env bash
# A store in a bucket of S3, with the server of moto, which checks signatures and rights, on this machine. `octavo`, built with the feature `s3`,
# is the first argument. The Python package `moto[server]` is installed into a folder of its own; where it cannot be had, the script says so and
# leaves it out, or fails if OCTAVO_NEED_CLUSTERS is set.
set -euo pipefail
octavo=$(realpath "${1:?name the program}")
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT

python=${OCTAVO_TEST_MOTO:-$folder/python}
if [ ! -x "$python/bin/python3" ] && ! { python3 -m venv "$python" &&
  "$python/bin/pip" install --quiet --disable-pip-version-check 'moto[server]'; }; then
  echo "SKIPPED: moto cannot be installed here: stores in buckets are not tried" >&2
  [ -z "${OCTAVO_NEED_CLUSTERS:-}" ]
  exit
fi

# Whatever this machine knows of buckets is not asked.
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_DEFAULT_REGION AWS_ENDPOINT_URL_S3
port=${OCTAVO_TEST_PORT:-18767}
export AWS_REGION=eu-central-1 AWS_ENDPOINT_URL="http://127.0.0.1:$port" NO_PROXY=127.0.0.1
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
"$python/bin/moto_server" --host 127.0.0.1 --port "$port" > "$folder/server.log" 2>&1 &
server=$!

# A bucket, and keys of one who may write and one who may not. From then on the server asks who asks.
AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any "$python/bin/python3" - > "$folder/keys" <<'PYTHON' || { cat "$folder/server.log" >&2; exit 1; }
import json, os, time, urllib.request
import boto3

address = os.environ["AWS_ENDPOINT_URL"]
for _ in range(300):
    try:
        urllib.request.urlopen(address + "/moto-api/")
        break
    except OSError:
        time.sleep(0.1)
region = os.environ["AWS_REGION"]
boto3.client("s3", region_name=region).create_bucket(
    Bucket="results", CreateBucketConfiguration={"LocationConstraint": region}
)
users = boto3.client("iam", region_name=region)
for name, more in [("WRITER", ["s3:PutObject"]), ("READER", [])]:
    users.create_user(UserName=name)
    rights = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket", *more], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [rights]})
    users.put_user_policy(UserName=name, PolicyName="results", PolicyDocument=policy)
    key = users.create_access_key(UserName=name)["AccessKey"]
    print(f"{name}={key['AccessKeyId']}\n{name}_SECRET={key['SecretAccessKey']}")
text = {"Content-Type": "text/plain"}
urllib.request.urlopen(urllib.request.Request(address + "/moto-api/reset-auth", data=b"0", headers=text, method="POST"))
PYTHON
. "$folder/keys"

remote=s3://results/my-project
export OCTAVO_STORE_REMOTE=$remote
for name in one other third stranger; do cp -r "$here/../program/small" "$folder/$name"; done
as() {
  local id=$1 secret=$2
  shift 2
  AWS_ACCESS_KEY_ID=$id AWS_SECRET_ACCESS_KEY=$secret "$octavo" "$@" > "$folder/said" 2>&1
}
says() { grep -q -- "$1" "$folder/said" || { cat "$folder/said" >&2; echo "it does not say: $1" >&2; exit 1; }; }
fails() { if "$@"; then cat "$folder/said" >&2; echo "this should fail: ${*:4}" >&2; exit 1; fi; }

# What is computed goes there, and another project finds it.
OCTAVO_STORE_PUSH=1 as "$WRITER" "$WRITER_SECRET" -C "$folder/one" build -v
says "went to \`$remote\`"
as "$WRITER" "$WRITER_SECRET" -C "$folder/one" store push
says '^0 records and 0 results are brought there'
as "$READER" "$READER_SECRET" -C "$folder/other" build -v
says '^0 tasks run, '
says "came from \`$remote\`"
diff -r "$folder/one/site" "$folder/other/site"

# Who may not write is told, and results stay where they are.
OCTAVO_STORE_REMOTE=s3://results/second fails as "$READER" "$READER_SECRET" -C "$folder/other" store push
says 'does not let this machine write (it answers 403'
says 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY hold what gives access'

# A secret that is not that of its key, or none, costs a message and a computation.
as "$WRITER" sesame-not-the-secret -C "$folder/stranger" build
says 'does not let this machine read (it answers 403, `SignatureDoesNotMatch`)'
diff -r "$folder/one/site" "$folder/stranger/site"
as "" "" -C "$folder/third" build
says 'does not let this machine read (it answers 403'
fails as "$WRITER" "" -C "$folder/third" build
says 'are needed together'
if grep -r -e sesame -e "$WRITER_SECRET" -e "$READER_SECRET" "$folder"/{one,other,third,stranger,said}; then
  echo "a secret was written down" >&2
  exit 1
fi

# A bucket that is not there, and an endpoint on whose way others can listen.
OCTAVO_STORE_REMOTE=s3://nowhere fails as "$WRITER" "$WRITER_SECRET" -C "$folder/one" store push
says 'takes nothing: it answers 404, `NoSuchBucket`'
rm -rf "$folder/one/.octavo"
OCTAVO_STORE_REMOTE=s3://nowhere fails as "$WRITER" "$WRITER_SECRET" -C "$folder/one" store pull
says 'is no bucket there'
AWS_ENDPOINT_URL=http://192.0.2.1 fails as "$WRITER" "$WRITER_SECRET" -C "$folder/one" store push
says 'would be signed and sent where others can read them'
echo "s3: what one project pushed into a bucket another one does not compute, the same site, and no secret written down"
