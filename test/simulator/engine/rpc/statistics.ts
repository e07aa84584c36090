import { statfsSync } from "node:fs";
import type { Counter } from "../counters.js";
import type { Engine } from "../engine.js";
import { method, partly, type Interface } from "./method.js";
import { nothing } from "./schemas.js";

/** The interface Statistics; counters are strings, as on a live server. */
export const statistics: Interface = {
  get: partly(
    "counted are deliveries, refusals, deferrals, logins, connections and calls; what the stand-in does not do stays 0",
    method(nothing, (_, { engine }) => ({ statistics: statisticsOf(engine) })),
  ),

  reset: method(nothing, (_, { engine }) => {
    engine.counters.reset();
    return {};
  }),
};

const none = "0";

function statisticsOf(engine: Engine): object {
  const count = (counter: Counter) => String(engine.counters.of(counter));
  const volume = (counter: Counter) => ({ value: engine.counters.of(counter), units: "Bytes" });
  const through = (messages: Counter, bytes?: Counter) => ({
    count: count(messages),
    volume: bytes ? volume(bytes) : { value: 0, units: "Bytes" },
    recipients: count(messages),
  });
  const connections = (counter: Counter, failures?: Counter) => ({
    totalIncomingConnections: count(counter),
    authenticationFailures: failures ? count(failures) : none,
  });
  return {
    start: Math.floor(engine.startedAt / 1000),
    uptime: since(engine.startedAt),
    storage: storageOf(engine),
    received: through("received", "receivedBytes"),
    storedInQueue: through("storedInQueue"),
    transmitted: through("transmitted", "transmittedBytes"),
    deliveredToLocals: through("deliveredToLocals", "deliveredToLocalsBytes"),
    mx: { count: none, volume: { value: 0, units: "Bytes" }, recipients: none },
    relay: { count: none, volume: { value: 0, units: "Bytes" }, recipients: none },
    failures: { transientFailures: count("transientFailures"), permanentFailures: count("permanentFailures") },
    deliveryStatus: { success: none, delay: none, failure: none },
    antivirus: { checkedAttachments: none, foundViruses: none, prohibitedTypes: none },
    spam: { checked: none, tagged: none, rejected: none, markedAsSpam: none, markedAsNotSpam: none },
    other: { largest: { value: 0, units: "Bytes" }, loops: none },
    smtpServer: {
      totalIncomingConnections: count("smtpConnections"),
      lostConnections: none,
      rejectedByBlacklist: none,
      authenticationAttempts: count("smtpLogins"),
      authenticationFailures: count("smtpLoginFailures"),
      rejectedRelays: count("smtpRejectedRelays"),
      acceptedMessages: count("received"),
    },
    smtpClient: { connectionAttempts: none, dnsFailures: none, connectionFailures: none, connectionLosses: none },
    pop3Server: { ...connections("pop3Connections"), sentMessages: none },
    pop3Client: {
      connectionAttempts: none,
      connectionFailures: none,
      authenticationFailures: none,
      totalDownloads: none,
    },
    imapServer: connections("imapConnections", "imapLoginFailures"),
    ldapServer: { ...connections("ldapConnections"), totalSearchRequests: none },
    webServer: { totalIncomingConnections: count("webConnections") },
    xmppServer: connections("xmppConnections"),
    dnsResolver: { hostnameQueries: none, cachedHostnameQueries: none, mxQueries: none, cachedMxQueries: none },
    antibombing: { rejectedConnections: none, rejectedMessages: none, rejectedHarvestAttacks: none },
    greylisting: { messagesAccepted: none, messagesDelayed: none, messagesSkipped: none },
  };
}

/** Time gone by, in the units of the administration. */
export function since(at: number, until = Date.now()): { days: number; hours: number; minutes: number } {
  const minutes = Math.max(0, Math.floor((until - at) / 60_000));
  return { days: Math.floor(minutes / 1440), hours: Math.floor((minutes % 1440) / 60), minutes: minutes % 60 };
}

function storageOf(engine: Engine): object {
  const disk = statfsSync(engine.programDir);
  const total = Math.floor((disk.blocks * disk.bsize) / 1_048_576);
  const occupied = Math.floor(((disk.blocks - disk.bfree) * disk.bsize) / 1_048_576);
  return {
    total: { value: total, units: "MegaBytes" },
    occupied: { value: occupied, units: "MegaBytes" },
    percentage: String(total > 0 ? Math.floor((occupied * 100) / total) : 0),
  };
}
