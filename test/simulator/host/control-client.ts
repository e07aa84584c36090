import type { ControlRequests } from "./control-types";

/** Talks to the control door of a stand-in; every request is bounded to 120 s (a service command may take its time). */
export class ControlClient implements ControlRequests {
  constructor(private readonly url: string) {}

  truth = () => this.get<Awaited<ReturnType<ControlRequests["truth"]>>>("truth");
  service = () => this.get<Awaited<ReturnType<ControlRequests["service"]>>>("service");
  deliveries = () => this.get<Awaited<ReturnType<ControlRequests["deliveries"]>>>("deliveries");
  bounces = () => this.get<Awaited<ReturnType<ControlRequests["bounces"]>>>("bounces");
  logins = () => this.get<Awaited<ReturnType<ControlRequests["logins"]>>>("logins");
  calls = () => this.get<Awaited<ReturnType<ControlRequests["calls"]>>>("calls");
  downtimes = () => this.get<Awaited<ReturnType<ControlRequests["downtimes"]>>>("downtimes");

  directories: ControlRequests["directories"] = (domain) => this.get(`directories?${query({ domain })}`);
  messages: ControlRequests["messages"] = (domain, user) => this.get(`messages?${query({ domain, user })}`);
  fault: ControlRequests["fault"] = (name, options = {}) => this.send("POST", "faults", { name, options });
  clearFaults: ControlRequests["clearFaults"] = () => this.send("DELETE", "faults");
  login: ControlRequests["login"] = (user, password) => this.send("POST", "login", { user, password });
  submit: ControlRequests["submit"] = (sender, recipients, message) =>
    this.send("POST", "submit", { sender, recipients, message });
  setSwitch: ControlRequests["setSwitch"] = (k, v) => this.send("POST", "set-switch", { k, v });
  command: ControlRequests["command"] = (command) => this.send("POST", "service", { command });

  private get<T>(path: string): Promise<T> {
    return this.send("GET", path);
  }

  private async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}/${path}`, {
      method,
      signal: AbortSignal.timeout(120_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const value: unknown = await response.json();
    if (!response.ok) throw new Error(`control door, ${method} ${path}: ${(value as { error: string }).error}`);
    return value as T;
  }
}

function query(values: Record<string, string>): string {
  return new URLSearchParams(values).toString();
}
