/** The port of one service. Opening and closing follow one another, also when a stop and a start arrive together. */
export interface Door {
  /** The port that is open, or that will be opened. */
  readonly port: number;
  /** Opens or closes it; resolved when it is so. Rejects when the port cannot be opened. */
  listen(on: boolean): Promise<void>;
  /** Who is connected; left out where that is not kept. */
  connections?(): Connection[];
}

/** A client of a service. */
export interface Connection {
  /** The client's address. */
  from: string;
  /** Milliseconds of the epoch. */
  since: number;
  isSecure: boolean;
}
