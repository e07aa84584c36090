/** What the Administration API client needs to know; a part of the settings of one server. */
export interface ApiSettings {
  /** `https://host:port`, without a path. */
  url: string;
  username: string;
  password: string;
  /** Certificates in PEM that alone are trusted; the system's authorities when left out. */
  ca?: string;
  timeouts: {
    /** Seconds for one call, from the start of the connection to the end of the answer. */
    request: number;
    /** Seconds for a connection, the TLS handshake included. */
    connect: number;
  };
  /** The entry of `kerio:servers` these settings are from, so that errors name the right keys; `""` or absent: none. */
  name?: string;
  /** Environment variables that errors name beside the stack's configuration. */
  variables?: Readonly<Record<string, string>>;
}
