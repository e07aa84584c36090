/**
 * Gathers requests that arrive together and carries them out in one go, so that the number of calls does not grow
 * with the number of resources.
 */
export class Batch<Request, Result> {
  private waiting: { request: Request; resolve(result: Result): void; reject(error: unknown): void }[] = [];

  /**
   * @param run carries out all requests; result `i` belongs to request `i`
   * @param gather milliseconds to wait for further requests after the first. The engine sends its calls a few
   *   milliseconds apart, so a twentieth of a second is enough and not felt.
   */
  constructor(
    private readonly run: (requests: Request[]) => Promise<(Result | Error)[]>,
    private readonly gather = 50,
  ) {}

  /** Hands in one request. Rejects with the request's own error, or with the one that befell all. */
  add(request: Request): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, resolve, reject });
      if (this.waiting.length === 1) setTimeout(() => void this.flush(), this.gather);
    });
  }

  private async flush(): Promise<void> {
    const all = this.waiting;
    this.waiting = [];
    try {
      const results = await this.run(all.map((one) => one.request));
      all.forEach((one, index) => {
        const result = results[index];
        if (result instanceof Error) one.reject(result);
        else one.resolve(result as Result);
      });
    } catch (error) {
      for (const one of all) one.reject(error);
    }
  }
}
