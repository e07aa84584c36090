import * as tls from "node:tls";
import { X509Certificate } from "node:crypto";
import { orVariable, settingCommand, settingKey } from "../setting-key";
import type { ApiSettings } from "./api-settings";

/**
 * A certificate that stands in the trusted file itself is the server's own, whatever name it bears: self-signed ones
 * are often made for another name than the one in use. Every other certificate must bear the host's name.
 */
export function identityCheck(ca: string | undefined): typeof tls.checkServerIdentity {
  const pinned = new Set(pemCertificates(ca).map((certificate) => certificate.fingerprint256));
  return (host, peer) => (pinned.has(peer.fingerprint256) ? undefined : tls.checkServerIdentity(host, peer));
}

/**
 * The certificates in a PEM text, in its order.
 * @throws Error when one of them cannot be parsed
 */
export function pemCertificates(text: string | undefined): X509Certificate[] {
  const blocks = text?.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

const certificateProblems: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its authority is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its authority is not trusted",
  UNABLE_TO_GET_ISSUER_CERT: "its authority is not trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its authority is not trusted",
  CERT_SIGNATURE_FAILURE: "its signature is wrong",
  CERT_UNTRUSTED: "its authority is not trusted",
  CERT_REJECTED: "it is rejected",
  CERT_REVOKED: "it is revoked",
  INVALID_CA: "its authority may not sign certificates",
  INVALID_PURPOSE: "it is not made for servers",
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet",
  HOSTNAME_MISMATCH: "it is made for another name",
  ERR_TLS_CERT_ALTNAME_INVALID: "it is made for another name",
};

/** What is wrong with a certificate, by Node's error code; undefined when the error is about something else. */
export function certificateProblem(code: string): string | undefined {
  return certificateProblems[code];
}

/** What to do about a certificate that is refused with that code. */
export function certificateAdvice(code: string, settings: ApiSettings): string {
  if (code === "CERT_HAS_EXPIRED") return "Renew the certificate of the mail server.";
  if (code === "CERT_NOT_YET_VALID") return "Compare the clocks of this machine and of the mail server.";
  const command = settingCommand("caFile", settings.name, { example: "ca.pem" }) + orVariable("caFile", settings);
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || code === "HOSTNAME_MISMATCH") {
    const url = settingKey("url", settings.name);
    return `Use a name the certificate bears in ${url}, or pin the server's own certificate: ${command}.`;
  }
  return `Save the certificate of its authority (or the server's own, when it is self-signed) as a PEM file and name it: ${command}.`;
}
