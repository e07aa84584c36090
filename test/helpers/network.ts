import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** The way from us to one port of the mail host, which can be cut, or swallow everything, and heal again. */
export class Network {
  private readonly sockets = new Set<Socket>();
  /** Those of them that lead to the mail host. */
  private readonly far = new Set<Socket>();
  private state: "open" | "cut" | "hole" = "open";

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on("connection", (socket) => this.connected(socket));
  }

  /** Opens a way to a port of this machine. */
  static async to(target: number): Promise<Network> {
    const server = createServer();
    const network = new Network(server, target);
    await new Promise<void>((done, fail) => server.once("error", fail).listen(0, "127.0.0.1", done));
    return network;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Every connection is reset, and new ones are too. */
  cut(): void {
    this.state = "cut";
    this.reset();
  }

  /** Connections stay open, or open, and nothing passes through them. */
  swallow(): void {
    this.state = "hole";
  }

  /** The mail host gives its ends of the connections up, as one does that has heard nothing for long; nobody here hears of it. */
  hangUp(): void {
    for (const socket of this.far) socket.resetAndDestroy();
  }

  /** New connections go through; the old ones are reset, as by a router that has forgotten them. */
  heal(): void {
    this.state = "open";
    this.reset();
  }

  async close(): Promise<void> {
    this.reset();
    await new Promise<void>((done) => this.server.close(() => done()));
  }

  private reset(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  private connected(socket: Socket): void {
    if (this.state === "cut") return void socket.resetAndDestroy();
    const far = connect(this.target, "127.0.0.1");
    this.far.add(far);
    far.once("close", () => this.far.delete(far));
    for (const [from, to] of [
      [socket, far],
      [far, socket],
    ] as const) {
      this.sockets.add(from);
      from.setNoDelay(true);
      from.on("data", (data) => this.state === "open" && to.write(data));
      from.on("error", () => from.destroy());
      from.once("end", () => this.state === "open" && to.end());
      from.once("close", () => {
        this.sockets.delete(from);
        if (this.state !== "hole") to.destroy();
      });
    }
  }
}
