import { describe, expect, it } from "vitest";
import { requireSecrets } from "../provider/config";

function check(config: Record<string, string>, secret: string[], inFile?: unknown): void {
  requireSecrets({
    isSecret: (key) => secret.includes(key),
    get: (key) => config[key],
    serversInFile: () => inFile,
  });
}

describe("requireSecrets", () => {
  it("accepts secrets, and what is not set", () => {
    check({}, []);
    check({ "kerio:password": "planted", "kerio:url": "https://mail.example.com" }, ["kerio:password"]);
    check({ "kerio:servers": '{"west":{"password":"planted"}}' }, ["kerio:servers"]);
    check({ "kerio:servers": '{"west":{"url":"https://mail.example.com"}}' }, []);
  });

  it("refuses secrets in clear, with the commands, without the values", () => {
    const config = {
      "kerio:password": "planted",
      "kerio:sshPassphrase": "planted",
      "kerio:servers": '{"west.coast":{"sshPrivateKey":"planted"},"east":{"password":"planted"}}',
    };
    let text = "";
    try {
      check(config, ["kerio:sshPassphrase"]);
    } catch (error) {
      expect(error).toMatchObject({ code: "CONFIG_NOT_SECRET" });
      text = (error as Error).message;
    }
    expect(text).toContain("pulumi config set --secret kerio:password`,");
    expect(text).toContain("pulumi config set --path --secret 'kerio:servers.east.password'");
    expect(text).toContain(`'kerio:servers["west.coast"].sshPrivateKey'`);
    expect(text).not.toContain("sshPassphrase");
    expect(text).not.toContain("planted");
  });

  it("tells an entry in clear beside a secret one by the stack's file", () => {
    const config = { "kerio:servers": '{"west":{"password":"planted"},"east":{"password":"hidden"}}' };
    const secret = { secure: "v1:AAAA" };
    const refused = {
      code: "CONFIG_NOT_SECRET",
      message: expect.stringContaining("kerio:servers.west.password") as string,
    };
    const inClear = { west: { password: "planted" }, east: { password: secret } };
    expect(() => check(config, ["kerio:servers"], inClear)).toThrow(expect.objectContaining(refused));
    check(config, ["kerio:servers"], { west: { password: secret }, east: { password: secret } });
    check(config, ["kerio:servers"], { west: { password: "of another file" } });
    check(config, ["kerio:servers"], undefined);
  });
});
