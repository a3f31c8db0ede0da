"""Gets a token with Microsoft's own client for Python, unchanged, and calls App 2 with it: client.py KIND."""

import os
import sys
import urllib.request

import ssl

from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)


def credential(kind):
    get = os.environ.get
    # The lab's authority is none of Microsoft's, which the clients must be told.
    common = {"authority": get("AZURE_AUTHORITY_HOST"), "disable_instance_discovery": True}
    principal = {"tenant_id": get("LAB_TENANT_ID"), "client_id": get("LAB_CLIENT_ID")}
    if kind == "managed-identity":
        return ManagedIdentityCredential()
    if kind == "client-secret":
        return ClientSecretCredential(client_secret=get("LAB_CLIENT_SECRET"), **principal, **common)
    if kind == "client-certificate":
        return CertificateCredential(certificate_path=get("LAB_CERTIFICATE_FILE"), **principal, **common)
    if kind == "workload-identity":
        return WorkloadIdentityCredential(token_file_path=get("LAB_FEDERATED_TOKEN_FILE"), **principal, **common)
    raise SystemExit(f"unknown kind {kind}")


def main(kind):
    token = credential(kind).get_token(os.environ["EASYAUTH_DOCTOR_RESOURCE"] + "/.default").token
    request = urllib.request.Request(os.environ["EASYAUTH_DOCTOR_TARGET"], headers={"Authorization": f"Bearer {token}"})
    authority = os.environ.get("LAB_CA_FILE")
    context = ssl.create_default_context(cafile=authority) if authority else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        status = opener.open(request, timeout=20).status
    except urllib.error.HTTPError as error:
        status = error.code
    print(f"{kind} {status}")
    # 200: App 2 allows the caller. 403: the token is valid, and App 2's policy refuses this caller.
    return 0 if status in (200, 403) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
