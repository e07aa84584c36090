import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { HostFaults } from "../host-faults";

/** A connection as the SSH server sees it: the socket, with the faults of a bad network in between. */
export class Wire extends Duplex {
  readonly remoteAddress: string | undefined;
  readonly remoteFamily: string | undefined;
  readonly remotePort: number | undefined;
  private bytesLeft = Number.POSITIVE_INFINITY;

  constructor(
    private readonly socket: Socket,
    private readonly faults: HostFaults,
  ) {
    super({ allowHalfOpen: false });
    this.remoteAddress = socket.remoteAddress;
    this.remoteFamily = socket.remoteFamily;
    this.remotePort = socket.remotePort;
    this.measure();
    socket.on("data", (data: Buffer) => {
      if (this.swallows(data)) return;
      if (!this.push(data)) socket.pause();
    });
    socket.on("end", () => this.push(null));
    // A reset is an end like any other; the SSH server hears of it through `close`.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.destroy());
    faults.on("change", this.measure);
    faults.on("drop", this.cut);
  }

  /** As on a socket; the SSH library calls it. */
  setNoDelay(noDelay?: boolean): this {
    this.socket.setNoDelay(noDelay);
    return this;
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(data: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.swallows(data) || !this.socket.writable) return done();
    this.socket.write(data, () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.faults.off("change", this.measure);
    this.faults.off("drop", this.cut);
    this.socket.destroy();
    done(error);
  }

  private readonly measure = (): void => {
    const fault = this.faults.look("ssh-drop-after");
    this.bytesLeft = fault ? (fault.bytes ?? 0) : Number.POSITIVE_INFINITY;
    if (this.bytesLeft <= 0) this.cut();
  };

  private readonly cut = (): void => {
    this.socket.resetAndDestroy();
    this.destroy();
  };

  private swallows(data: Buffer): boolean {
    if (this.faults.look("ssh-black-hole")) return true;
    this.bytesLeft -= data.length;
    if (this.bytesLeft >= 0) return false;
    this.cut();
    return true;
  }
}
