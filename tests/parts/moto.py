"""Amazon's own client, for what the tests ask of moto, and for Amazon's own idea of a signature."""

import json
import sys

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def verify(given):
    """Makes a sender's domain one that may send."""
    client = boto3.client(
        "sesv2",
        endpoint_url=given["url"],
        region_name="eu-west-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="any",
    )
    return client.create_email_identity(EmailIdentity=given["domain"])["IdentityType"]


def sign(given):
    """The Authorization header for a request."""
    headers = {"Content-Type": given["content_type"], "X-Amz-Date": given["date"]}
    request = AWSRequest(given["method"], given["url"], headers=headers, data=given["body"].encode())
    request.context["timestamp"] = given["date"]
    auth = SigV4Auth(Credentials(given["key_id"], given["secret"]), "ses", "eu-west-1")
    signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    signed = auth.signed_headers(auth.headers_to_sign(request))
    return f"AWS4-HMAC-SHA256 Credential={auth.scope(request)}, SignedHeaders={signed}, Signature={signature}"


print(json.dumps({"verify": verify, "sign": sign}[sys.argv[1]](json.loads(sys.argv[2]))))
