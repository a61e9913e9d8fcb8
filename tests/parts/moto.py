"""Amazon's own client, for what the tests ask of moto, and for Amazon's own idea of a signature."""

import json
import sys

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def client(service, given):
    """Amazon's client of one of its services."""
    return boto3.client(
        service,
        endpoint_url=given["url"],
        region_name="eu-west-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="any",
    )


def verify(given):
    """Makes a sender's domain one that may send."""
    return client("sesv2", given).create_email_identity(EmailIdentity=given["domain"])["IdentityType"]


def user(given):
    """Somebody who may do nothing yet: their access key and its secret."""
    iam = client("iam", given)
    iam.create_user(UserName=given["name"])
    key = iam.create_access_key(UserName=given["name"])["AccessKey"]
    return [key["AccessKeyId"], key["SecretAccessKey"]]


def allow(given):
    """What they may do."""
    policy = {"Version": "2012-10-17", "Statement": given["statements"]}
    client("iam", given).put_user_policy(UserName=given["name"], PolicyName="it", PolicyDocument=json.dumps(policy))


def bucket(given):
    """A bucket that everybody may read."""
    where = {"LocationConstraint": "eu-west-1"}
    s3 = client("s3", given)
    s3.create_bucket(Bucket=given["name"], ACL="public-read", CreateBucketConfiguration=where)


def objects(given):
    """What is in it."""
    return sorted(each["Key"] for each in client("s3", given).list_objects_v2(Bucket=given["name"])["Contents"])


def sign(given):
    """The Authorization header for a request."""
    headers = {"Content-Type": given["content_type"], "X-Amz-Date": given["date"]}
    request = AWSRequest(given["method"], given["url"], headers=headers, data=given["body"].encode())
    request.context["timestamp"] = given["date"]
    auth = SigV4Auth(Credentials(given["key_id"], given["secret"]), "ses", "eu-west-1")
    signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    signed = auth.signed_headers(auth.headers_to_sign(request))
    return f"AWS4-HMAC-SHA256 Credential={auth.scope(request)}, SignedHeaders={signed}, Signature={signature}"


KNOWN = [verify, sign, user, allow, bucket, objects]
print(json.dumps({known.__name__: known for known in KNOWN}[sys.argv[1]](json.loads(sys.argv[2]))))
