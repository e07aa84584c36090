import type { Socket } from "node:net";

/** The port of one service. Opening and closing follow one another, also when a stop and a start arrive together. */
export interface Door {
  /** The port that is open, or that will be opened. */
  readonly port: number;
  /** Opens or closes it; resolved when it is so. Rejects when the port cannot be opened. */
  listen(on: boolean): Promise<void>;
  /** Who is connected. */
  connections(): Connection[];
}

/**
 * What is behind a port: takes a client over, watches over its silence, and says of the connection when it becomes secure.
 * Gives how to say goodbye to it; without that it is cut off when the service stops.
 */
export type Serve = (socket: Socket, connection: Connection) => (() => void) | undefined;

/** A client of a service. */
export interface Connection {
  /** The client's address. */
  from: string;
  /** Milliseconds of the epoch. */
  since: number;
  isSecure: boolean;
}
