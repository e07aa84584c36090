import { readFileSync } from "node:fs";
import type { StandInInfo } from "../simulator/host/stand-in";
import { standardPrefix, type ContractServer } from "./contract-server";

/** A stand-in as a server to ask. */
export function ownServer(info: StandInInfo): ContractServer {
  return {
    url: info.adminUrl,
    username: info.admin.user,
    password: info.admin.password,
    ca: readFileSync(info.caFile, "utf8"),
    domain: "example.com",
    smtp: { host: info.smtp.host, port: info.smtp.port },
    sender: "sender@example.org",
    prefix: standardPrefix,
  };
}
