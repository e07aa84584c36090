import { webcrypto } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { utils } from "ssh2";
import type { Layout } from "./layout";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const tenYears = 10 * 365 * 24 * 3600 * 1000;

/** The server certificate of a stand-in. */
export interface ServerCertificate {
  certificateFile: string;
  keyFile: string;
}

/** Makes the stand-in's own authority and a certificate for 127.0.0.1 and localhost, unless the directory has them. */
export async function ensureCertificates(layout: Layout): Promise<ServerCertificate> {
  const files = {
    certificateFile: join(layout.certificateDir, "server.crt"),
    keyFile: join(layout.certificateDir, "server.key"),
  };
  if (existsSync(layout.caFile) && existsSync(files.certificateFile) && existsSync(files.keyFile)) return files;
  mkdirSync(layout.certificateDir, { recursive: true });
  const notBefore = new Date(Date.now() - 3_600_000);
  const notAfter = new Date(Date.now() + tenYears);
  const caKeys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=Stand-in certificate authority",
    serialNumber: "01",
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    keys: caKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: "CN=localhost",
    issuer: ca.subject,
    serialNumber: "02",
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "ip", value: "127.0.0.1" },
        { type: "dns", value: "localhost" },
      ]),
    ],
  });
  const privateKey = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey("pkcs8", keys.privateKey),
    "PRIVATE KEY",
  );
  writeFileSync(files.keyFile, privateKey, { mode: 0o600 });
  writeFileSync(files.certificateFile, `${certificate.toString("pem")}\n`);
  writeFileSync(layout.caFile, `${ca.toString("pem")}\n`);
  return files;
}

/** An SSH key pair in OpenSSH's own forms. */
export interface SshKey {
  private: string;
  public: string;
}

/** A new ed25519 key pair. */
export function newSshKey(comment: string): SshKey {
  for (;;) {
    const key = utils.generateKeyPairSync("ed25519", { comment });
    // About one in 250 of the library's keys is malformed: neither it nor OpenSSH can read them.
    if (!(utils.parseKey(key.private) instanceof Error)) return { private: key.private, public: key.public.trim() };
  }
}

/** The ed25519 key in `file` (its public half in `file.pub`), made now if there is none. */
export function ensureSshKey(file: string, comment: string): SshKey {
  if (existsSync(file)) {
    return { private: readFileSync(file, "utf8"), public: readFileSync(`${file}.pub`, "utf8").trim() };
  }
  const key = newSshKey(comment);
  writeFileSync(file, key.private, { mode: 0o600 });
  writeFileSync(`${file}.pub`, `${key.public}\n`);
  return key;
}
