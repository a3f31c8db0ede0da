// Gets a token with Microsoft's own client for Node, unchanged, and calls App 2 with it: node client.mjs KIND.
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";

const env = process.env;
// The lab's authority is none of Microsoft's, which the clients must be told.
const common = { authorityHost: env.AZURE_AUTHORITY_HOST, disableInstanceDiscovery: true };
const makers = {
  "managed-identity": () => new ManagedIdentityCredential(),
  "client-secret": () =>
    new ClientSecretCredential(env.LAB_TENANT_ID, env.LAB_CLIENT_ID, env.LAB_CLIENT_SECRET, common),
  "client-certificate": () =>
    new ClientCertificateCredential(
      env.LAB_TENANT_ID,
      env.LAB_CLIENT_ID,
      { certificatePath: env.LAB_CERTIFICATE_FILE },
      common,
    ),
  "workload-identity": () =>
    new WorkloadIdentityCredential({
      tenantId: env.LAB_TENANT_ID,
      clientId: env.LAB_CLIENT_ID,
      tokenFilePath: env.LAB_FEDERATED_TOKEN_FILE,
      ...common,
    }),
};

const kind = process.argv[2];
const { token } = await makers[kind]().getToken(`${env.EASYAUTH_DOCTOR_RESOURCE}/.default`);
const answer = await fetch(env.EASYAUTH_DOCTOR_TARGET, { headers: { Authorization: `Bearer ${token}` } });
console.log(`${kind} ${answer.status}`);
// 200: App 2 allows the caller. 403: the token is valid, and App 2's policy refuses this caller.
process.exit([200, 403].includes(answer.status) ? 0 : 1);
